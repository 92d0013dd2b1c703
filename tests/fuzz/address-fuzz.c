#include "tests/fuzz/fuzz.h"

#include "common/account-name.h"
#include "common/address.h"
#include "common/error.h"
#include "common/mem.h"

#include <string.h>

static const struct address_rules rules[] = {
	{ .delimiters = "" },
	{ .delimiters = "+-", .case_sensitive = false },
	{ .delimiters = "+", .case_sensitive = true },
};

/* Two spellings of one address are one: parts, text and all keys. */
static void must_be_same(const struct address *a, const struct address *b)
{
	size_t i;

	MUST(strcmp(a->local, b->local) == 0);
	MUST(strcmp(a->domain, b->domain) == 0);
	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		char *a_key = address_key(a, &rules[i]);
		char *b_key = address_key(b, &rules[i]);

		MUST(strcmp(a_key, b_key) == 0);
		mem_free_string(&a_key);
		mem_free_string(&b_key);
	}
}

/* What is folded once is folded for good, or keys in store would not match. */
static void must_fold_once(const struct address *address)
{
	struct address folded;
	struct error err;
	char *key = address_key(address, &rules[0]), *again;
	char *at = strrchr(key, '@');

	*at = '\0';
	/* Folding may lengthen what just fits. */
	if (address_from_parts(&folded, key, at + 1, &err) == 0) {
		*at = '@';
		again = address_key(&folded, &rules[0]);
		MUST(strcmp(key, again) == 0);
		mem_free_string(&again);
		address_release(&folded);
	} else {
		MUST(strlen(key) > ADDRESS_LOCAL_MAX);
	}
	mem_free_string(&key);
}

static void fuzz_address(const char *text)
{
	struct address address, again;
	struct error err = { .text = "" };
	char *formatted;

	if (address_parse(&address, text, &err) < 0) {
		MUST(err.text[0] != '\0');
		MUST(address.local == NULL && address.domain == NULL);
		return;
	}
	MUST(strlen(address.local) >= 1);
	MUST(strlen(address.local) <= ADDRESS_LOCAL_MAX);
	MUST(strlen(address.domain) <= ADDRESS_DOMAIN_MAX);
	MUST(strspn(address.domain, "abcdefghijklmnopqrstuvwxyz0123456789-.") ==
	     strlen(address.domain));
	formatted = address_format(&address);
	MUST(address_parse(&again, formatted, &err) == 0);
	must_be_same(&address, &again);
	must_fold_once(&address);
	mem_free_string(&formatted);
	address_release(&again);
	address_release(&address);
}

static void fuzz_account_name(const char *text)
{
	struct error err = { .text = "" };
	char *name, *again;

	if (account_name_parse(&name, text, &err) < 0) {
		MUST(err.text[0] != '\0' && name == NULL);
		return;
	}
	MUST(strlen(name) >= 1 && strlen(name) <= ACCOUNT_NAME_MAX);
	MUST(strpbrk(name, " \t\r\n\v\f/:,%\"\\") == NULL);
	MUST(account_name_parse(&again, name, &err) == 0);
	MUST(strcmp(name, again) == 0);
	mem_free_string(&again);
	mem_free_string(&name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_strndup((const char *)data, size);

	fuzz_address(text);
	fuzz_account_name(text);
	mem_free_string(&text);
	return 0;
}
