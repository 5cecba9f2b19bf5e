#!/bin/sh
# msgextctl tally: how many chose what.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ctl.sh"

ctl tally '@TGS#2J4' 10
is "$out" "$(lines '@TGS#2J4, message 10: 4 pairs, version 5, TIME, missing versions 3-4' \
	"yes          2   50.0%  $(printf '%056d' 0 | tr 0 '#')" \
	"no, \"never\"  1   25.0%  $(printf '%028d' 0 | tr 0 '#')" \
	"投票         1   25.0%  $(printf '%028d' 0 | tr 0 '#')")" 'tally: how often each value is there, the most frequent first'
is "$("$msgextctl" tally '@TGS#2J4' 10 --json)" \
	'{"GroupId":"@TGS#2J4","MsgSeq":10,"LatestSeq":5,"Missing":[[3,4]],"Tally":[{"Value":"yes","Count":2},{"Value":"no, \"never\"","Count":1},{"Value":"投票","Count":1}]}' \
	'tally --json: an object with what is missing'
is "$("$msgextctl" tally --by key-prefix a '@TGS#2J4' 10 --csv | tr -d '\r')" \
	"$(lines KeyPrefix,Count,LatestSeq,Missing ,1,5,3-4 c,1,5,3-4 d,1,5,3-4 "$evil,1,5,3-4")" \
	'tally --by key-prefix --csv: a row a letter behind the prefix'
ctl tally '@TGS#2J4' 10 --by key-prefix a
is "$(echo "$out" | head -n 1)" '@TGS#2J4, message 10: 4 pairs, version 5, TIME, missing versions 3-4' \
	'tally --by key-prefix names the missing versions'
# A terminal of 60 columns: the widest bar ends in its last but one.
tally="stty cols 60; LC_ALL=C.UTF-8 '$msgextctl' tally '@TGS#2J4' 10"
is "$(script -qc "$tally" /dev/null | sed -n 3p | tr -d '\r')" \
	"yes          2   50.0%  $(printf '%036d' 0 | sed 's/0/█/g')" 'tally draws blocks on a UTF-8 terminal'
tally="stty cols 60; LC_ALL=C '$msgextctl' tally '@TGS#2J4' 10"
is "$(script -qc "$tally" /dev/null | sed -n '5s/  *1 .*//p')" '\u6295\u7968' \
	'tally draws ASCII on a terminal that is not UTF-8'
done_testing
