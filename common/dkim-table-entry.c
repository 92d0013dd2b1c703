#include "common/dkim-table.h"

#include "common/address.h"
#include "common/buffer.h"
#include "common/date.h"
#include "common/error.h"
#include "common/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LABEL_MAX 63
#define STATE_COUNT 3

static const char *const states[STATE_COUNT] = {
	[DKIM_PENDING] = "pending",
	[DKIM_ACTIVE] = "active",
	[DKIM_RETIRED] = "retired",
};

const char *dkim_state_name(enum dkim_state state)
{
	return states[state];
}

static int
parse_state(enum dkim_state *state_r, const char *name, struct error *err_r)
{
	int i;

	for (i = 0; i < STATE_COUNT; i++) {
		if (strcmp(states[i], name) == 0) {
			*state_r = (enum dkim_state)i;
			return 0;
		}
	}
	return error_set(err_r,
			 "state must be pending, active or retired, not \"%s\"",
			 name);
}

static bool is_label(const char *text, size_t len)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-";

	return len > 0 && len <= LABEL_MAX && strspn(text, letters) >= len &&
	       text[0] != '-' && text[len - 1] != '-';
}

int dkim_selector_parse(char **selector_r, const char *text,
			struct error *err_r)
{
	const char *label = text;
	char *c;

	for (;;) {
		size_t len = strcspn(label, ".");

		if (!is_label(label, len) || strlen(text) > ADDRESS_DOMAIN_MAX)
			return error_set(err_r,
					 "\"%s\" is not a selector: letters, "
					 "digits and hyphens in labels of at "
					 "most %d are",
					 text, LABEL_MAX);
		if (label[len] == '\0')
			break;
		label += len + 1;
	}
	*selector_r = mem_strdup(text);
	for (c = *selector_r; *c != '\0'; c++) {
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c | 0x20);
	}
	return 0;
}

void dkim_table_entry_release(struct dkim_table_entry *entry)
{
	mem_free_string(&entry->domain);
	mem_free_string(&entry->selector);
	mem_free_string(&entry->path);
}

/* The next word of *rest, which is cut there; NULL at the end. */
static char *next_word(char **rest)
{
	static const char space[] = " \t";
	char *word = *rest + strspn(*rest, space);
	size_t len = strcspn(word, space);

	if (len == 0)
		return NULL;
	*rest = word + len;
	if (**rest != '\0')
		*(*rest)++ = '\0';
	return word;
}

static int parse_ttl(uint32_t *ttl_r, const char *text, struct error *err_r)
{
	char *end;
	long ttl;

	errno = 0;
	ttl = strtol(text, &end, 10);
	/* RFC 2181 8. */
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 ||
	    ttl > INT32_MAX)
		return error_set(err_r,
				 "ttl= must be a number of seconds, not "
				 "\"%s\"",
				 text);
	*ttl_r = (uint32_t)ttl;
	return 0;
}

static int parse_option(struct dkim_table_entry *entry, const char *word,
			struct error *err_r)
{
	static const char ttl[] = "ttl=";

	if (strncmp(word, ttl, strlen(ttl)) == 0)
		return parse_ttl(&entry->ttl, word + strlen(ttl), err_r);
	if (strcmp(word, "subdomains") != 0)
		return error_set(err_r,
				 "option must be subdomains or ttl=SECONDS, "
				 "not \"%s\"",
				 word);
	entry->subdomains = true;
	return 0;
}

static int
parse_words(struct dkim_table_entry *entry, char *line, struct error *err_r)
{
	char *words[6], *word, *rest = line;
	size_t i;

	for (i = 0; i < 6; i++) {
		words[i] = next_word(&rest);
		if (words[i] == NULL)
			return error_set(err_r,
					 "is not of the form DOMAIN SELECTOR "
					 "ALGORITHM STATE SINCE PATH");
	}
	if (address_domain_parse(&entry->domain, words[0], err_r) < 0 ||
	    dkim_selector_parse(&entry->selector, words[1], err_r) < 0 ||
	    dkim_algorithm_parse(&entry->algorithm, words[2], err_r) < 0 ||
	    parse_state(&entry->state, words[3], err_r) < 0 ||
	    date_parse(&entry->since, words[4], err_r) < 0)
		return -1;
	entry->path = mem_strdup(words[5]);
	while ((word = next_word(&rest)) != NULL) {
		if (parse_option(entry, word, err_r) < 0)
			return -1;
	}
	return 0;
}

int dkim_table_entry_parse(struct dkim_table_entry *entry_r, char *line,
			   struct error *err_r)
{
	struct dkim_table_entry entry = { .domain = NULL };

	if (parse_words(&entry, line, err_r) < 0) {
		dkim_table_entry_release(&entry);
		return -1;
	}
	*entry_r = entry;
	return 0;
}

void dkim_table_entry_format(struct buffer *out,
			     const struct dkim_table_entry *entry)
{
	char since[DATE_TEXT_SIZE];

	date_format(since, entry->since);
	buffer_printf(out, "%s %s %s %s %s %s", entry->domain, entry->selector,
		      dkim_algorithm_name(entry->algorithm),
		      dkim_state_name(entry->state), since, entry->path);
	if (entry->subdomains)
		buffer_append_string(out, " subdomains");
	if (entry->ttl > 0)
		buffer_printf(out, " ttl=%u", (unsigned)entry->ttl);
	buffer_append_char(out, '\n');
}
