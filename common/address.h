#ifndef COMMON_ADDRESS_H
#define COMMON_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

struct error;

/* RFC 5321 4.5.3.1; the local part is allowed more, since it may be UTF-8. */
#define ADDRESS_LOCAL_MAX 255
#define ADDRESS_DOMAIN_MAX 253

/*
 * One address. local: NFC, without quotes or escapes, 1..ADDRESS_LOCAL_MAX
 * octets that unicode_identifier() takes: no control, bidi-control or
 * zero-width character. domain: A-labels, lower case, no trailing dot.
 */
struct address {
	char *local;
	char *domain;
};

/*
 * How a domain compares its local parts: the first of delimiters (ASCII
 * punctuation, "" for none) ends what is compared. As in Postfix a local part
 * that begins with one is compared whole.
 */
struct address_rules {
	char delimiters[8];
	bool case_sensitive;
};

/* No delimiter, case folded: what holds for a domain that we do not serve. */
extern const struct address_rules address_rules_foreign;

/*
 * RFC 5321 4.1.2 Mailbox with RFC 6531: dot-string or quoted string, "@",
 * domain. No display name, comment, source route or domain literal.
 */
int address_parse(struct address *address_r, const char *text,
		  struct error *err_r);

/* The same from parts already unquoted, as mailbox-list.c has them. */
int address_from_parts(struct address *address_r, const char *local,
		       const char *domain, struct error *err_r);

void address_release(struct address *address);

/* As it is written in a command or a log: the local part quoted if needed. */
char *address_format(const struct address *address);

/*
 * What is compared, the only place that knows how: the local part folded and
 * cut by the rules, "@", the domain. Two addresses are one mailbox if and
 * only if their keys (under one set of rules) are the same octets.
 */
char *
address_key(const struct address *address, const struct address_rules *rules);

/*
 * RFC 5321 and 5322 with RFC 6531 and 6532: what may stand unquoted in a local
 * part, any octet of UTF-8 beyond ASCII included; and whether it is made of
 * that, in runs between single dots.
 */
bool address_is_atext(char c);
bool address_is_dot_string(const char *local);

/*
 * A domain name, U-labels or A-labels: A-labels, lower case (IDNA 2008), each
 * of letters, digits and hyphens. One label will do ("localhost"). No trailing
 * dot, nothing that ends in a number like an IP address, no character that
 * IDNA maps to another but for its case (a full-width letter or dot).
 */
int address_domain_parse(char **domain_r, const char *text,
			 struct error *err_r);

#endif
