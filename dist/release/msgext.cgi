#!/home/USER/msgext/msgext
include = /home/USER/msgext/msgext.conf
