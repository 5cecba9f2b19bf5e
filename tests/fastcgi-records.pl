# fastcgi-records.pl - FastCGI 1.0 as a web server speaks it, for Perl programs that `require` this file.
use strict;
use warnings;

# One record of request 1.
sub record {
	my ($type, $content) = @_;
	return pack('CCnnCC', 1, $type, 1, length $content, 0, 0) . $content;
}

# Standard input, in as many records as it takes; the empty one that ends it is the caller's.
sub stdin_records {
	return join '', map { record(5, $_) } unpack '(a32768)*', $_[0];
}

# What begins a request: keep, whether the connection may stay, and the parameters.
sub request_begin {
	my ($keep, %parameter) = @_;
	my $parameters = join '', map { pack('NN', length($_) | 0x80000000,
		length($parameter{$_}) | 0x80000000) . $_ . $parameter{$_} } sort keys %parameter;
	return record(1, pack 'nCx5', 1, $keep ? 1 : 0) . record(4, $parameters) . record(4, '');
}

# What an answer's records hold of standard output.
sub content_of {
	my ($all) = @_;
	my $answer = '';
	while (length $all >= 8) {
		my ($type, $size, $padding) = (unpack 'CCnnC', $all)[1, 3, 4];
		$answer .= substr $all, 8, $size if $type == 6;
		substr $all, 0, 8 + $size + $padding, '';
	}
	return $answer;
}

1;
