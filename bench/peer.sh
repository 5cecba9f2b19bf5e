#!/bin/sh
# The same job as a script behind webhook(1) does it: $1 is the body.
printf '{"time":"%s","SdkAppid":1400000000,%s\n' "$(date -u +%FT%T.000Z)" "${1#\{}" |
	flock "$PEER_DATA/test.jsonl" tee -a "$PEER_DATA/test.jsonl" >/dev/null
echo '{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}'
