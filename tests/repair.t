#!/bin/sh
# msgext-repair: tests/rest/ has the vendor's stand-in.
. "$(dirname "$0")/lib.sh"

PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE
mkdir "$scratch/standin"
ok 'the stand-in is right' python3 "$top/tests/rest/selftest.py" "$scratch/standin"
done_testing
