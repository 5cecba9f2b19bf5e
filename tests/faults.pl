#!/usr/bin/perl
# faults.pl SCRATCH MSGEXT COMMAND - breaks the receiver from outside, and looks
# by promises.py at what is left.  Complaints go to standard output, a line
# each; the last line is a summary that begins with the number of trials.
#
#   fastcgi new|there|torn  each system call of a worker's request fails in turn,
#                           then SIGKILL before each; the log is new, is there,
#                           or ends in a torn line
#   kills COUNT             eight writers of CGI requests, killed at any moment
use strict;
use warnings;
use Cwd ();
use Fcntl ':mode';
use FindBin;
use IO::Socket::UNIX;
use IPC::Open2;
use JSON::PP ();
use POSIX qw(:sys_wait_h);
use Time::HiRes qw(sleep time);
require "$FindBin::Bin/fastcgi-records.pl";

my ($work, $msgext, $command, @arguments) = @ARGV;
$msgext = Cwd::abs_path($msgext);
my $ours = 'Group.CallbackAfterGroupMsgExtension';
my $query = "SdkAppid=1400000000&CallbackCommand=$ours&ClientIP=203.0.113.7&OptPlatform=Android";
my $patience = 30; # seconds after which a request hangs
my $home = "$work/home"; # what the receiver must leave alone, but for
my $data = "$home/data";
my ($listener, $worker, $around, @events);
my ($seq, $trials, $slowest) = (0, 0, 0);

sub complain { print "wrong\t@_\n"; return }

# What is wrong with the directory; events: a list of [state, group, body], as promises.py has it.
my ($to_checker, $from_checker);
sub store_complaints {
	my ($directory, $sent) = @_;
	open2($from_checker, $to_checker, 'python3', '-B', "$FindBin::Bin/promises.py") if !$to_checker;
	print {$to_checker} JSON::PP::encode_json({data => $directory, events => $sent}), "\n";
	$to_checker->flush;
	return @{JSON::PP::decode_json(scalar <$from_checker>)};
}

sub slurp {
	my ($path) = @_;
	open my $file, '<', $path or die "$path: $!\n";
	local $/;
	return <$file> // '';
}

# Everything below a directory but what stands below another, and how it is.
sub listing {
	my ($around, $data) = @_;
	my ($list, @left) = ('', $around);
	while (defined(my $path = shift @left)) {
		next if $path eq $data;
		my @status = Time::HiRes::lstat $path or next;
		$list .= sprintf "%s mode %o uid %d size %d inode %d changed %.6f\n", $path,
		    @status[2, 4, 7, 1, 9];
		next if !S_ISDIR($status[2]);
		opendir my $directory, $path or die "$path: $!\n";
		push @left, map { "$path/$_" } sort grep { !/^\.\.?$/ } readdir $directory;
	}
	return $list;
}

sub body_make {
	my ($padding) = @_;
	$seq++;
	return qq({"CallbackCommand":"$ours","GroupId":"test","MsgSeq":10,"OperateType":1,) .
	    qq("ExtensionList":[{"Key":"key2","Value":") . 'v' x ($padding // 6) .
	    qq(","Seq":$seq}],"Seq":$seq,"EventTime":1764688294360});
}

sub file_put {
	my ($path, $text) = @_;
	open my $file, '>', $path or die "$path: $!\n";
	print $file $text;
	close $file or die "$path: $!\n";
	chmod 0600, $path;
	return;
}

# Runs a program with that standard input, its answer in $work/answer.
sub process_start {
	my ($stdin, $directory, $environment, @run) = @_;
	unlink "$directory/answer";
	my $pid = fork // die "fork: $!\n";
	return $pid if $pid;
	chdir $home;
	POSIX::dup2(fileno $stdin, 0);
	for (['answer', 1], ['stderr', 2]) {
		open my $file, '>', "$directory/$_->[0]" or die "$_->[0]: $!\n";
		POSIX::dup2(fileno $file, $_->[1]);
	}
	%ENV = (%$environment, PATH => $ENV{PATH});
	{ exec @run; }
	POSIX::_exit(127);
}

# Waits until the process is gone: its status, or undef where it is not in time.
sub process_end {
	my ($pid) = @_;
	my $until = time + $patience;
	while (waitpid($pid, WNOHANG) == 0) {
		if (time > $until) {
			kill 'KILL', $pid;
			waitpid $pid, 0;
			return;
		}
		sleep 0.0005;
	}
	return $?;
}

# What a process that was perhaps killed at its very start has answered.
sub answer_read {
	my ($directory) = @_;
	return -e "$directory/answer" ? slurp("$directory/answer") : '';
}

# OK, FAIL, none, or what else the answer is.
sub answer_state {
	my ($text) = @_;
	return 'OK' if $text =~ /\AStatus: 200 OK\r\n.*\r\n\r\n\{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0\}\n\z/s;
	return 'FAIL' if $text =~ /\AStatus: (?:50[037]|4\d\d) .*\r\n\r\n\{"ActionStatus":"FAIL",.*"ErrorCode":1\}\n\z/s;
	return $text =~ /\r\n\r\n.*\n/s ? substr $text, 0, 200 : 'none';
}

# FastCGI

my @errors_plain = qw(EIO EINTR ENOMEM EPERM);
my %errors = (
	openat => [qw(EACCES EMFILE ENFILE ENOSPC EROFS EIO EINTR ENOMEM EDQUOT)],
	write => [qw(EIO ENOSPC EDQUOT EFBIG EINTR EPIPE)],
	read => [qw(EIO EINTR ECONNRESET ENOMEM)],
	pread64 => [qw(EIO EINTR ESTALE)],
	fdatasync => [qw(EIO ENOSPC EDQUOT EINTR EROFS)],
	ftruncate => [qw(EIO EPERM EINTR EROFS)],
	fcntl => [qw(ENOLCK EDEADLK EINTR EINVAL EIO)],
	fstat => [qw(EIO EACCES ENOENT ESTALE ENOMEM)],
	close => [], # closes even where it fails, which an injected failure does not
	mmap => [qw(ENOMEM EAGAIN)],
	dup2 => [qw(EINTR)],
	poll => [qw(EINTR ENOMEM EINVAL)],
	epoll_wait => [qw(EINTR EINVAL)],
	epoll_create1 => [qw(EMFILE ENOSYS EPERM)],
	epoll_ctl => [qw(ENOMEM EPERM)],
	accept => [qw(EINTR EMFILE ENFILE ENOMEM ECONNABORTED EPROTO EAGAIN)],
);
$errors{$_->[0]} = $errors{$_->[1]} for ['open', 'openat'], ['fsync', 'fdatasync'], ['newfstatat', 'fstat'],
    ['munmap', 'mmap'], ['brk', 'mmap'], ['mprotect', 'mmap'], ['accept4', 'accept'], ['select', 'poll'],
    ['epoll_pwait', 'epoll_wait'];

sub worker_start {
	my (@wrapper) = @_;
	$worker = process_start($listener, $work, {}, @wrapper, $msgext, '-c', "$home/msgext.conf");
	return;
}
# strace as a grandchild, so that the worker is our child; what is traced is in $work/trace.
sub strace {
	my ($inject) = @_;
	my @what = defined $inject ? ('-e', 'trace=' . $inject =~ s/:.*//r, '-e', "inject=$inject") : ();
	return ('strace', '-D', '-o', "$work/trace", @what);
}
# Is it gone by itself?
sub worker_gone {
	undef $worker if defined $worker && waitpid($worker, WNOHANG) != 0;
	return !defined $worker;
}
sub worker_stop {
	return if worker_gone();
	kill 'TERM', $worker;
	complain('a worker does not leave') if !defined process_end($worker);
	undef $worker;
	return;
}
sub worker_descriptors { return scalar(() = glob "/proc/$worker/fd/*") }

sub request_make {
	my ($body) = @_;
	return request_begin(0, REQUEST_METHOD => 'POST', QUERY_STRING => $query, CONTENT_LENGTH => length $body) .
	    stdin_records($body) . record(5, '');
}

# Asks the worker, which may die over it; a new event, and whether it is answered OK.
sub ask {
	my $body = body_make();
	my ($start, $all, $gone) = (time, '', 0);
	my $socket = IO::Socket::UNIX->new(Peer => "$work/socket") or die "connect: $!\n";
	syswrite $socket, request_make($body);
	vec(my $wanted = '', fileno $socket, 1) = 1;
	for (;;) {
		if (select(my $ready = $wanted, undef, undef, $gone ? 0 : 0.005) > 0) {
			my $count = sysread $socket, $all, 65536, length $all;
			last if !$count && !(!defined $count && $!{EINTR});
		} else {
			last if $gone;
			$gone = worker_gone();
		}
		if (time - $start > $patience) {
			complain('a request hangs');
			last;
		}
	}
	$slowest = time - $start if time - $start > $slowest;
	my $state = answer_state(content_of($all));
	push @events, [$state eq 'OK' ? 'ok' : 'sent', 'test', $body];
	return $state;
}

sub plant {
	my ($scenario) = @_;
	unlink glob "$data/*";
	@events = ();
	return if $scenario eq 'new';
	my $old = body_make();
	my $line = '{"time":"2025-12-02T15:11:34.395Z","SdkAppid":1400000000,' . substr $old, 1;
	push @events, ['ok', 'test', $old];
	push @events, ['torn', 'test', $line =~ s/\].*//r] if $scenario eq 'torn';
	file_put("$data/test.jsonl", "$line\n" . ($scenario eq 'torn' ? $events[-1][2] : ''));
	return;
}

sub trial {
	my ($scenario, $inject, $descriptors) = @_;
	my $name = "$scenario $inject";
	plant($scenario);
	worker_start(strace($inject));
	my $state = ask();
	complain("$name: the answer: $state") if $state !~ /^(?:OK|FAIL|none)$/;
	complain("$name: a sync fails, and it is answered OK") if $state eq 'OK' && $inject =~ /^f(?:data)?sync:error=(?!EINTR)/;
	# A worker may leave behind its fault; a fresh one takes over.
	my $next = 'none';
	for (1 .. 3) {
		worker_start() if worker_gone();
		$next = ask();
		last if $next eq 'OK';
	}
	complain("$name: no further request is answered OK: $next") if $next ne 'OK';
	worker_stop();
	complain("$name: $_") for store_complaints($data, \@events);
	complain("$name: the torn tail is gone") if $scenario eq 'torn' && !-s "$data/test.torn";
	$trials++;
	return;
}

# A failure of any kind leaves no descriptor behind: the same worker, once more.
sub leaks {
	my ($scenario, $before, @calls) = @_;
	for (@calls) {
		my ($call, $index) = @$_;
		next if $call =~ /^(?:close|accept|shutdown|dup2)/; # what is not closed stays open
		plant($scenario);
		worker_start(strace("$call:error=EIO:when=$index"));
		ask();
		next if worker_gone();
		ask();
		if (!worker_gone() && !idle($before)) {
			complain("$scenario $call $index: leaves a descriptor");
			return worker_stop();
		}
		worker_stop();
	}
	return;
}
# Does the worker come to have that many descriptors?
sub idle {
	my ($wanted) = @_;
	for (1 .. 400) {
		return 1 if worker_gone() || worker_descriptors() <= $wanted;
		sleep 0.01;
	}
	return 0;
}

sub fastcgi {
	my ($scenario) = @_;
	$listener = IO::Socket::UNIX->new(Local => "$work/socket", Listen => 64) or die "socket: $!\n";
	plant($scenario);
	worker_start(strace());
	my $state = ask();
	complain("without any fault: $state") if $state ne 'OK';
	sleep 0.3;
	my $descriptors = worker_descriptors();
	worker_stop();
	sleep 0.3;
	my (%count, @calls, $accepted);
	for (split /\n/, slurp("$work/trace")) {
		my ($call) = /^([a-z0-9_]+)\(/ or next;
		$count{$call}++;
		$accepted = 1 if $call =~ /^accept/;
		# What has to do with signals fails on bad arguments alone, and who we are is always known.
		push @calls, [$call, $count{$call}] if $accepted && $call !~ /^(?:exit_group|rt_sig.*|get.?.id)$/;
	}
	complain('the trace shows no request') if @calls < 15;
	for (@calls) {
		my ($call, $index) = @$_;
		trial($scenario, "$call:error=$_:when=$index") for @{$errors{$call} // \@errors_plain};
		trial($scenario, "$call:signal=KILL:when=$index");
	}
	leaks($scenario, $descriptors, @calls);
	strays_complain();
	printf "%d faults of %d calls, the slowest answer took %.2f s\n", $trials, scalar @calls, $slowest;
	return;
}

# kills

sub cgi_start {
	my ($directory, $body) = @_;
	file_put("$directory/body", $body);
	open my $stdin, '<', "$directory/body" or die "body: $!\n";
	return process_start($stdin, $directory, {GATEWAY_INTERFACE => 'CGI/1.1', REQUEST_METHOD => 'POST',
		QUERY_STRING => $query, CONTENT_LENGTH => length $body, MSGEXT_CONFIG => "$home/msgext.conf"}, $msgext);
}

sub writer {
	my ($number, $kills) = @_;
	my ($killed, $expected, $directory) = (0, 0.02, "$work/writer.$number");
	mkdir $directory;
	srand(($ENV{MSGEXT_SEED} // 0) + $number);
	$seq = $number * 1_000_000;
	open my $list, '>', "$directory/events" or die "events: $!\n";
	while ($killed < $kills) {
		# Long lines, for a kill can fall between two pages of them.
		my $body = body_make(rand() < 0.1 ? 200_000 : 6);
		my $start = time;
		my $pid = cgi_start($directory, $body);
		if (rand() < 0.9) {
			sleep rand 1.2 * $expected;
			kill 'KILL', $pid;
		}
		my $status = process_end($pid);
		my $state = answer_state(answer_read($directory));
		if (!defined $status) {
			complain('a request hangs');
		} elsif ($status == 9) {
			$killed++;
		} else {
			$expected += 0.1 * (time - $start - $expected);
			# Where so many wait, not having the lock in time is right.
			complain("answered $state") if $status != 0 ||
			    $state ne 'OK' && slurp("$directory/stderr") !~ /lock-timeout/;
		}
		print {$list} $state eq 'OK' ? 'ok' : 'sent', "\ttest\t$body\n";
	}
	close $list or die "events: $!\n";
	return;
}

sub kills {
	my ($count) = @_;
	my @pids = map {
		my $pid = fork // die "fork: $!\n";
		if (!$pid) {
			writer($_, $count / 8);
			exit 0;
		}
		$pid;
	} 1 .. 8;
	for (@pids) {
		waitpid $_, 0;
		complain('a writer of the test died') if $? != 0;
	}
	@events = map { [split /\t/, $_, 3] } map { split /\n/, slurp($_) } glob "$work/writer.*/events";
	my $ok = grep { $_->[0] eq 'ok' } @events;
	my $last = body_make();
	process_end(cgi_start($work, $last));
	complain('the request after all of them') if answer_state(answer_read($work)) ne 'OK';
	push @events, ['ok', 'test', $last];
	complain($_) for store_complaints($data, \@events);
	strays_complain();
	complain('the log does not end whole') if slurp("$data/test.jsonl") !~ /\}\n\z/;
	my $torn = -e "$data/test.torn" ? () = slurp("$data/test.torn") =~ /\n/g : 0;
	print "$count kills, ", scalar(@events), " events, $ok answered OK, $torn torn\n";
	return;
}

sub strays_complain {
	complain('something changed beside the data directory') if listing($home, $data) ne $around;
	return;
}

$| = 1;
$SIG{PIPE} = 'IGNORE';
mkdir $_, 0700 for $home, $data;
file_put("$home/msgext.conf", "data_dir = $data\nsdk_app_id = 1400000000\n");
$around = listing($home, $data);
my %commands = (fastcgi => \&fastcgi, kills => \&kills);
($commands{$command // ''} // die "faults.pl: no such command\n")->(@arguments);
