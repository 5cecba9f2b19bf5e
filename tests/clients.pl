#!/usr/bin/perl
# clients.pl MODE COUNT ADDRESS QUERY - clients of a web server at ADDRESS, a
# Unix socket's path or HOST:PORT, with the events 1 to COUNT of the group MODE:
#
#   keep     one after the other on one connection
#   crowd    all at once, each on a connection of its own
#   leave    sends its request and leaves without reading the answer
#   cut      sends half of the body and leaves
#
# Prints the version of each event that was answered OK.
use strict;
use warnings;
use IO::Socket::INET;
use IO::Socket::UNIX;

my ($mode, $count, $address, $query) = @ARGV;
$SIG{PIPE} = 'IGNORE';

sub connection {
	my $socket = $address =~ /^[\d.]+:\d+$/
	    ? IO::Socket::INET->new(PeerAddr => $address)
	    : IO::Socket::UNIX->new(Peer => $address);
	return $socket // die "cannot connect: $!";
}

sub request {
	my ($seq, $connection) = @_;
	my $body = qq({"CallbackCommand":"Group.CallbackAfterGroupMsgExtension","GroupId":"$mode",) .
	    qq("MsgSeq":1,"OperateType":1,"ExtensionList":[{"Key":"k$seq","Value":"v","Seq":$seq}],) .
	    qq("Seq":$seq,"EventTime":1});
	my $length = length $body;
	$body = substr $body, 0, $length / 2 if $mode eq 'cut';
	return "POST /msgext?$query HTTP/1.1\r\nHost: localhost\r\nConnection: $connection\r\n" .
	    "Content-Length: $length\r\n\r\n$body";
}

# Reads one answer; 1 where it is OK.
sub answer {
	my ($socket) = @_;
	my ($length, $body) = (0, '');
	my $status = <$socket> // return 0;
	while (defined(my $line = <$socket>)) {
		$length = $1 if $line =~ /^Content-Length: (\d+)/i;
		$length = undef if $line =~ /^Transfer-Encoding: chunked/i;
		last if $line eq "\r\n";
	}
	if (defined $length) {
		read $socket, $body, $length;
	} else {
		while (defined(my $size = <$socket>)) {
			last if hex($size =~ s/\s//gr) == 0;
			read $socket, $body, hex($size =~ s/\s//gr), length $body;
			<$socket>;
		}
		<$socket>;
	}
	return $status =~ / 200 / && $body =~ /"ActionStatus":"OK"/;
}

$| = 1;
if ($mode eq 'keep') {
	my $socket = connection();
	for my $seq (1 .. $count) {
		print {$socket} request($seq, "keep-alive");
		$socket->flush;
		print "$seq\n" if answer($socket);
	}
} elsif ($mode eq 'crowd') {
	my @sockets = map { connection() } 1 .. $count;
	for my $seq (1 .. $count) {
		my $socket = $sockets[$seq - 1];
		print {$socket} request($seq, "close");
		$socket->flush;
	}
	for my $seq (1 .. $count) {
		print "$seq\n" if answer($sockets[$seq - 1]);
	}
} else {
	for my $seq (1 .. $count) {
		my $socket = connection();
		print {$socket} request($seq, "close");
		$socket->flush;
		close $socket;
	}
}
