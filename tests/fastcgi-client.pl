#!/usr/bin/perl
# fastcgi-client.pl SOCKET|HOST:PORT QUERY [OPTION...] <BODY - speaks FastCGI to a worker
# directly, to do what no web server does.
#
#   pause=SECONDS  waits in the middle of the body
#   cut            closes the connection in the middle of the body
#   keep           asks to keep the connection, and waits for its end
#   length=TEXT    CONTENT_LENGTH; "none" leaves it out
#   repeat=N       N requests, one connection each
#   garbage        sends the body as it is, without any record
#
# Prints standard output of the last answer; exit status 1 where none came.
use strict;
use warnings;
use IO::Socket::INET;
use IO::Socket::UNIX;

my ($path, $query, @options) = @ARGV;
my %option = map { my ($name, $value) = split /=/, $_, 2; $name => $value // 1 } @options;
my $body = do { local $/; <STDIN> };
$SIG{PIPE} = 'IGNORE';

sub record {
	my ($type, $content) = @_;
	return pack('CCnnCC', 1, $type, 1, length $content, 0, 0) . $content;
}

sub stdin_records {
	return join '', map { record(5, $_) } unpack '(a32768)*', $_[0];
}

sub parameter {
	my ($name, $value) = @_;
	return pack('N', length($name) | 0x80000000) . pack('N', length($value) | 0x80000000) .
	    $name . $value;
}

sub ask {
	my $socket = ($path =~ m{^/} ? IO::Socket::UNIX->new(Peer => $path) :
	    IO::Socket::INET->new(PeerAddr => $path)) or return;
	if ($option{garbage}) {
		syswrite $socket, $body;
		close $socket;
		return '';
	}
	my $length = $option{length} // length $body;
	my $parameters = parameter('REQUEST_METHOD', 'POST') . parameter('QUERY_STRING', $query);
	$parameters .= parameter('CONTENT_LENGTH', $length) if $length ne 'none';
	my $half = int(length($body) / 2);
	my $start = record(1, pack('nCx5', 1, $option{keep} ? 1 : 0)) . record(4, $parameters) .
	    record(4, '');
	my $first = $start . stdin_records(substr $body, 0, $half);
	my $rest = stdin_records(substr $body, $half) . record(5, '');
	if ($option{pause} || $option{cut}) {
		syswrite $socket, $first;
		sleep $option{pause} if $option{pause};
		return '' if $option{cut};
		syswrite $socket, $rest;
	} else {
		syswrite $socket, $first . $rest;
	}
	my ($all, $answer) = ('', '');
	while (sysread $socket, $all, 65536, length $all) {}
	while (length $all >= 8) {
		my ($type, $size, $padding) = (unpack 'CCnnC', $all)[1, 3, 4];
		$answer .= substr $all, 8, $size if $type == 6;
		substr $all, 0, 8 + $size + $padding, '';
	}
	return $answer;
}

my $answer;
for (1 .. $option{repeat} // 1) {
	$answer = ask();
}
print $answer // '';
exit(defined $answer && ($answer ne '' || $option{cut} || $option{garbage}) ? 0 : 1);
