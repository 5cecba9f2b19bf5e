# engine.sh - for tests of msgext-ship: an engine that answers what its database's name says (fake-engine.py), at
# $scratch/engine, and an event of group g to be shipped; needs lib.sh.
# shellcheck shell=sh
# shellcheck disable=SC2034 # the tests use what is set here

ship=$top/build/msgext-ship
HOME=$scratch
export HOME
unset PGSERVICE PGHOST PGSSLMODE
config_make
event g 1 1 1 '{"Key":"k","Value":"v"}'
mkdir "$scratch/engine"
python3 "$top/tests/fake-engine.py" "$scratch/engine/.s.PGSQL.5432" 2>"$scratch/engine.log" &
pids=$!
wait_for test -S "$scratch/engine/.s.PGSQL.5432"
