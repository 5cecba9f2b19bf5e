#!/home/USER/msgext/msgextctl
mode = check
include = /home/USER/msgext/msgext.conf
