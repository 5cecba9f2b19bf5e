# fold.jq - the state of every message of a group's log, a line each:
#
#     jq -nc -f fold.jq DATA_DIR/NAME.jsonl
#
# gives what "msgextctl show GROUP --json" gives.  Of each key the change with
# the highest Seq counts, whatever the order of the lines and however often one
# stands there; a delete is a change too; what a clear or a snapshot covers is
# gone.  At equal Seq a delete wins, then the larger value.

def is_snapshot: .Snapshot != null and .CallbackCommand == null;

# What a line says of keys: [key, [Seq, is it a delete, value], the snapshot that lists it]
def changes:
	is_snapshot as $snapshot
	| (.WholeSeq // 0) as $whole
	| (.OperateType == 2 and ($snapshot | not)) as $deletes
	| ((.ExtensionList // [])[] | [.Key, if $deletes then [.Seq, true, null]
		else [.Seq, false, .Value // ""] end, if $snapshot then $whole else 0 end]),
	  (if $snapshot then (.Deleted // [])[] | [.Key, [.Seq, true, null], 0] else empty end),
	  (if $snapshot then (.Unlisted // [])[] | [.Key, [.Seq, .Value == null, .Value], 0] else empty end);

def line: {
	GroupId, MsgSeq, changes: [changes],
	latest: (.Seq // .LatestSeq),
	clear: (if is_snapshot then .ClearSeq elif .OperateType == 3 then .Seq else 0 end),
	whole: (if is_snapshot then .WholeSeq else 0 end)};

[inputs | select(.OperateType != null or .Snapshot != null) | line]
| group_by(.MsgSeq)[]
| (map(.clear) | max) as $clear
| (map(.whole) | max) as $whole
| {GroupId: .[0].GroupId, MsgSeq: .[0].MsgSeq, LatestSeq: (map(.latest) | max), ClearSeq: $clear,
	ExtensionList: ([.[].changes[]] | group_by(.[0])
		| map({Key: .[0][0], Value: (map(.[1]) | max[2]), Seq: (map(.[1]) | max[0]),
			listed: (map(.[2]) | max)}
		| select(.Value != null and .Seq > $clear and (.Seq > $whole or .listed == $whole))
		| del(.listed))
		| sort_by(.Seq, .Key))}
