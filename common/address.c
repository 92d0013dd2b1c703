#include "common/address.h"

#include "common/buffer.h"
#include "common/error.h"
#include "common/mem.h"
#include "common/unicode.h"
#include "common/utf8.h"

#include <idn2.h>
#include <stdlib.h>
#include <string.h>

#define LABEL_MAX 63

/* Octets of a U-label's UTF-8 for each octet of the A-label. */
#define U_LABEL_RATIO 4

const struct address_rules address_rules_foreign = { .delimiters = "",
						     .case_sensitive = false };

bool address_is_atext(char c)
{
	unsigned char u = (unsigned char)c;

	return u >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

bool address_is_dot_string(const char *local)
{
	char before = '.';

	for (; *local != '\0'; local++) {
		if (*local == '.' ? before == '.' : !address_is_atext(*local))
			return false;
		before = *local;
	}
	return before != '.';
}

static void lower_ascii(char *text)
{
	for (; *text != '\0'; text++) {
		if (*text >= 'A' && *text <= 'Z')
			*text = (char)(*text - 'A' + 'a');
	}
}

/* RFC 5321 2.3.5, RFC 1123 2.1: letters, digits, hyphens. */
static int check_labels(const char *domain, struct error *err_r)
{
	static const char ldh[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
	const char *label = domain;

	if (strlen(domain) > ADDRESS_DOMAIN_MAX)
		return error_set(err_r, "the domain is longer than %d octets",
				 ADDRESS_DOMAIN_MAX);
	for (;;) {
		size_t len = strspn(label, ldh);

		if (label[len] != '.' && label[len] != '\0')
			return error_set(err_r,
					 "the domain \"%s\" has a character "
					 "other than letters, digits, \"-\" "
					 "and \".\"",
					 domain);
		if (len == 0)
			return error_set(err_r,
					 "the domain \"%s\" begins or ends "
					 "with a dot or has two in a row",
					 domain);
		if (len > LABEL_MAX)
			return error_set(err_r,
					 "the domain \"%s\" has a label longer "
					 "than %d octets",
					 domain, LABEL_MAX);
		if (label[0] == '-' || label[len - 1] == '-')
			return error_set(err_r,
					 "the domain \"%s\" has a label that "
					 "begins or ends with \"-\"",
					 domain);
		if (label[len] == '\0')
			break;
		label += len + 1;
	}
	/* RFC 3696 2: no top-level domain is a number. An IP address is. */
	if (strspn(label, "0123456789") == strlen(label))
		return error_set(err_r,
				 "the domain \"%s\" ends in a number, as IP "
				 "addresses do: write a domain name",
				 domain);
	return 0;
}

/* In U-labels of lower case; NULL if it has an A-label that is none. */
static char *to_shown(const char *domain)
{
	char *u_labels, *lower;
	int result = idn2_to_unicode_8z8z(domain, &u_labels, 0);

	if (result == IDN2_MALLOC)
		abort();
	if (result != IDN2_OK)
		return NULL;
	lower = unicode_lower(u_labels, strlen(u_labels));
	idn2_free(u_labels);
	return lower;
}

/*
 * IDNA's mapping makes a domain of look-alikes, of full-width letters and of
 * ligatures. What people are shown may differ in case alone.
 */
static bool is_shown_alike(const char *domain, const char *a_labels)
{
	char *shown = to_shown(domain), *meant = to_shown(a_labels);
	bool alike =
		shown != NULL && meant != NULL && strcmp(shown, meant) == 0;

	mem_free_string(&shown);
	mem_free_string(&meant);
	return alike;
}

/* Not IDN2_USE_STD3_ASCII_RULES: it drops what it forbids, "a_b" is "ab". */
static int to_a_labels(char **domain_r, const char *text, struct error *err_r)
{
	uint8_t *labels = NULL;
	int result = idn2_lookup_u8((const uint8_t *)text, &labels,
				    IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);

	if (result == IDN2_MALLOC)
		abort();
	if (result != IDN2_OK)
		return error_set(err_r,
				 "the domain \"%.200s\" is not a valid "
				 "internationalised name (IDNA 2008): %s",
				 text, idn2_strerror(result));
	*domain_r = mem_strdup((char *)labels);
	idn2_free(labels);
	if (!is_shown_alike(text, *domain_r)) {
		error_set(err_r,
			  "the domain \"%.200s\" has a character that stands "
			  "for another: write \"%s\"",
			  text, *domain_r);
		mem_free_string(domain_r);
		return -1;
	}
	return 0;
}

int address_domain_parse(char **domain_r, const char *text, struct error *err_r)
{
	size_t len = strlen(text);
	char *domain, *nfc;

	*domain_r = NULL;
	if (len == 0)
		return error_set(err_r, "the domain is empty");
	if (text[0] == '[')
		return error_set(err_r,
				 "\"%.200s\" is an address literal: write a "
				 "domain name",
				 text);
	if (len > (size_t)U_LABEL_RATIO * ADDRESS_DOMAIN_MAX)
		return error_set(err_r, "the domain is longer than %d octets",
				 ADDRESS_DOMAIN_MAX);
	domain = mem_strdup(text);
	lower_ascii(domain);
	/* IDNA refuses "r3---x", the DNS has it: plain names stay. */
	if (!utf8_is_ascii(domain) || strstr(domain, "xn--") != NULL) {
		mem_free_string(&domain);
		if (unicode_identifier(&nfc, text, len, err_r) < 0)
			return error_prefix(err_r, "the domain \"%.200s\"",
					    text);
		if (to_a_labels(&domain, nfc, err_r) < 0) {
			mem_free_string(&nfc);
			return -1;
		}
		mem_free_string(&nfc);
	}
	if (check_labels(domain, err_r) < 0) {
		mem_free_string(&domain);
		return -1;
	}
	*domain_r = domain;
	return 0;
}

static int parse_local(char **local_r, const char *text, struct error *err_r)
{
	size_t len = strlen(text);

	if (len == 0)
		return error_set(err_r, "the part before \"@\" is empty");
	if (unicode_identifier(local_r, text, len, err_r) < 0)
		return error_prefix(err_r, "the part before \"@\"");
	if (strlen(*local_r) > ADDRESS_LOCAL_MAX) {
		mem_free_string(local_r);
		return error_set(err_r,
				 "the part before \"@\" is longer than %d "
				 "octets",
				 ADDRESS_LOCAL_MAX);
	}
	return 0;
}

int address_from_parts(struct address *address_r, const char *local,
		       const char *domain, struct error *err_r)
{
	*address_r = (struct address){ .local = NULL };
	if (parse_local(&address_r->local, local, err_r) < 0)
		return -1;
	if (address_domain_parse(&address_r->domain, domain, err_r) < 0) {
		address_release(address_r);
		return -1;
	}
	return 0;
}

/* RFC 5321 4.1.2 Quoted-string, from behind the quote. Returns what follows. */
static const char *unquote(struct buffer *local, const char *text)
{
	for (; *text != '"'; text++) {
		if (*text == '\\')
			text++;
		if (*text == '\0')
			return NULL;
		buffer_append_char(local, *text);
	}
	return text + 1;
}

/* The domain, behind "@"; NULL and err_r if there is none. */
static const char *
split(struct buffer *local, const char *text, struct error *err_r)
{
	const char *end;

	if (text[0] == '"') {
		end = unquote(local, text + 1);
		if (end == NULL) {
			error_set(err_r, "a quote is not closed");
			return NULL;
		}
	} else {
		end = text + strcspn(text, "@");
		buffer_append_bytes(local, text, (size_t)(end - text));
		if (local->len > 0 &&
		    !address_is_dot_string(buffer_string(local))) {
			error_set(err_r, "the part before \"@\" has a "
					 "character or dot that must be "
					 "quoted");
			return NULL;
		}
	}
	if (*end != '@') {
		error_set(err_r, "no \"@\" follows the first part: write "
				 "LOCAL@DOMAIN");
		return NULL;
	}
	return end + 1;
}

int address_parse(struct address *address_r, const char *text,
		  struct error *err_r)
{
	struct buffer local = BUFFER_INIT;
	const char *domain = split(&local, text, err_r);
	int result = -1;

	*address_r = (struct address){ .local = NULL };
	if (domain != NULL)
		result = address_from_parts(address_r, buffer_string(&local),
					    domain, err_r);
	buffer_release(&local);
	if (result < 0)
		return error_prefix(err_r, "\"%.200s\" is not an address",
				    text);
	return 0;
}

void address_release(struct address *address)
{
	mem_free_string(&address->local);
	mem_free_string(&address->domain);
}

char *address_format(const struct address *address)
{
	struct buffer text = BUFFER_INIT;
	const char *p;

	if (address_is_dot_string(address->local))
		return mem_printf("%s@%s", address->local, address->domain);
	buffer_append_char(&text, '"');
	for (p = address->local; *p != '\0'; p++) {
		if (*p == '"' || *p == '\\')
			buffer_append_char(&text, '\\');
		buffer_append_char(&text, *p);
	}
	buffer_printf(&text, "\"@%s", address->domain);
	return buffer_steal(&text);
}

char *
address_key(const struct address *address, const struct address_rules *rules)
{
	/* As Postfix: what begins with a delimiter is not split at all. */
	size_t len = strcspn(address->local, rules->delimiters);
	char *local, *key;

	if (len == 0)
		len = strlen(address->local);
	if (rules->case_sensitive)
		local = mem_strndup(address->local, len);
	else
		local = unicode_fold(address->local, len);
	key = mem_printf("%s@%s", local, address->domain);
	mem_free_string(&local);
	return key;
}
