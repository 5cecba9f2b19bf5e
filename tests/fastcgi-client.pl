#!/usr/bin/perl
# fastcgi-client.pl SOCKET|HOST:PORT QUERY [OPTION...] <BODY - speaks FastCGI to a worker
# directly, to do what no web server does.
#
#   pause=SECONDS  waits in the middle of the body
#   whole          takes no answer where not all could be sent, as Apache does
#   cut            closes the connection in the middle of the body
#   keep           asks to keep the connection, and waits for its end
#   method=METHOD  instead of POST
#   length=TEXT    CONTENT_LENGTH; "none" leaves it out
#   open           leaves out the record that ends the body
#   more=TEXT      sends this behind the body, in a record of its own
#   encoding=TEXT  HTTP_CONTENT_ENCODING
#   clean          takes no answer behind which the connection is reset, as it is where bytes were not read
#   repeat=N       N requests, one connection each
#   held=WHAT      before, opens connections that stay and send, of a request that is refused: nothing,
#                  three times; a record's head; half of the parameters; all of them but the record that ends them (unended);
#                  or, ten times, all but the body
#   management     sends management records within the request: one that asks for 40 values, and an unknown one
#   garbage        sends the body as it is, without any record
#
# Prints standard output of the last answer; exit status 1 where none came, also within 10 s.
use strict;
use warnings;
use FindBin;
use IO::Socket::INET;
use IO::Socket::UNIX;
use Time::HiRes 'sleep';
require "$FindBin::Bin/fastcgi-records.pl";

my ($path, $query, @options) = @ARGV;
my %option = map { my ($name, $value) = split /=/, $_, 2; $name => $value // 1 } @options;
my $body = do { local $/; <STDIN> };
$SIG{PIPE} = 'IGNORE';

sub ask {
	my $length = $option{length} // length $body;
	my %parameter = (REQUEST_METHOD => $option{method} // 'POST', QUERY_STRING => $query);
	$parameter{CONTENT_LENGTH} = $length if $length ne 'none';
	$parameter{HTTP_CONTENT_ENCODING} = $option{encoding} if $option{encoding};
	my $half = int(length($body) / 2);
	my $start = request_begin($option{keep}, %parameter);
	$start .= pack('CCnnCC', 1, 9, 0, 640, 0, 0) . "\x0e\0FCGI_MAX_CONNS" x 40 .
	    pack('CCnnCC', 1, 77, 0, 5, 0, 0) . 'hello' if $option{management};
	my $first = $start . stdin_records(substr $body, 0, $half);
	my $rest = stdin_records(substr $body, $half) . stdin_records($option{more} // '');
	$rest .= record(5, '') unless $option{open};
	# A worker waits 0.3 s for parameters, and making megabytes of records can take longer.
	my $socket = ($path =~ m{^/} ? IO::Socket::UNIX->new(Peer => $path) :
	    IO::Socket::INET->new(PeerAddr => $path)) or return;
	if ($option{garbage}) {
		syswrite $socket, $body;
		close $socket;
		return '';
	}
	if ($option{pause} || $option{cut}) {
		syswrite $socket, $first;
		sleep $option{pause} if $option{pause};
		return '' if $option{cut};
		my $sent = syswrite $socket, $rest;
		return '' if $option{whole} && ($sent // 0) < length $rest;
	} else {
		syswrite $socket, $first . $rest;
	}
	my $all = '';
	my $read;
	while ($read = sysread $socket, $all, 65536, length $all) {}
	return '' if $option{clean} && !defined $read;
	return content_of($all);
}

my %held = (nothing => [3, 0], head => [3, 20], parameters => [3, 60], unended => [1, -17], body => [10, 1e9]);
my @held;
if ($option{held}) {
	my ($count, $length) = @{$held{$option{held}}};
	my $request = request_begin(0, REQUEST_METHOD => 'POST', QUERY_STRING => $query . ($option{held} eq 'unended' ? '' : '&SdkAppid=2'), CONTENT_LENGTH => 1000);
	for (1 .. $count) {
		push @held, IO::Socket::UNIX->new(Peer => $path) // die "cannot connect: $!";
		syswrite $held[-1], substr $request . record(5, '{'), 0, $length;
	}
	alarm 10;
}
my $answer;
for (1 .. $option{repeat} // 1) {
	$answer = ask();
}
print $answer // '';
exit(defined $answer && ($answer ne '' || $option{cut} || $option{garbage}) ? 0 : 1);
