#ifndef DOVECOT_SIEVE_EXT_LIST_RECOGNISE_H
#define DOVECOT_SIEVE_EXT_LIST_RECOGNISE_H

#include <stdbool.h>
#include <stddef.h>

/* RFC 2919 3: at most 255 octets. */
#define LIST_ID_MAX 255

enum list_kind {
	LIST_KIND_DISCUSSION,
	LIST_KIND_ANNOUNCEMENT, /* subscribers may not post */
	LIST_KIND_NEWSLETTER,	/* sent by a mailing service */
	LIST_KIND_NOTIFICATION, /* a forge's project */
};

/*
 * A mailing list. id: NFC, case folded, at least one dot; nothing invisible,
 * no white space, control character or any of ()<>[]:;,\"@. label and host
 * are its parts, neither empty: the name of the list and where it lives.
 * post: the address to write to, "" if none is known.
 */
struct list {
	char id[LIST_ID_MAX + 1];
	char label[LIST_ID_MAX + 1];
	char host[LIST_ID_MAX + 1];
	char post[LIST_ID_MAX + 1];
	enum list_kind kind;
};

/* As a script writes it. */
const char *list_kind_name(enum list_kind kind);

/* The header fields that are looked at, NULL-ended. */
extern const char *const list_recognise_fields[];

/*
 * Give it a message's header fields in order, in one pass; then ask. It holds
 * no memory: a repeated field beyond what can matter is ignored, so is a value
 * over LIST_VALUE_MAX octets.
 */
#define LIST_VALUE_MAX 8192
#define LIST_CANDIDATES_MAX 4

struct list_recogniser {
	struct list ids[LIST_CANDIDATES_MAX]; /* List-Id, in order */
	size_t ids_count;
	char posts[LIST_CANDIDATES_MAX][LIST_ID_MAX + 1];
	size_t posts_count;
	struct list manager; /* Mailing-List; id "" if none */
	struct list owner;   /* Sender: owner-NAME@HOST; id "" if none */
	char project[LIST_ID_MAX + 1]; /* GitLab's number of the project */
	bool closed;		       /* List-Post: NO */
	bool bulk;		       /* Precedence: bulk or list */
};

void list_recognise_init(struct list_recogniser *recogniser);

/*
 * value: as it was sent, not decoded, folded or not; any octets. A name that
 * is not in list_recognise_fields is ignored.
 */
void list_recognise_field(struct list_recogniser *recogniser, const char *name,
			  const char *value, size_t len);

/* Whether the message came through a list; if so, which. */
bool list_recognise(const struct list_recogniser *recogniser,
		    struct list *list_r);

#endif
