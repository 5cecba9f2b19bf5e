#!/bin/sh
# msgextctl gaps: which versions are missing.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ctl.sh"

ctl_exits 1 gaps
is "$out" "$(lines 'GroupId   MsgSeq  Count  Missing' '@TGS#2J4      10      2  3-4')" 'gaps: a row a message that lacks versions'
ctl gaps other
is "$out" '' 'gaps says nothing of a group that lacks none'
ctl_exits 1 gaps --json
is "$out" '{"GroupId":"@TGS#2J4","MsgSeq":10,"Missing":[[3,4]]}' 'gaps --json: an object a message'
ctl_exits 1 gaps '@TGS#2J4' --rest
is "$out" '{"GroupId":"@TGS#2J4","MsgSeq":10,"StartSeq":0}' 'gaps --rest: the question to the REST API that closes the gap'
done_testing
