#include "milter-dkim/header-choice.h"

#include "common/policy.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

/* Signed, and not to be added later. */
static const char *const sealed[] = {
	"From",
	"To",
	"Cc",
	"Subject",
	"Date",
	"Message-ID",
	"Reply-To",
	"In-Reply-To",
	"References",
	"MIME-Version",
	"Content-Type",
	"Content-Transfer-Encoding",
	"Content-Disposition",
};

#define SEALED_COUNT (sizeof(sealed) / sizeof(sealed[0]))

struct choosing {
	struct header_choice *choices;
	size_t count;
	size_t max;
};

static void choose(struct choosing *choosing, const char *name,
		   const struct policy_field *field)
{
	if (choosing->count < choosing->max)
		choosing->choices[choosing->count] =
			(struct header_choice){ .name = name, .field = field };
	choosing->count++;
}

static bool is_sealed(const char *name)
{
	size_t i;

	for (i = 0; i < SEALED_COUNT; i++) {
		if (policy_is_named(name, sealed[i]))
			return true;
	}
	return false;
}

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-';
}

/*
 * Fields of MIME. The name is repeated in h=, where not every character
 * of a field name may stand (RFC 6376 3.2).
 */
static bool is_content(const char *name)
{
	static const char prefix[] = "content-";
	size_t len = strlen(prefix);

	if (strncasecmp(name, prefix, len) != 0)
		return false;
	while (is_plain(name[len]))
		len++;
	return len < 64 && name[len] == '\0';
}

bool header_is_chosen(const char *name)
{
	return is_sealed(name) || is_content(name);
}

size_t header_choose(struct header_choice *choices, size_t max,
		     const struct policy_field *fields, size_t count)
{
	struct choosing choosing = { .choices = choices, .max = max };
	size_t i, j;

	for (i = 0; i < SEALED_COUNT; i++) {
		for (j = count; j-- > 0;) {
			if (policy_is_named(fields[j].name, sealed[i]))
				choose(&choosing, sealed[i], &fields[j]);
		}
		choose(&choosing, sealed[i], NULL);
	}
	for (j = count; j-- > 0;) {
		if (is_content(fields[j].name) && !is_sealed(fields[j].name))
			choose(&choosing, fields[j].name, &fields[j]);
	}
	return choosing.count;
}
