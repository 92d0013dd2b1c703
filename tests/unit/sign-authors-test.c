#include "tests/unit/test.h"

#include "common/address.h"
#include "common/error.h"
#include "common/mem.h"
#include "common/policy.h"
#include "milter-dkim/authors.h"
#include "milter-dkim/identity.h"

#include <string.h>

#define FIELDS_MAX 4

/* Each octet takes three in i=. */
#define U5 "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"
#define U20 U5 U5 U5 U5

static void one_address_decides_or_there_is_a_reason_why_none(void **state)
{
	static const struct {
		const char *name;
		enum authors_several several;
		const char *fields[2 * FIELDS_MAX]; /* name, value, ... */
		const char *signer;		    /* or why there is none */
	} cases[] = {
		{ "one author",
		  AUTHORS_FIRST,
		  { "From", "A <a@example.org>" },
		  "a@example.org" },
		{ "among other fields",
		  AUTHORS_FIRST,
		  { "To", "b@example.net", "from", "a@example.org" },
		  "a@example.org" },
		{ "the first of two",
		  AUTHORS_FIRST,
		  { "From", "a@example.org, b@example.net" },
		  "a@example.org" },
		{ "the first, whatever Sender says",
		  AUTHORS_FIRST,
		  { "Sender", "b@example.net", "From",
		    "a@example.org, b@example.net" },
		  "a@example.org" },
		{ "the first in a group",
		  AUTHORS_FIRST,
		  { "From", "G: a@example.org;, b@example.net" },
		  "a@example.org" },
		{ "of one author Sender decides nothing",
		  AUTHORS_SENDER,
		  { "Sender", "b@example.net", "From", "a@example.org" },
		  "a@example.org" },
		{ "of two it does",
		  AUTHORS_SENDER,
		  { "Sender", "b@example.net", "From",
		    "a@example.org, b@example.net" },
		  "b@example.net" },
		{ "of one author a bad Sender does not matter",
		  AUTHORS_SENDER,
		  { "Sender", "@", "From", "a@example.org" },
		  "a@example.org" },

		{ "no field at all", AUTHORS_FIRST, { NULL }, "no From field" },
		{ "no From",
		  AUTHORS_SENDER,
		  { "Sender", "b@example.net" },
		  "no From field" },
		{ "two From",
		  AUTHORS_FIRST,
		  { "From", "a@example.org", "From", "a@example.org" },
		  "more than one From field" },
		{ "two From, one with a space behind its name",
		  AUTHORS_FIRST,
		  { "From", "a@example.org", "FROM ", "b@example.net" },
		  "more than one From field" },
		{ "an empty From", AUTHORS_FIRST, { "From", "" }, "From: " },
		{ "an empty group",
		  AUTHORS_FIRST,
		  { "From", "G:;" },
		  "From: " },
		{ "two authors in one value",
		  AUTHORS_FIRST,
		  { "From", "<a@example.org> From: <b@example.net>" },
		  "From: " },
		{ "two authors and no Sender",
		  AUTHORS_SENDER,
		  { "From", "a@example.org, b@example.net" },
		  "several authors: no Sender field" },
		{ "two Sender",
		  AUTHORS_SENDER,
		  { "From", "a@example.org, b@example.net", "Sender",
		    "a@example.org", "Sender", "a@example.org" },
		  "several authors: more than one Sender field" },
		{ "a Sender of two",
		  AUTHORS_SENDER,
		  { "From", "a@example.org, b@example.net", "Sender",
		    "a@example.org, b@example.net" },
		  "one address, without a group" },
		{ "a Sender in a group",
		  AUTHORS_SENDER,
		  { "From", "a@example.org, b@example.net", "Sender",
		    "G: a@example.org;" },
		  "one address, without a group" },
		{ "a bad Sender",
		  AUTHORS_SENDER,
		  { "From", "a@example.org, b@example.net", "Sender", "a@" },
		  "several authors: Sender: " },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct policy_field fields[FIELDS_MAX];
		struct authors authors;
		struct error err;
		size_t count = 0;
		char *found;

		while (count < FIELDS_MAX &&
		       cases[i].fields[2 * count] != NULL) {
			const char *value = cases[i].fields[2 * count + 1];

			fields[count] = (struct policy_field){
				cases[i].fields[2 * count], value, strlen(value)
			};
			count++;
		}
		if (authors_read(&authors, fields, count, cases[i].several,
				 &err) < 0)
			found = mem_strdup(err.text);
		else
			found = address_format(authors_signer(&authors));
		if (strstr(found, cases[i].signer) == NULL)
			fail_msg("%s: %s", cases[i].name, found);
		mem_free_string(&found);
		authors_release(&authors);
	}
}

static void the_identity_says_what_it_is_set_to_in_ascii(void **state)
{
	static const struct {
		enum identity identity;
		const char *local;
		const char *value;
	} cases[] = {
		{ IDENTITY_NONE, "anna", NULL },
		{ IDENTITY_DOMAIN, "anna", "@example.org" },
		{ IDENTITY_ADDRESS, "anna+x", "anna+x@example.org" },
		{ IDENTITY_ADDRESS, "j\xc3\xb6rg", "j=C3=B6rg@example.org" },
		{ IDENTITY_ADDRESS, "a b", "\"a=20b\"@example.org" },
		{ IDENTITY_ADDRESS, "a;b=c", "\"a=3Bb=3Dc\"@example.org" },
		{ IDENTITY_ADDRESS, "a:b\\c", "\"a:b\\\\c\"@example.org" },
	};
	static char domain[] = "example.org";
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		char *local = mem_strdup(cases[i].local);
		const struct address address = { .local = local,
						 .domain = domain };
		char *value = identity_make(cases[i].identity, &address);

		if (cases[i].value == NULL)
			assert_null(value);
		else
			assert_string_equal(value, cases[i].value);
		mem_free_string(&value);
		mem_free_string(&local);
	}
}

static void an_identity_too_long_for_a_line_has_no_local_part(void **state)
{
	static char local[] = U20 U20 U20 U20 U20, domain[] = "example.org";
	const struct address address = { .local = local, .domain = domain };
	char *value = identity_make(IDENTITY_ADDRESS, &address);

	(void)state;
	assert_string_equal(value, "@example.org");
	mem_free_string(&value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			one_address_decides_or_there_is_a_reason_why_none),
		cmocka_unit_test(the_identity_says_what_it_is_set_to_in_ascii),
		cmocka_unit_test(
			an_identity_too_long_for_a_line_has_no_local_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
