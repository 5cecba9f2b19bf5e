#!/usr/bin/perl
# attack.pl ADDRESS SECONDS TOKEN PATH [QUERY] - 16 clients at the web server at ADDRESS, a Unix
# socket's path or HOST:PORT, each of which sends its headers and one byte of its body, waits
# for the answer, and begins anew; beside them one client that sends signed events.  QUERY: what
# the 16 ask for; what is refused or forgotten for want of the token, where it is not given.
#
# Prints, of the signed events: how many, how many were answered OK, the longest answer in milliseconds.
use strict;
use warnings;
use Digest::SHA 'sha256_hex';
use IO::Select;
use IO::Socket::INET;
use IO::Socket::UNIX;
use Time::HiRes 'time';

my ($address, $seconds, $token, $path, $query) = @ARGV;
my $command = 'Group.CallbackAfterGroupMsgExtension';
my @queries = ("SdkAppid=1", "SdkAppid=1400000000&CallbackCommand=$command&Sign=" . '0' x 64 . "&RequestTime=1",
	"SdkAppid=1400000000", "SdkAppid=1400000000&CallbackCommand=Group.Other");
@queries = ($query) if defined $query;
$SIG{PIPE} = 'IGNORE';

sub connection {
	my $socket = $address =~ m{^/} ? IO::Socket::UNIX->new(Peer => $address) :
	    IO::Socket::INET->new(PeerAddr => $address);
	return $socket // die "cannot connect: $!";
}

sub post {
	my ($socket, $query, $length, $body) = @_;
	syswrite $socket, "POST $path?$query HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" .
	    "Content-Length: $length\r\n\r\n$body";
}

sub attack {
	for (my $i = $_[0]; ; $i++) {
		my $socket = connection();
		post($socket, $queries[$i % @queries], 1000, '{');
		IO::Select->new($socket)->can_read(6) && sysread $socket, my $bytes, 1000;
	}
}

my @attackers;
for my $i (1 .. 16) {
	defined(my $pid = fork) or die "cannot fork: $!";
	attack($i) if $pid == 0;
	push @attackers, $pid;
}
select undef, undef, undef, 0.2; # until all wait
my ($count, $answered, $longest) = (0, 0, 0);
my $end = time + $seconds;
do {
	my $time = int time;
	my $body = qq({"CallbackCommand":"$command","GroupId":"attack","MsgSeq":1,"OperateType":1,) .
	    qq("ExtensionList":[{"Key":"k","Value":"v","Seq":$count}],"Seq":$count,"EventTime":1});
	select undef, undef, undef, 0.02;
	my $begun = time;
	my $socket = connection();
	post($socket, "SdkAppid=1400000000&CallbackCommand=$command&Sign=" . sha256_hex("$token$time") .
	    "&RequestTime=$time", length $body, $body);
	my $answer = '';
	while (IO::Select->new($socket)->can_read(10) && sysread $socket, $answer, 65536, length $answer) {
		last if $answer =~ /"ErrorCode"/;
	}
	my $took = 1000 * (time - $begun);
	$count++;
	$answered++ if $answer =~ /^HTTP\/1.1 200 .*"OK"/s;
	$longest = $took if $took > $longest;
} while (time < $end);
kill 'KILL', @attackers;
waitpid $_, 0 for @attackers;
printf "%d %d %d\n", $count, $answered, $longest;
