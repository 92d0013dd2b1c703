#include "dovecot-sieve-ext/list-recognise.h"

#include "common/mem.h"
#include "common/unicode.h"
#include "dovecot-sieve-ext/field-text.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* What is looked at and nothing else: X-Loop and Feedback-ID name no list. */
const char *const list_recognise_fields[] = {
	"List-Id",    "List-Post",	     "Mailing-List", "Sender",
	"Precedence", "X-GitLab-Project-Id", NULL,
};

const char *list_kind_name(enum list_kind kind)
{
	switch (kind) {
	case LIST_KIND_DISCUSSION:
		return "discussion";
	case LIST_KIND_ANNOUNCEMENT:
		return "announcement";
	case LIST_KIND_NEWSLETTER:
		return "newsletter";
	case LIST_KIND_NOTIFICATION:
		return "notification";
	}
	return "";
}

static bool is_atom(char c)
{
	return (unsigned char)c > ' ' && c != '\x7f' &&
	       strchr("()<>[]:;,\\\"@", c) == NULL;
}

/* Is host the domain, or below it? */
static bool is_below(const char *host, const char *domain)
{
	size_t host_len = strlen(host), len = strlen(domain);

	return host_len >= len && strcmp(host + host_len - len, domain) == 0 &&
	       (host_len == len || host[host_len - len - 1] == '.');
}

static void copy(char *to, size_t size, struct span from)
{
	size_t len = from.len < size ? from.len : size - 1;

	memcpy(to, from.text, len);
	to[len] = '\0';
}

/* A label or a host: atoms between dots (RFC 5322 3.2.3), none empty. */
static bool is_id_part(const char *text)
{
	size_t i;

	for (i = 0; text[i] != '\0'; i++) {
		if (!is_atom(text[i]))
			return false;
		if (text[i] == '.' &&
		    (i == 0 || text[i + 1] == '\0' || text[i + 1] == '.'))
			return false;
	}
	return i > 0 && i <= LIST_ID_MAX;
}

/*
 * One spelling for one list: NFC, case folded. What comes of it is judged:
 * U+037E, for one, is a semicolon in NFC.
 */
static bool normalise(char part_r[LIST_ID_MAX + 1], struct span part)
{
	char *nfc, *folded;
	bool good;

	if (part.len > LIST_ID_MAX ||
	    unicode_identifier(&nfc, part.text, part.len, NULL) < 0)
		return false;
	folded = unicode_fold(nfc, strlen(nfc));
	good = is_id_part(folded);
	if (good)
		copy(part_r, LIST_ID_MAX + 1, span_of(folded));
	mem_free_string(&folded);
	mem_free_string(&nfc);
	return good;
}

/* RFC 2919 3: list-label "." list-id-namespace. */
static bool
list_from_parts(struct list *list_r, struct span label, struct span host)
{
	struct list list = { .kind = LIST_KIND_DISCUSSION };
	size_t label_len;

	list_r->id[0] = '\0';
	if (host.len > 0 && host.text[host.len - 1] == '.')
		host.len--;
	if (!normalise(list.label, label) || !normalise(list.host, host))
		return false;
	label_len = strlen(list.label);
	if (label_len + 1 + strlen(list.host) > LIST_ID_MAX)
		return false;
	memcpy(list.id, list.label, label_len);
	list.id[label_len] = '.';
	copy(list.id + label_len + 1, sizeof(list.id) - label_len - 1,
	     span_of(list.host));
	*list_r = list;
	return true;
}

/* NAME@HOST, as in addresses and in the ids of some managers. */
static bool list_from_address(struct list *list_r, struct span address)
{
	struct span host = address;
	struct span label = span_cut(&host, "@");

	return list_from_parts(list_r, label, host);
}

static bool list_from_id(struct list *list_r, struct span id)
{
	struct span host = id;
	struct span label;

	if (memchr(id.text, '@', id.len) != NULL)
		return list_from_address(list_r, id);
	label = span_cut(&host, ".");
	return list_from_parts(list_r, label, host);
}

/*
 * RFC 2919 3: [phrase] "<" list-id ">". What stands last counts, since an
 * unquoted phrase may hold brackets too; an id may also stand bare.
 */
static bool parse_list_id(struct list *list_r, struct span value)
{
	struct brackets brackets = { .rest = value };
	struct span inside;
	struct list list;
	bool found = false;

	while (brackets_next(&brackets, &inside)) {
		if (list_from_id(&list, inside)) {
			*list_r = list;
			found = true;
		}
	}
	if (found)
		return true;
	return brackets.words == 1 && !span_starts_with(brackets.word, "=?") &&
	       list_from_id(list_r, brackets.word);
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = strchr(digits, tolower((unsigned char)c));

	return c != '\0' && at != NULL ? (int)(at - digits) : -1;
}

/* RFC 6068 2: "%" and two hex digits; -1 if they are none. */
static int escaped(struct span span)
{
	int high = span.len > 2 ? hex_digit(span.text[1]) : -1;
	int low = high >= 0 ? hex_digit(span.text[2]) : -1;

	return low >= 0 ? high * 16 + low : -1;
}

/*
 * The first address of a mailto URI, without its fields; only one that could
 * name a list is worth knowing.
 */
static bool parse_mailto(char post_r[LIST_ID_MAX + 1], struct span uri)
{
	char post[LIST_ID_MAX];
	struct span address = span_cut(&uri, "?,");
	struct span plain = { post, 0 };
	struct list list;

	while (address.len > 0) {
		int c = address.text[0] == '%' ? escaped(address)
					       : address.text[0];

		if ((address.text[0] == '%' && c < 0) ||
		    plain.len == sizeof(post))
			return false;
		post[plain.len++] = (char)c;
		address = span_skip(address, address.text[0] == '%' ? 3 : 1);
	}
	if (!list_from_address(&list, plain))
		return false;
	copy(post_r, LIST_ID_MAX + 1, plain);
	return true;
}

static void add_list_id(struct list_recogniser *recogniser, struct span value)
{
	if (recogniser->ids_count < LIST_CANDIDATES_MAX &&
	    parse_list_id(&recogniser->ids[recogniser->ids_count], value))
		recogniser->ids_count++;
}

/* RFC 2369 3.4: "NO", or URIs in the order of preference. */
static void add_list_post(struct list_recogniser *recogniser, struct span value)
{
	struct brackets brackets = { .rest = value };
	struct span inside;

	while (brackets_next(&brackets, &inside)) {
		if (recogniser->posts_count < LIST_CANDIDATES_MAX &&
		    span_starts_with(inside, "mailto:") &&
		    parse_mailto(recogniser->posts[recogniser->posts_count],
				 span_skip(inside, strlen("mailto:"))))
			recogniser->posts_count++;
	}
	if (brackets.words == 1 && span_equals(brackets.word, "NO"))
		recogniser->closed = true;
}

/*
 * "contact NAME-help@HOST; run by ezmlm", or "list NAME@HOST; contact ..." as
 * Google Groups and groups.io write it.
 */
static void
add_mailing_list(struct list_recogniser *recogniser, struct span value)
{
	static const char help[] = "-help";
	struct span rest = span_trim(value);
	struct span verb = span_cut(&rest, " \t\r\n");
	struct span address, host, label;

	rest = span_trim(rest);
	address = span_trim(span_cut(&rest, ";"));
	host = address;
	label = span_cut(&host, "@");
	if (span_equals(verb, "contact") &&
	    span_starts_with(span_trim(rest), "run by ezmlm")) {
		if (label.len < strlen(help) ||
		    !span_equals(span_skip(label, label.len - strlen(help)),
				 help))
			return;
		label.len -= strlen(help);
	} else if (!span_equals(verb, "list")) {
		return;
	}
	(void)list_from_parts(&recogniser->manager, label, host);
}

/* Majordomo: owner-NAME@HOST. */
static void add_sender(struct list_recogniser *recogniser, struct span value)
{
	static const char owner[] = "owner-";
	struct brackets brackets = { .rest = value };
	struct span address;

	if (!brackets_next(&brackets, &address)) {
		if (brackets.words != 1)
			return;
		address = brackets.word;
	}
	if (span_starts_with(address, owner))
		(void)list_from_address(&recogniser->owner,
					span_skip(address, strlen(owner)));
}

void list_recognise_init(struct list_recogniser *recogniser)
{
	*recogniser = (struct list_recogniser){ .ids_count = 0 };
}

void list_recognise_field(struct list_recogniser *recogniser, const char *name,
			  const char *value, size_t len)
{
	struct span span = { value, len };

	if (len > LIST_VALUE_MAX)
		return;
	if (strcasecmp(name, "List-Id") == 0)
		add_list_id(recogniser, span);
	else if (strcasecmp(name, "List-Post") == 0)
		add_list_post(recogniser, span);
	else if (strcasecmp(name, "Mailing-List") == 0)
		add_mailing_list(recogniser, span);
	else if (strcasecmp(name, "Sender") == 0)
		add_sender(recogniser, span);
	else if (strcasecmp(name, "Precedence") == 0)
		recogniser->bulk = span_equals(span_trim(span), "bulk") ||
				   span_equals(span_trim(span), "list");
	else if (strcasecmp(name, "X-GitLab-Project-Id") == 0)
		copy(recogniser->project, sizeof(recogniser->project),
		     span_trim(span));
}

static bool related(const char *a, const char *b)
{
	return is_below(a, b) || is_below(b, a);
}

/* How well an id and an address to post to fit: 0 not at all, 3 fully. */
static int agreement(const struct list *list, const char *post)
{
	struct list other;

	if (!list_from_address(&other, span_of(post)))
		return 0;
	if (strcmp(list->id, other.id) == 0)
		return 3;
	if (!related(list->host, other.host))
		return 0;
	return strcmp(list->label, other.label) == 0 ? 2 : 1;
}

static void set_post(struct list *list, const char *post)
{
	copy(list->post, sizeof(list->post), span_of(post));
}

/* A list in a list sends two ids; List-Post tells which one is the last. */
static void
choose_id(const struct list_recogniser *recogniser, struct list *list_r)
{
	const char *post = recogniser->posts[0];
	size_t i, j;
	int best = 0;

	*list_r = recogniser->ids[0];
	for (i = 0; i < recogniser->ids_count; i++) {
		for (j = 0; j < recogniser->posts_count; j++) {
			int fit = agreement(&recogniser->ids[i],
					    recogniser->posts[j]);

			if (fit <= best)
				continue;
			best = fit;
			*list_r = recogniser->ids[i];
			post = recogniser->posts[j];
		}
	}
	set_post(list_r, post);
}

/* The sources that hold an address: it is the one to post to as well. */
static bool
list_from_other(const struct list_recogniser *recogniser, struct list *list_r)
{
	const char *post = recogniser->posts[0];

	if (recogniser->manager.id[0] != '\0')
		*list_r = recogniser->manager;
	else if (post[0] != '\0')
		(void)list_from_address(list_r, span_of(post));
	else if (recogniser->owner.id[0] != '\0' && recogniser->bulk)
		*list_r = recogniser->owner;
	else
		return false;
	if (post[0] != '\0') {
		set_post(list_r, post);
	} else {
		set_post(list_r, list_r->id);
		list_r->post[strlen(list_r->label)] = '@';
	}
	return true;
}

/*
 * GitLab sends NUMBER.PROJECT.GROUP.HOST: people know the project, and its
 * number says nothing to them.
 */
static bool name_project(struct list *list, const char *number)
{
	struct span host = span_of(list->host);
	struct span label;
	char rest[LIST_ID_MAX + 1];

	if (number[0] == '\0' || strcmp(list->label, number) != 0)
		return false;
	label = span_cut(&host, ".");
	if (host.len == 0)
		return false;
	copy(list->label, sizeof(list->label), label);
	copy(rest, sizeof(rest), host);
	copy(list->host, sizeof(list->host), span_of(rest));
	return true;
}

static enum list_kind
kind_of(const struct list_recogniser *recogniser, const struct list *list)
{
	if (is_below(list->host, "github.com"))
		return LIST_KIND_NOTIFICATION;
	if (is_below(list->host, "list-id.mcsv.net"))
		return LIST_KIND_NEWSLETTER;
	if (recogniser->closed && recogniser->posts_count == 0)
		return LIST_KIND_ANNOUNCEMENT;
	return LIST_KIND_DISCUSSION;
}

bool list_recognise(const struct list_recogniser *recogniser,
		    struct list *list_r)
{
	if (recogniser->ids_count > 0)
		choose_id(recogniser, list_r);
	else if (!list_from_other(recogniser, list_r))
		return false;
	if (name_project(list_r, recogniser->project))
		list_r->kind = LIST_KIND_NOTIFICATION;
	else
		list_r->kind = kind_of(recogniser, list_r);
	return true;
}
