#ifndef MILTER_DKIM_REPAIR_H
#define MILTER_DKIM_REPAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct edit_ops;
struct error;
struct field_list;
struct repair;
struct signer;

/*
 * What Postfix or the next hop would break after signing, of one message that
 * is signed, mended before: Date: and Message-ID: where they are missing,
 * header fields and body parts with lines over 998 octets, and 8-bit text that
 * a peer without 8BITMIME would have made quoted-printable. Where the author
 * has signed it (a DKIM-Signature from before) nothing is changed that Postfix
 * would not change, and in a part that its author has signed (multipart/signed,
 * a message with a DKIM-Signature) nothing at all.
 */
struct repair_rules {
	bool convert_8bit;
	const char *host; /* of a Message-ID; borrowed as long as repair */
	time_t now;
};

/* Is the field needed here, though it may not be signed? */
bool repair_reads_field(const char *name);

/* At the end of the header, which is only read. */
struct repair *
repair_new(const struct field_list *header, const struct repair_rules *rules);
void repair_free(struct repair **repair);

/* The body in pieces, as the signer is given it. */
void repair_body(struct repair *repair, const void *data, size_t len);

/*
 * After the body, once: mend the message in the MTA, header, and, if the body
 * changes, what the signer has read. Fails if the MTA does not take a change.
 */
int repair_apply(struct repair *repair, struct field_list *header,
		 struct signer *signer, const struct edit_ops *ops,
		 void *context, struct error *err_r);

/*
 * For the log: what was mended, and what will break the signature on its way,
 * "" if nothing. Valid as long as repair.
 */
const char *repair_done(const struct repair *repair);
const char *repair_at_risk(const struct repair *repair);

#endif
