#!/usr/bin/perl
# The same job as a CGI script in Perl does it: checks, and appends under a lock.
use strict;
use warnings;
use Fcntl ':flock';
use JSON::XS;
use POSIX 'strftime';

read STDIN, my $body, $ENV{CONTENT_LENGTH};
my $event = eval { decode_json($body) };
my $right = ref $event eq 'HASH' && $ENV{QUERY_STRING} =~ /\bSdkAppid=1400000000\b/ &&
    $event->{CallbackCommand} eq 'Group.CallbackAfterGroupMsgExtension' &&
    ref $event->{ExtensionList} eq 'ARRAY';
$right &&= ($event->{$_} // '') =~ /^\d+$/ for qw(MsgSeq OperateType Seq EventTime);
if ($right) {
	my $name = $event->{GroupId} =~ s/([^A-Za-z0-9_-])/sprintf '%%%02X', ord $1/ger;
	open my $log, '>>', "$ENV{PEER_DATA}/$name.jsonl" or die;
	flock $log, LOCK_EX;
	print $log '{"time":"', strftime('%Y-%m-%dT%H:%M:%S.000Z', gmtime), '","SdkAppid":1400000000,', substr($body, 1), "\n";
	close $log;
	print qq(Content-Type: application/json\r\n\r\n{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}\n);
} else {
	print qq(Status: 400\r\nContent-Type: application/json\r\n\r\n{"ActionStatus":"FAIL","ErrorInfo":"bad request","ErrorCode":1}\n);
}
