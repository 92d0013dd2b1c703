#include "milter-dkim/verify-signature.h"

#include "common/address.h"
#include "common/error.h"
#include "common/mem.h"
#include "common/policy.h"
#include "milter-dkim/verify-tags.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* RFC 1035 2.3.4, with "._domainkey." between. */
#define KEY_NAME_MAX 253
#define LABEL_MAX 63

/* libopendkim has room for 256, and for 4095 of h=. */
#define IDENTITY_MAX 250
#define NAMES_MAX 4000

/* Clocks differ. */
#define DRIFT 300

/* libopendkim has room for 1024, and no key in use needs as many. */
#define RECORD_MAX 1020

const char *verify_result_name(enum verify_result result)
{
	static const char *const names[] = {
		[VERIFY_UNDECIDED] = "neutral",
		[VERIFY_PASS] = "pass",
		[VERIFY_FAIL] = "fail",
		[VERIFY_POLICY] = "policy",
		[VERIFY_NEUTRAL] = "neutral",
		[VERIFY_TEMPERROR] = "temperror",
		[VERIFY_PERMERROR] = "permerror",
	};

	return names[result];
}

void verify_signature_decide(struct verify_signature *signature,
			     enum verify_result result, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(signature->reason, sizeof(signature->reason), format,
			args);
	va_end(args);
	signature->result = result;
}

/* RFC 6376 3.5, sub-domain: of letters, digits, hyphens and underscores. */
static bool is_domain(const char *name)
{
	size_t label = 0;

	for (; *name != '\0'; name++) {
		bool plain = (*name >= 'a' && *name <= 'z') ||
			     (*name >= '0' && *name <= '9') || *name == '-' ||
			     *name == '_';

		if (plain ? ++label > LABEL_MAX
			  : *name != '.' || label == 0 || name[1] == '\0')
			return false;
		if (!plain)
			label = 0;
	}
	return label > 0;
}

static char *lower(const char *text)
{
	char *copy = mem_strdup(text), *c;

	for (c = copy; *c != '\0'; c++) {
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	}
	return copy;
}

static bool is_below(const char *domain, const char *parent)
{
	size_t len = strlen(domain), parent_len = strlen(parent);

	return len > parent_len && domain[len - parent_len - 1] == '.' &&
	       strcmp(domain + len - parent_len, parent) == 0;
}

/* i= is repeated where nothing in it is quoted; else "" stands for it. */
static void read_identity(struct verify_signature *signature, const char *i)
{
	const char *at;
	char *local, *domain;

	if (i == NULL) {
		signature->identity = mem_printf("@%s", signature->domain);
		return;
	}
	at = strrchr(i, '@');
	if (at == NULL || strlen(i) > IDENTITY_MAX) {
		verify_signature_decide(signature, VERIFY_NEUTRAL,
					at == NULL ? "i= without a domain"
						   : "i= too long");
		return;
	}
	domain = lower(at + 1);
	local = mem_strndup(i, (size_t)(at - i));
	if (!is_domain(domain) || (strcmp(domain, signature->domain) != 0 &&
				   !is_below(domain, signature->domain)))
		verify_signature_decide(signature, VERIFY_NEUTRAL,
					"i= is not of the domain d=");
	else if (local[0] == '\0' ||
		 (address_is_dot_string(local) && strchr(local, '=') == NULL))
		signature->identity = mem_printf("%s@%s", local, domain);
	mem_free_string(&local);
	mem_free_string(&domain);
}

static void read_algorithm(struct verify_signature *signature, const char *a)
{
	if (strcasecmp(a, "rsa-sha256") == 0) {
		signature->algorithm = DKIM_RSA_SHA256;
		signature->algorithm_name = "rsa-sha256";
	} else if (strcasecmp(a, "ed25519-sha256") == 0) {
		signature->algorithm = DKIM_ED25519_SHA256;
		signature->algorithm_name = "ed25519-sha256";
	} else if (strcasecmp(a, "rsa-sha1") == 0) {
		signature->algorithm_name = "rsa-sha1";
		verify_signature_decide(signature, VERIFY_POLICY,
					"rsa-sha1 is no longer good enough");
	} else {
		verify_signature_decide(signature, VERIFY_NEUTRAL,
					"unknown algorithm");
	}
}

static void read_canon(struct verify_signature *signature, const char *c)
{
	static const struct {
		const char *name;
		enum canon body;
	} known[] = {
		{ "simple", CANON_SIMPLE },
		{ "relaxed", CANON_SIMPLE },
		{ "simple/simple", CANON_SIMPLE },
		{ "relaxed/simple", CANON_SIMPLE },
		{ "simple/relaxed", CANON_RELAXED },
		{ "relaxed/relaxed", CANON_RELAXED },
	};
	size_t i;

	signature->body_canon = CANON_SIMPLE;
	if (c == NULL)
		return;
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcasecmp(c, known[i].name) == 0) {
			signature->body_canon = known[i].body;
			return;
		}
	}
	verify_signature_decide(signature, VERIFY_NEUTRAL,
				"unknown canonicalization");
}

/* Digits alone, and no more than fit everywhere. */
static bool read_number(unsigned long long *number_r, const char *digits)
{
	size_t len = strspn(digits, "0123456789");

	if (len == 0 || len > 18 || digits[len] != '\0')
		return false;
	*number_r = strtoull(digits, NULL, 10);
	return true;
}

static void read_times(struct verify_signature *signature,
		       const struct verify_tags *tags, time_t now)
{
	const char *t = verify_tags_find(tags, "t");
	const char *x = verify_tags_find(tags, "x");
	unsigned long long made = 0, end = 0, today = (unsigned long long)now;

	/* libopendkim takes the first minutes for the far future. */
	if ((t != NULL && (!read_number(&made, t) || made < DRIFT)) ||
	    (x != NULL && !read_number(&end, x)) ||
	    (t != NULL && x != NULL && end <= made))
		verify_signature_decide(signature, VERIFY_NEUTRAL,
					"t= or x= is no time");
	else if (t != NULL && made > today + DRIFT)
		verify_signature_decide(signature, VERIFY_POLICY,
					"signed in the future");
	else if (x != NULL && today > end + DRIFT)
		verify_signature_decide(signature, VERIFY_POLICY, "expired");
}

static void
read_length(struct verify_signature *signature, const struct verify_tags *tags)
{
	const char *l = verify_tags_find(tags, "l");

	signature->has_length = l != NULL;
	if (l != NULL && !read_number(&signature->length, l))
		verify_signature_decide(signature, VERIFY_NEUTRAL,
					"l= is no length");
}

/* The next name of a list between colons, or NULL. */
static const char *next_word(const char **rest, size_t *len_r)
{
	const char *word = *rest;

	if (word == NULL)
		return NULL;
	*len_r = strcspn(word, ":");
	*rest = word[*len_r] == ':' ? word + *len_r + 1 : NULL;
	return word;
}

static size_t count_word(const char *list, const char *wanted)
{
	size_t count = 0, len;
	const char *word;

	while ((word = next_word(&list, &len)) != NULL) {
		if (len == strlen(wanted) &&
		    strncasecmp(word, wanted, len) == 0)
			count++;
	}
	return count;
}

static void read_names(struct verify_signature *signature, const char *names)
{
	signature->names = mem_strdup(names);
	if (strlen(names) > NAMES_MAX)
		verify_signature_decide(signature, VERIFY_NEUTRAL,
					"h= too long");
	else if (count_word(names, "From") == 0)
		verify_signature_decide(signature, VERIFY_PERMERROR,
					"From is not signed");
}

/* Who signs, which is said whatever else is wrong. */
static void
read_signer(struct verify_signature *signature, const struct verify_tags *tags)
{
	char *d = lower(verify_tags_find(tags, "d"));
	char *s = lower(verify_tags_find(tags, "s"));

	if (is_domain(d) && is_domain(s) &&
	    strlen(s) + strlen("._domainkey.") + strlen(d) <= KEY_NAME_MAX) {
		signature->domain = d;
		signature->selector = s;
		read_identity(signature, verify_tags_find(tags, "i"));
		return;
	}
	verify_signature_decide(signature, VERIFY_NEUTRAL,
				"d= or s= is no domain name in ASCII");
	mem_free_string(&d);
	mem_free_string(&s);
}

static const char *missing_tag(const struct verify_tags *tags)
{
	static const char *const needed[] = { "a", "b", "bh", "d",
					      "h", "s", "v",  NULL };
	size_t i;

	for (i = 0; needed[i] != NULL; i++) {
		const char *value = verify_tags_find(tags, needed[i]);

		if (value == NULL || value[0] == '\0')
			return needed[i];
	}
	return NULL;
}

/* The first that is wrong is what is said: each step is asked for in turn. */
static void read_tags(struct verify_signature *signature,
		      const struct verify_tags *tags, time_t now)
{
	const char *missing = missing_tag(tags);
	const char *q = verify_tags_find(tags, "q");

	if (missing != NULL) {
		verify_signature_decide(signature, VERIFY_NEUTRAL,
					"%s= is missing", missing);
		return;
	}
	signature->b = mem_strdup(verify_tags_find(tags, "b"));
	read_signer(signature, tags);
	if (signature->result == VERIFY_UNDECIDED)
		read_algorithm(signature, verify_tags_find(tags, "a"));
	if (signature->result == VERIFY_UNDECIDED)
		read_names(signature, verify_tags_find(tags, "h"));
	if (signature->result == VERIFY_UNDECIDED)
		read_canon(signature, verify_tags_find(tags, "c"));
	if (signature->result == VERIFY_UNDECIDED)
		read_length(signature, tags);
	if (signature->result == VERIFY_UNDECIDED)
		read_times(signature, tags, now);
	if (signature->result != VERIFY_UNDECIDED)
		return;
	if (strcmp(verify_tags_find(tags, "v"), "1") != 0)
		verify_signature_decide(signature, VERIFY_NEUTRAL,
					"unknown version");
	else if (q != NULL && count_word(q, "dns/txt") == 0)
		verify_signature_decide(signature, VERIFY_NEUTRAL,
					"the key is not in DNS");
	else if (tags->misleading_b)
		verify_signature_decide(signature, VERIFY_NEUTRAL,
					"b= can't be told apart");
}

void verify_signature_read(struct verify_signature *signature_r,
			   const char *value, time_t now)
{
	struct verify_tags tags;
	struct error err;

	*signature_r = (struct verify_signature){ .result = VERIFY_UNDECIDED };
	if (strlen(value) > VERIFY_SIGNATURE_MAX) {
		verify_signature_decide(signature_r, VERIFY_NEUTRAL,
					"the field is too long");
		return;
	}
	if (verify_tags_parse(&tags, value, &err) < 0) {
		verify_signature_decide(signature_r, VERIFY_NEUTRAL,
					"malformed field");
		return;
	}
	read_tags(signature_r, &tags, now);
	verify_tags_release(&tags);
}

void verify_signature_release(struct verify_signature *signature)
{
	mem_free_string(&signature->domain);
	mem_free_string(&signature->selector);
	mem_free_string(&signature->identity);
	mem_free_string(&signature->b);
	mem_free_string(&signature->names);
}

size_t verify_signature_covers(const struct verify_signature *signature,
			       const char *name)
{
	return signature->names != NULL ? count_word(signature->names, name)
					: 0;
}

static size_t
count_fields(const struct policy_field *fields, size_t count, const char *name)
{
	size_t found = 0, i;

	for (i = 0; i < count; i++)
		found += strcasecmp(fields[i].name, name) == 0;
	return found;
}

/*
 * RFC 6376 8.15: one more Subject than is signed would be shown as signed.
 * libopendkim accepts it, with DKIM_LIBFLAGS_STRICTHDRS no honest one either.
 */
void verify_signature_check_header(struct verify_signature *signature,
				   const struct policy_field *fields,
				   size_t count)
{
	static const char *const once[] = {
		"From",
		"Sender",
		"Reply-To",
		"To",
		"Cc",
		"Subject",
		"Date",
		"Message-ID",
		"In-Reply-To",
		"References",
		"MIME-Version",
		"Content-Type",
		"Content-Transfer-Encoding",
	};
	size_t i, found, covered;

	if (signature->result != VERIFY_UNDECIDED)
		return;
	found = count_fields(fields, count, "From");
	if (found != 1) {
		verify_signature_decide(signature, VERIFY_PERMERROR,
					"%zu From fields", found);
		return;
	}
	for (i = 0; i < sizeof(once) / sizeof(once[0]); i++) {
		found = count_fields(fields, count, once[i]);
		covered = verify_signature_covers(signature, once[i]);
		if (found <= 1 || covered == 0 || covered >= found)
			continue;
		verify_signature_decide(signature, VERIFY_POLICY,
					"%zu of %zu %s fields are signed",
					covered, found, once[i]);
		return;
	}
}

void verify_signature_check_record(struct verify_signature *signature,
				   const char *record)
{
	struct verify_tags tags;
	struct error err;
	const char *k, *p;

	if (strlen(record) > RECORD_MAX) {
		verify_signature_decide(signature, VERIFY_PERMERROR,
					"the key record is too long");
		return;
	}
	if (verify_tags_parse(&tags, record, &err) < 0) {
		verify_signature_decide(signature, VERIFY_PERMERROR,
					"malformed key record");
		return;
	}
	k = verify_tags_find(&tags, "k");
	p = verify_tags_find(&tags, "p");
	if (p == NULL)
		verify_signature_decide(signature, VERIFY_PERMERROR,
					"the record has no key");
	else if (p[0] == '\0')
		verify_signature_decide(signature, VERIFY_PERMERROR,
					"the key was revoked");
	/* libopendkim takes any key for any algorithm. */
	else if (strcasecmp(k != NULL ? k : "rsa",
			    dkim_algorithm_name(signature->algorithm)) != 0)
		verify_signature_decide(signature, VERIFY_PERMERROR,
					"the key is of another algorithm");
	verify_tags_release(&tags);
}
