#!/bin/sh
# A log of which every version comes twice, far apart: verify does not read it again for each 100,000 of them,
# and tells each conflict once.
. "$(dirname "$0")/lib.sh"

data=$scratch/data
mkdir -m 700 "$data"
perl -e '
	my $line = q({"CallbackCommand":"Group.CallbackAfterGroupMsgExtension","GroupId":"test","MsgSeq":1,) .
	    qq("OperateType":%d,"ExtensionList":[],"Seq":%d,"EventTime":1}\n);
	printf $line, 3, $_ for 1 .. 600000;
	printf $line, 2, 7;
	printf $line, 3, $_ for 1 .. 600000;
	printf $line, 2, 7;' >"$data/test.jsonl"
chmod 600 "$data/test.jsonl"
"$msgextctl" -d "$data" verify >"$scratch/out" 2>"$scratch/stderr"
is "$(cut -d: -f1,2,4 "$scratch/out")" "test.jsonl:600001: conflict
test.jsonl:1200002: conflict" 'each conflict is told once'
strace -o "$scratch/calls" -e trace=open,openat "$msgextctl" -d "$data" verify >/dev/null 2>&1
opened=$(grep -c 'test\.jsonl' "$scratch/calls")
ok "the log is opened $opened times, not once for each 100,000" test "$opened" -ge 1 -a "$opened" -le 4
done_testing
