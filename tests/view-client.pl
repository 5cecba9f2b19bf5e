#!/usr/bin/perl
# view-client.pl SOCKET ask QUERY [NAME=VALUE...] <BODY  - one request to a worker; prints its answer
# view-client.pl SOCKET flood SECONDS LINK BODY - what guessing does to a viewer: 50 connections try wrong passwords
#   for so long, one asks for LINK, and one signs in with BODY, which is right, as often as he may, and ten
#   seconds longer.  Prints how many passwords were tried, how many attempts were refused untried, the
#   statuses of the link, its slowest answer in seconds, and what became of the sign-in.
use strict;
use warnings;
use FindBin;
use IO::Socket::UNIX;
use Time::HiRes qw(time sleep);
require "$FindBin::Bin/fastcgi-records.pl";

$SIG{PIPE} = 'IGNORE';
my ($path, $what, @arguments) = @ARGV;

# The answer; '' where there was none.
sub ask {
	my ($query, $body, %more) = @_;
	my $socket = IO::Socket::UNIX->new(Peer => $path) or return '';
	syswrite $socket, request_begin(0, REQUEST_METHOD => 'GET', QUERY_STRING => $query,
	    SCRIPT_NAME => '/view.cgi', CONTENT_LENGTH => length $body, %more) . stdin_records($body) . record(5, '');
	my $all = '';
	while (sysread $socket, $all, 65536, length $all) {}
	return content_of($all);
}
sub status { return $_[0] =~ /^Status: (\d+)/ ? $1 : 'none' }
sub post { return status(ask('', $_[0], REQUEST_METHOD => 'POST')) }

if ($what eq 'ask') {
	my $query = shift @arguments;
	local $/;
	print ask($query, <STDIN> // '', map { split /=/, $_, 2 } @arguments);
	exit;
}
my ($seconds, $link, $right) = @arguments;
my $end = time + $seconds;
pipe my $read, my $write or die;
# Runs it in a process of its own, until the end; what it returns are words for the parent.
sub begin {
	my ($work) = @_;
	return if fork;
	my @words = $work->();
	syswrite $write, join('', map { "$_\n" } @words);
	exit;
}
for my $number (1 .. 50) {
	begin(sub {
		my @words;
		while (time < $end) {
			my $status = post("p=in&password=wrong+$number");
			push @words, "guess $status" if time <= $end + 1; # an attempt takes a second
		}
		return map { my $word = $_; $word . ' ' . grep { $_ eq $word } @words } keys %{{ map { $_ => 1 } @words }};
	});
}
begin(sub {
	my ($slowest, %count) = 0;
	while (time < $end) {
		my $began = time;
		$count{status(ask($link, ''))}++;
		$slowest = time - $began if $slowest < time - $began;
		sleep 0.05;
	}
	return ((map { "link $_ $count{$_}" } sort keys %count), "slowest $slowest 1");
});
begin(sub {
	my $status = 'none';
	while (time < $end + 10 && $status ne '303') {
		$status = post($right);
		sleep 0.1;
	}
	return "right $status 1";
});
close $write;
my (%sum, $slowest);
while (<$read>) {
	my ($kind, $value, $count) = split;
	$slowest = $value if $kind eq 'slowest';
	$sum{"$kind $value"} += $count if $kind ne 'slowest';
}
1 while wait > 0;
printf "tried %d untried %d", $sum{'guess 403'} // 0, $sum{'guess 429'} // 0;
print join '', map { " $_" } sort grep { !/^guess (403|429)$/ && !/^link 200$/ } keys %sum;
printf " links %d slowest %.1f\n", $sum{'link 200'} // 0, $slowest;
