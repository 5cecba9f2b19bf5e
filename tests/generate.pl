#!/usr/bin/perl
# generate.pl EVENTS MESSAGES [GROUP [PAIRS]] - a group's log as the receiver writes it:
# 90 % sets, 8 % deletes, 2 % clears; a version in 200 is lost, a line in 100
# stands twice, and neighbours are out of order now and then.  PAIRS in a line, where given;
# else one to four.  Always the same.
use strict;
use warnings;

my ($events, $messages, $group, $pairs) = @ARGV;
$group //= 'poll';
my $random = 1;

sub pick {
	my ($below) = @_;
	$random = ($random * 1103515245 + 12345) & 0x7fffffff;
	return ($random >> 8) % $below;
}

my @values = ("yes", "no", "maybe", "\xe6\x8a\x95\xe7\xa5\xa8", "with \\\"quotes\\\"", "");
my @version = (0) x $messages;
my $held;
for my $i (0 .. $events - 1) {
	my $message = pick($messages);
	$version[$message] += pick(200) == 0 ? 2 : 1;
	my $seq = $version[$message];
	my $type = pick(100);
	$type = $type < 90 ? 1 : $type < 98 ? 2 : 3;
	my %keys = map { ("user_" . pick(300) => 1) } 0 .. (defined $pairs ? $pairs - 1 : pick(3));
	my $list = join ',', map {
		sprintf '{"Key":"%s","Value":"%s","Seq":%d}', $_,
		    $type == 1 ? $values[pick(scalar @values)] : '', $seq
	} $type == 3 ? () : sort keys %keys;
	my $time = 1764688294 + int($i / 4);
	my @t = gmtime $time;
	my $line = sprintf '{"time":"%04d-%02d-%02dT%02d:%02d:%02d.%03dZ","SdkAppid":1400000000,' .
	    '"ClientIP":"203.0.113.%d","OptPlatform":"Android",' .
	    '"CallbackCommand":"Group.CallbackAfterGroupMsgExtension","GroupId":"%s","MsgSeq":%d,' .
	    '"OperateType":%d,"ExtensionList":[%s],"Seq":%d,"EventTime":%d000}' . "\n",
	    $t[5] + 1900, $t[4] + 1, @t[3, 2, 1, 0], $i % 4 * 250, pick(254) + 1, $group,
	    $message + 1, $type, $list, $seq, $time;
	print $line if pick(100) == 0;
	if (!defined $held && pick(20) == 0) {
		$held = $line;
		next;
	}
	print $line;
	if (defined $held) {
		print $held;
		undef $held;
	}
}
print $held if defined $held;
