#!/bin/sh
# What people see of tables: on terminals of any width, in pipes and in spreadsheets.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ctl.sh"

# Rows that would look alike: a long value is cut, and what is invisible shown, where it tells them apart.
zwsp=$(printf '\342\200\213')
long=$(printf '%060d' 0)
event alike 1 1 1 "{\"Key\":\"1\",\"Value\":\"yes\"},{\"Key\":\"2\",\"Value\":\"yes$zwsp\"},{\"Key\":\"3\",\"Value\":\"❤️\"},{\"Key\":\"4\",\"Value\":\"${long}a\"}"
event alike 2 1 1 "{\"Key\":\"1\",\"Value\":\"${long}a\"},{\"Key\":\"2\",\"Value\":\"${long}b\"},{\"Key\":\"3\",\"Value\":\"1$long\"}"
tally="stty cols 60; LC_ALL=C.UTF-8 '$msgextctl' tally alike"
is "$(script -qc "$tally 1" /dev/null | sed '1,2d; s/  *1  .*//')" \
	"$(lines "$(printf %.29s "$long")…" yes 'yes\u200B' ❤️)" 'tally shows on a terminal the invisible sign that tells two values apart'
is "$(script -qc "$tally 2" /dev/null | sed '1,2d; s/  *1  .*//')" \
	"$(lines "${long}a" "${long}b" "1$(printf %.28s "$long")…")" 'tally does not cut, on a terminal, what tells two values apart'
show="stty cols 60; LC_ALL=C.UTF-8 '$msgextctl' show alike 1"
is "$(script -qc "$show" /dev/null | sed -n '5,6s/  *1  .*//p')" "$(lines '2    yes\u200B' '3    ❤️')" 'show shows on a terminal the invisible sign that tells two values apart'
is "$("$msgextctl" show alike 1 | sed -n '4s/ *1$//p')" "2    yes$zwsp" 'show writes to a pipe an invisible sign as it is'
rm "$data"/alike.*

# For a spreadsheet.
event excel 1 1 123456789012 '{"Key":"1","Value":"=1+1"},{"Key":"@2","Value":"投票"}'
for arguments in 'groups' 'log excel' 'show excel' 'show excel 1' 'tally excel 1' 'gaps excel' 'verify excel'; do
	# shellcheck disable=SC2086
	ctl_run $arguments --csv=excel
	is "$(head -c 4 "$scratch/stdout" | od -An -tx1),$(tail -c 3 "$scratch/stdout" | od -An -tx1)" ' ef bb bf 22, 22 0d 0a' \
		"$arguments --csv=excel begins with a byte order mark and ends with CR LF"
	is "$(perl -ne 'print unless /^(?:\xef\xbb\xbf)?"[^"]*"(?:,"[^"]*")*\r$/' "$scratch/stdout")" '' "$arguments --csv=excel quotes every cell"
done
is "$("$msgextctl" show excel 1 --csv=excel | tr -d '\r' | sed 1d)" \
	"$(lines "\"1\",\"'=1+1\",\"'123456789012\"" "\"'@2\",\"投票\",\"'123456789012\"")" 'show --csv=excel writes no cell that a spreadsheet takes for a formula'
is "$("$msgextctl" show excel 1 --csv | tr -d '\r')" "$(lines Key,Value,Seq 1,=1+1,123456789012 @2,投票,123456789012)" \
	'show --csv writes the values as they are'
for format in x '' Excel; do
	"$msgextctl" show excel 1 --csv=$format >"$scratch/out" 2>"$scratch/stderr"
	is "$?,$(wc -c <"$scratch/out"),$(grep -c 'must read' "$scratch/stderr")" 64,0,1 "show --csv=$format is refused, and what it must read is named"
done
rm "$data"/excel.*

tally="stty cols 3; timeout 20 '$msgextctl' tally '@TGS#2J4' 10"
is "$(script -qc "$tally" /dev/null | wc -l)" 5 'tally writes all rows to a terminal of three columns'
done_testing
