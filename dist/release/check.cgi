#!../../msgext/msgextctl
mode = check
include = ../../msgext/msgext.conf
