# check-store.pl - is a data directory what it must be, whatever was done to its
# writers?  For Perl programs that `require` this file: store_complaints tells
# what is wrong, and listing how everything beside the directory is.
#
# The events that were sent, in any order, are [STATE, GROUP, BODY]:
#
#   ok    it was answered OK
#   sent  it was not, and may stand or not
#   torn  BODY is what the test itself left there without a newline
#
# P1  Each event that was answered OK stands in its group's log, whole.
# P2  Each line of a log is strict JSON that was sent, byte for byte behind the
#     receiver's own members, and not more often than it was sent (P3); only
#     the last may lack its newline, and then it is the beginning of such a line.
# P7  Regular files of mode 0600, ours, of one link, named NAME.jsonl or
#     NAME.torn; no NUL byte.
use strict;
use warnings;
use Encode ();
use Fcntl ':mode';
use Time::HiRes ();

# What the receiver puts before the body's members.
our $head = qr/\{"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z","SdkAppid":\d+,
	(?:"ClientIP":"[^"\\]*",)?(?:"OptPlatform":"[^"\\]*",)?/x;

# RFC 8259, one text.
my $json = qr/(?(DEFINE)
	(?<value> (?&string) | (?&number) | (?&object) | (?&array) | true | false | null)
	(?<string> "(?:[^"\\\x00-\x1f]++ | \\(?:["\\\/bfnrt] | u[0-9A-Fa-f]{4}))*+")
	(?<number> -?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][-+]?[0-9]++)?)
	(?<pair> (?&s) (?&string) (?&s) : (?&s) (?&value) (?&s))
	(?<object> \{ (?: (?&pair) (?:, (?&pair))*+ | (?&s)) \})
	(?<array> \[ (?: (?&s) (?&value) (?&s) (?:, (?&s) (?&value) (?&s))*+ | (?&s)) \])
	(?<s> [ \t\r\n]*+)
	)\A(?&value)\z/x;

sub is_json {
	my ($text) = @_;
	my $copy = $text;
	return $text =~ $json && defined eval { Encode::decode('UTF-8', $copy, Encode::FB_CROAK) };
}

# The name of a group's log; for ids that are not cut.
sub log_name {
	my ($group) = @_;
	$group =~ s/([^A-Za-z0-9_-])/sprintf '%%%02X', ord $1/ge;
	$group =~ s/^-/%2D/;
	return "$group.jsonl";
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

# Is the text the beginning of a line that was sent, or what the test left there?
sub is_beginning {
	my ($text, $bodies, $torn) = @_;
	return 1 if grep { index($_, $text) == 0 } @$torn;
	return grep { index($_, "{$'") == 0 } keys %$bodies if $text =~ /\A$head/;
	my $start = '{"time":"0000-00-00T00:00:00.000Z","SdkAppid":0';
	(my $shape = substr $text, 0, length $start) =~ s/(?<=[-:"TZ.0-9])[0-9]/0/g;
	return index($start, $shape) == 0;
}

sub file_complaints {
	my ($path, $name) = @_;
	my @status = lstat $path or return "$name: $!";
	my @wrong;
	push @wrong, 'is not a regular file' if !S_ISREG($status[2]);
	push @wrong, sprintf 'has mode %04o', S_IMODE($status[2]) if S_IMODE($status[2]) != 0600;
	push @wrong, "belongs to user $status[4]" if $status[4] != $>;
	push @wrong, "has $status[3] links" if $status[3] != 1;
	push @wrong, 'has a name that is no log\'s'
	    if $name !~ /\A(?:[A-Za-z0-9_]|%[0-9A-F]{2})(?:[A-Za-z0-9_~-]|%[0-9A-F]{2})*\.(?:jsonl|torn)\z/ && $name ne '.refused';
	push @wrong, 'has NUL bytes' if S_ISREG($status[2]) && index(slurp($path), "\0") >= 0;
	return map { "$name: $_" } @wrong;
}

# bodies: how often each was sent to this log; the count of each that stands goes to stood.
sub log_complaints {
	my ($path, $name, $bodies, $torn, $stood) = @_;
	my ($number, @wrong) = (0);
	my @lines = split /(?<=\n)/, slurp($path);
	my $tail = @lines && $lines[-1] !~ /\n\z/ ? pop @lines : '';
	for my $line (@lines) {
		$number++;
		chomp $line;
		my $body = $line =~ /\A$head/ ? "{$'" : '';
		if (!is_json($line)) {
			push @wrong, "$name:$number: is no JSON: " . substr $line, 0, 80;
		} elsif (!exists $bodies->{$body}) {
			push @wrong, "$name:$number: was never sent: " . substr $line, 0, 400;
		} elsif (++$stood->{$body} > $bodies->{$body}) {
			push @wrong, "$name:$number: stands more often than it was sent";
		}
	}
	push @wrong, "$name: ends in what was never sent: " . substr $tail, 0, 80
	    if $tail ne '' && !is_beginning($tail, $bodies, $torn);
	return @wrong;
}

# events: a list of [state, group, body] as above.
sub store_complaints {
	my ($data, $events) = @_;
	my (%sent, %acknowledged, %torn, %stood, @wrong);
	for (@$events) {
		my ($state, $group, $body) = @$_;
		my $name = log_name($group);
		if ($state eq 'torn') {
			push @{$torn{$name}}, $body;
		} else {
			$sent{$name}{$body}++;
			$acknowledged{$name}{$body}++ if $state eq 'ok';
		}
	}
	opendir my $directory, $data or return "$data: $!";
	for my $name (sort grep { !/^\.\.?$/ } readdir $directory) {
		my @bad = file_complaints("$data/$name", $name);
		push @wrong, @bad;
		next if $name !~ /\.jsonl\z/ || !-f "$data/$name";
		push @wrong, log_complaints("$data/$name", $name, $sent{$name} // {},
			$torn{$name} // [], $stood{$name} //= {});
	}
	for my $name (sort keys %acknowledged) {
		for (sort keys %{$acknowledged{$name}}) {
			push @wrong, "$name: was answered OK and does not stand so often: " . substr $_, 0, 400
			    if ($stood{$name}{$_} // 0) < $acknowledged{$name}{$_};
		}
	}
	return @wrong;
}

1;
