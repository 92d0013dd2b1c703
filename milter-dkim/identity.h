#ifndef MILTER_DKIM_IDENTITY_H
#define MILTER_DKIM_IDENTITY_H

struct address;

/* What i= says of who signs (RFC 6376 3.5). */
enum identity {
	IDENTITY_NONE,
	IDENTITY_DOMAIN,
	IDENTITY_ADDRESS,
};

/*
 * The value of i= for the address by whose domain a message is signed, the
 * caller's; NULL without one. ASCII alone, since not every message that has
 * UTF-8 elsewhere is an internationalised one: the domain as A-labels, the
 * local part quoted as RFC 6376 2.11 says. A local part that would not fit on
 * a line is left out.
 */
char *identity_make(enum identity identity, const struct address *address);

#endif
