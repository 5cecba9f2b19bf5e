#!/home/USER/msgext/msgext-view
include = /home/USER/msgext/view.conf
