# fold.jq - the state of every message of a group's log, a line each:
#
#     jq -nc -f fold.jq DATA_DIR/NAME.jsonl
#
# gives what "msgextctl show GROUP --json" gives.  Of each key the change with
# the highest Seq counts, whatever the order of the lines and however often one
# stands there; a delete is a change too; what a clear or a snapshot covers is
# gone.  At equal Seq a line that names it in Erased wins, then a delete, then the
# larger value.  Of a version that some line names so, only what such lines have counts.

def is_snapshot: .Snapshot != null and .CallbackCommand == null;

# The ranges of Erased, in order and apart.  Any other value is a member of the vendor's, and says nothing.
def erased:
	(.Erased // []) as $list
	| if ($list | type) == "array"
		and all($list[]; type == "array" and length == 2 and all(.[]; type == "number" and . == floor and . >= 0))
		and all($list[]; .[0] <= .[1])
		and all(range(1; $list | length); $list[. - 1][1] < $list[.][0])
	  then $list else [] end;

def among($ranges): . as $seq | any($ranges[]; .[0] <= $seq and $seq <= .[1]);

# What a line says of keys:
# [key, [Seq, does the line name it in Erased, is it a delete, value], the snapshot that lists it]
def changes:
	is_snapshot as $snapshot
	| (.WholeSeq // 0) as $whole
	| (.OperateType == 2 and ($snapshot | not)) as $deletes
	| erased as $erased
	| def rank($delete; $value): (.Seq | among($erased)) as $left | [.Seq, $left, $delete, $value];
	  ((.ExtensionList // [])[] | [.Key, if $deletes then rank(true; null)
		else rank(false; .Value // "") end, if $snapshot then $whole else 0 end]),
	  (if $snapshot then (.Deleted // [])[] | [.Key, rank(true; null), 0] else empty end),
	  (if $snapshot then (.Unlisted // [])[] | [.Key, rank(.Value == null; .Value), 0] else empty end);

def line: {
	GroupId, MsgSeq, changes: [changes], erased: erased,
	latest: (.Seq // .LatestSeq),
	clear: (if is_snapshot then .ClearSeq elif .OperateType == 3 then .Seq else 0 end),
	whole: (if is_snapshot then .WholeSeq else 0 end)};

[inputs | select(.OperateType != null or .Snapshot != null) | line]
| group_by(.MsgSeq)[]
| (map(.clear) | max) as $clear
| (map(.whole) | max) as $whole
| (map(.erased) | add) as $erased
| {GroupId: .[0].GroupId, MsgSeq: .[0].MsgSeq, LatestSeq: (map(.latest) | max), ClearSeq: $clear,
	ExtensionList: ([.[].changes[]] | group_by(.[0])
		| map({Key: .[0][0], Value: (map(.[1]) | max[3]), Seq: (map(.[1]) | max[0]),
			left: (map(.[1]) | max[1]), listed: (map(.[2]) | max)}
		| select(.Value != null and .Seq > $clear and (.Seq > $whole or .listed == $whole)
			and (.left or (.Seq | among($erased) | not)))
		| del(.listed, .left))
		| sort_by(.Seq, .Key))}
