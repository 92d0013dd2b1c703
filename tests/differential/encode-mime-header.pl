#!/usr/bin/perl
# What Perl's Encode reads. stdin: texts with encoded-words, each UTF-8 in hex
# on a line. stdout: for each a line, the decoded text as UTF-8 in hex.
use strict;
use warnings;
use Encode qw(decode encode);

while (my $line = <STDIN>) {
	chomp $line;
	my $text = decode('MIME-Header', decode('UTF-8', pack 'H*', $line));
	print unpack('H*', encode('UTF-8', $text)), "\n";
}
