#!/bin/sh
# msgextctl tally -f: a picture that is drawn again while votes come in.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ctl.sh"

LC_ALL=C.UTF-8
TERM=xterm
export LC_ALL TERM
esc=$(printf '\033')

# Off a terminal: each change is another answer.
"$msgextctl" tally other 1 -f --json >"$scratch/followed" &
follower=$!
# lines_are FILE COUNT
lines_are() {
	[ "$(wc -l <"$1")" -ge "$2" ]
}
wait_for lines_are "$scratch/followed" 1
event other 1 1 57 '{"Key":"l","Value":"v"}'
wait_for lines_are "$scratch/followed" 2
event other 2 1 1 '{"Key":"l","Value":"another message"}'
event other 1 1 59 '{"Key":"k","Value":"w"}'
wait_for lines_are "$scratch/followed" 3
kill $follower
is "$(jq -c '[.LatestSeq, [.Tally[].Count], .Missing]' "$scratch/followed" | paste -sd' ')" '[56,[1],[]] [57,[2],[]] [59,[1,1],[[58,58]]]' \
	'tally -f --json: a line a change'
for options in --csv '--at 1h' '--as-of 3'; do
	# shellcheck disable=SC2086
	ctl_exits 64 tally other 1 -f $options
done

# On a terminal, with an interrupt at the end: what a screen shows then.
cat >"$scratch/live.py" <<'PYTHON'
# live.py SCRATCH ROWS ARGUMENT...: runs it on a terminal of 40 columns; writes what comes out to SCRATCH/drawn;
# interrupts it when SCRATCH/interrupt is there; prints the screen that is left, and how it ended.
import fcntl, os, pty, re, select, signal, struct, sys, termios
scratch, rows, command = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
signal.alarm(30)
pid, terminal = pty.fork()
if pid == 0:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # which a shell takes from what it begins in the background
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack('HHHH', rows, 40, 0, 0))
    os.execvp(command[0], command)
data = b''
while not os.path.exists(scratch + '/interrupt'):
    if select.select([terminal], [], [], 0.05)[0]:
        data += os.read(terminal, 65536)
        with open(scratch + '/drawn', 'wb') as file:
            file.write(data)
os.write(terminal, b'\x03')
while True:
    try:
        more = os.read(terminal, 65536)
    except OSError:
        break
    if not more:
        break
    data += more
ended = os.waitpid(pid, 0)[1]
screen, row = [''], 0
for part in re.findall(r'\x1b\[[?0-9;]*[A-Za-z]|\r|\n|[^\x1b\r\n]+', data.decode()):
    if part[-1] == 'A' and part[0] == '\x1b':
        row -= int(part[2:-1])
        assert row >= 0
    elif part == '\x1b[J':
        del screen[row + 1:]
        screen[row] = ''
    elif part == '\n':
        row += 1
        if row == len(screen):
            screen.append('')
    elif part[0] not in '\x1b\r':
        screen[row] = screen[row] + part[:40]
print('\n'.join(line.rstrip() for line in screen))
print('ended by', signal.Signals(os.WTERMSIG(ended)).name if os.WIFSIGNALED(ended) else ended)
PYTHON
# live ROWS ARGUMENT...: begins; live_end is the end of it.
live() {
	rows=$1
	shift
	rm -f "$scratch/drawn" "$scratch/interrupt"
	python3 "$scratch/live.py" "$scratch" "$rows" "$msgextctl" "$@" >"$scratch/screen" 2>&1 &
	live=$!
}
# shows TEXT: is that drawn by now?
shows() {
	grep -q "$1" "$scratch/drawn" 2>/dev/null
}
live_end() {
	: >"$scratch/interrupt"
	wait $live
	out=$(sed "s/█\|▉\|▊\|▋\|▌\|▍\|▎\|▏//g; s/ *$//; s/ ^C/^C/; s/changed .*/changed .../" "$scratch/screen")
}
event live 1 1 1 '{"Key":"a","Value":"yes"}'
live 24 tally live 1 -f
wait_for shows '1 vote,'
event live 1 1 2 '{"Key":"b","Value":"no"}'
wait_for shows '2 votes,'
event live 1 1 3 '{"Key":"c","Value":"yes"}'
wait_for shows '3 votes,'
live_end
is "$out" "$(lines 'live, message 1' '3 votes, changed ...' 'yes  2   66.7%' 'no   1   33.3%' '^C' 'ended by SIGINT')" \
	'tally -f draws in place, and an interrupt leaves the last picture whole'
is "$(grep -c "$esc\[4A" "$scratch/drawn")" 1 'each picture begins where the one before did'

# More rows than the terminal has; a message that is not there yet.
live 10 tally live 2 -f
for value in 1 2 3 4 5 6 7 8 9; do
	event live 2 1 $value "{\"Key\":\"$value\",\"Value\":\"$value\"}"
done
wait_for shows '9 votes,'
live_end
is "$(echo "$out" | sed -n '2,$p')" "$(lines '9 votes, changed ...' '1  1   11.1%' '2  1   11.1%' '3  1   11.1%' '4  1   11.1%' '5  1   11.1%' '6  1   11.1%' 'and 3 more' '^C' 'ended by SIGINT')" \
	'tally -f draws as many rows as the terminal has, and says how many more there are'
done_testing
