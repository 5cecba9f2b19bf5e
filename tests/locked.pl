#!/usr/bin/perl
# locked.pl LOG CODE - runs Perl code while it holds the lock on a log, as a
# writer would: $log is the open log, ready($path) creates a file to wait for.
use strict;
use warnings;
use Fcntl qw(F_SETLKW F_WRLCK);

our ($path, $code) = @ARGV;
open our $log, '+<', $path or die "$path: $!";
my $lock = pack 's s x![q] q q i x![q]', F_WRLCK, 0, 0, 0, 0;
fcntl $log, F_SETLKW, $lock or die "lock: $!";

sub ready {
	my ($file) = @_;
	open my $ready, '>', $file or die "$file: $!";
	close $ready;
}

no strict;
eval $code;
die $@ if $@;
