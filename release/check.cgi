#!/home/USER/msgext/msgext
mode = check
include = /home/USER/msgext/msgext.conf
