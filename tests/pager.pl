#!/usr/bin/perl
# pager.pl LOG COMMAND... - runs the command with its output into a pipe that nobody reads, and once it
# stands still, says whether the log can be locked ("free" or "held"); "ended" where it does not.
use strict;
use warnings;
use Fcntl qw(F_SETLK F_WRLCK);
use POSIX ();

my ($path, @command) = @ARGV;
my ($F_SETPIPE_SZ, $FIONREAD) = (1031, 0x541b);
pipe my $read, my $write or die "pipe: $!";
my $size = fcntl $write, $F_SETPIPE_SZ, 4096 or die "pipe: $!";
my $pid = fork // die "fork: $!";
if ($pid == 0) {
	open STDOUT, '>&', $write or die "stdout: $!";
	close $read;
	close $write;
	open STDERR, '>', '/dev/null';
	exec @command or die "$command[0]: $!";
}
close $write;

# Full, and the one who fills it sleeps.
sub waits {
	my $held = pack 'i', 0;
	ioctl $read, $FIONREAD, $held or die "pipe: $!";
	return 0 if unpack('i', $held) < $size;
	open my $stat, '<', "/proc/$pid/stat" or return 0;
	return <$stat> =~ /\) S /;
}

my $found = 'ended';
until (waitpid($pid, POSIX::WNOHANG()) == $pid) {
	if (waits()) {
		open my $log, '+<', $path or die "$path: $!";
		my $lock = pack 's s x![q] q q i x![q]', F_WRLCK, 0, 0, 0, 0;
		$found = fcntl($log, F_SETLK, $lock) ? 'free' : 'held';
		kill 'KILL', $pid;
		waitpid $pid, 0;
		last;
	}
	select undef, undef, undef, 0.002;
}
print "$found\n";
