# ctl.sh - what the tests of msgextctl's commands share, ctl-*.t: a configuration, two groups, and a way to
# run one command at a time; needs lib.sh.
# shellcheck shell=sh
# shellcheck disable=SC2034 # the tests use what is set here

config_make
MSGEXT_CONFIG=$config
export MSGEXT_CONFIG
unset COLUMNS

# ctl_run ARGUMENT...: runs msgextctl once.  Its answer is in $out, without what differs from run to run, and
# in $scratch/stdout; what it says in $scratch/stderr; its exit status in $status, which the test looks at.
ctl_run() {
	"$msgextctl" "$@" >"$scratch/stdout" 2>"$scratch/stderr"
	status=$?
	out=$(sed 's/....-..-..T..:..:......Z/TIME/g' "$scratch/stdout" | tr -d '\r')
}
# ctl_exits STATUS ARGUMENT...: likewise; a test point that it exits with that.
ctl_exits() {
	wanted=$1
	shift
	ctl_run "$@"
	is "$status" "$wanted" "msgextctl $* exits with $wanted"
	[ "$status" = "$wanted" ] || head -c 2000 "$scratch/stderr" | sed 's/^/# /' >&2
}
# ctl ARGUMENT...: likewise, with 0.
ctl() {
	ctl_exits 0 "$@"
}
lines() {
	printf '%s\n' "$@"
}

# A poll with a gap, a key that turns the direction of writing, and another group.
evil=$(printf 'ev\342\200\256il')
event '@TGS#2J4' 10 1 1 '{"Key":"alice","Value":"投票"},{"Key":"bob","Value":"yes"}'
event '@TGS#2J4' 10 1 2 "{\"Key\":\"carol\",\"Value\":\"yes\"},{\"Key\":\"$evil\",\"Value\":\"no, \\\"never\\\"\"}"
event '@TGS#2J4' 10 2 5 '{"Key":"bob","Value":""}'
event '@TGS#2J4' 10 1 5 '{"Key":"dan","Value":"yes"}'
event '@TGS#2J4' 100 3 7 ''
event 'other' 1 1 56 '{"Key":"k","Value":"v"}'
