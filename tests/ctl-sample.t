#!/bin/sh
# msgextctl sample: a request that works.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/servers.sh"
. "$(dirname "$0")/ctl.sh"

start_lighttpd
"$msgextctl" sample --url "$url" >"$scratch/sample" 2>"$scratch/stderr"
is "$(sh -c "alias curl='curl $curl_options'
$(cat "$scratch/sample")")" "$answer_ok" 'sample prints a request that is taken'
is "$("$msgextctl" groups --json | jq -r 'select(.GroupId == "msgext-sample").Events')" 1 'the request that sample prints is stored'
sed 's/"MsgSeq":[0-9]*/"MsgSeq":7/' "$scratch/sample" >"$scratch/later"
sh -c "alias curl='curl $curl_options'
$(cat "$scratch/later")" >/dev/null
ctl gaps msgext-sample
is "$out" '' 'two samples leave no gap between them'
stop_server
sed -i /^token/d "$config"
done_testing
