#!/usr/bin/perl
# What Email::Address::XS sees, whose parser is that of Dovecot's ENVELOPE.
# stdin: values of From:, each UTF-8 in hex on a line. stdout: for each a line,
# the addresses with tabs between, each as hex of the local part, "@", hex of
# the domain, or "invalid".
use strict;
use warnings;
use Email::Address::XS qw(parse_email_groups);

while (my $line = <STDIN>) {
	chomp $line;
	my @groups = parse_email_groups(pack 'H*', $line);
	my @seen;
	while (my ($name, $addresses) = splice @groups, 0, 2) {
		for my $address (@$addresses) {
			my ($user, $host) = ($address->user, $address->host);
			push @seen, $address->is_valid && defined $user
			    && defined $host
			    ? unpack('H*', $user) . '@' . unpack('H*', $host)
			    : 'invalid';
		}
	}
	print join("\t", @seen), "\n";
}
