#ifndef TESTS_UNIT_POLICY_PEOPLE_H
#define TESTS_UNIT_POLICY_PEOPLE_H

#include "tests/unit/test.h"

#include "tests/unit/folder.h"
#include "tests/unit/published.h"

#include "admin/master.h"
#include "common/directory.h"
#include "common/error.h"
#include "common/policy-rules.h"
#include "common/policy.h"

#include <stdbool.h>
#include <string.h>

/* Some accounts, and what the policy says to what they write. */

#define NOW 1800000000
#define FIELDS_MAX 5

#define OE "\xc3\xb6"	   /* U+00F6, NFC */
#define OE_NFD "o\xcc\x88" /* the same, NFD */
#define ZERO_WIDTH "\xe2\x80\x8b"
#define BIDI "\xe2\x80\xae"

static char *folder;
static struct directory *dir;
static struct policy_rules rules; /* the strict ones, but where changed */

static inline void check_envelope(const char *login, const char *mail_from,
				  struct policy_verdict *verdict_r)
{
	const struct policy_question question = {
		.dir = dir,
		.rules = &rules,
		.login = login,
		.mail_from = mail_from,
		.now = NOW,
	};

	policy_check_envelope(&question, verdict_r);
}

static inline void check_header(const char *login,
				const struct policy_field *fields, size_t count,
				struct policy_verdict *verdict_r)
{
	const struct policy_question question = {
		.dir = dir,
		.rules = &rules,
		.login = login,
		.mail_from = "anna+m@example.org",
		.now = NOW,
	};

	policy_check_header(&question, fields, count, verdict_r);
}

static inline void add_people(struct master *master)
{
	static const char *const names[] = { "anna", "ceo", "dora", "max" };
	struct error err;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		must(master_account_add(master, names[i], &err), &err);
	must(master_account_enable(master, "dora", false, &err), &err);
	must(master_domain_add(master, "example.org", "+", false, NULL, &err),
	     &err);
	must(master_domain_add(master, "example.net", "", false, "example.org",
			       &err),
	     &err);
	must(master_domain_add(master, "b" OE "cher.example", "", true, NULL,
			       &err),
	     &err);
	must(master_address_add(master, "anna@example.org", "anna", &err),
	     &err);
	must(master_address_add(master, "J" OE "rg@b" OE "cher.example", "anna",
				&err),
	     &err);
	must(master_address_add(master, "ceo@example.org", "ceo", &err), &err);
	must(master_address_add(master, "dora@example.org", "dora", &err),
	     &err);
	must(master_address_add(master, "@example.org", "max", &err), &err);
}

static inline void grant(struct master *master, const char *holder,
			 const char *address, time_t until, bool on_behalf)
{
	const struct master_grant row = { holder, address, until, on_behalf };
	struct error err;

	must(master_grant_add(master, &row, &err), &err);
}

static inline void fill(struct master *master)
{
	struct error err;

	add_people(master);
	must(master_group_add(master, "staff", &err), &err);
	must(master_group_add_member(master, "staff", "anna", &err), &err);
	grant(master, "%staff", "info@example.org", 0, false);
	grant(master, "anna", "boss@example.com", 0, true);
	grant(master, "anna", "old@example.com", NOW, false);
	grant(master, "anna", "new@example.com", NOW + 1, false);
	grant(master, "anna", "@example.test", 0, false);
}

static inline int people_set_up(void **state)
{
	(void)state;
	folder = folder_make("directory");
	dir = published_open(folder, fill);
	return 0;
}

static inline int people_tear_down(void **state)
{
	(void)state;
	directory_close(&dir);
	folder_remove(&folder);
	return 0;
}

/* What holds for every verdict. */
static inline void must_be_sound(const struct policy_verdict *verdict)
{
	const char *c;

	switch (verdict->result) {
	case POLICY_PASS:
		assert_string_equal(verdict->code, "");
		assert_string_equal(verdict->status, "");
		assert_string_equal(verdict->text, "");
		assert_string_equal(verdict->reason, "");
		return;
	case POLICY_REJECT:
		assert_string_equal(verdict->code, "550");
		assert_int_equal(verdict->status[0], '5');
		break;
	case POLICY_DEFER:
		assert_string_equal(verdict->code, "451");
		assert_string_equal(verdict->status, "4.3.0");
		break;
	}
	assert_string_not_equal(verdict->reason, "");
	assert_string_not_equal(verdict->text, "");
	for (c = verdict->text; *c != '\0'; c++)
		assert_in_range(*c, 0x20, 0x7e);
}

/* status: "" is a pass. */
static inline void compare(const struct policy_verdict *verdict,
			   const char *name, const char *status,
			   const char *text)
{
	must_be_sound(verdict);
	if (strcmp(verdict->status, status) != 0 ||
	    strstr(verdict->text, text) == NULL)
		fail_msg("%s: %s %s", name, verdict->status, verdict->text);
}

static inline void
check(struct policy_verdict *verdict_r, const char *const *fields)
{
	struct policy_field list[FIELDS_MAX + 1];
	size_t count = 0;

	for (; fields[2 * count] != NULL; count++) {
		const char *value = fields[2 * count + 1];

		list[count] = (struct policy_field){
			.name = fields[2 * count],
			.value = value,
			.value_len = strlen(value),
		};
	}
	check_header("anna", list, count, verdict_r);
}

struct header_case {
	const char *name;
	const char *fields[2 * FIELDS_MAX];
	const char *status;
	const char *text;
};

/* Each behind a From field of this value, unless that is NULL. */
static inline void
check_cases(const struct header_case *cases, size_t count, const char *from)
{
	size_t i;

	for (i = 0; i < count; i++) {
		const char *fields[2 * FIELDS_MAX + 3] = { "From", from };
		struct policy_verdict verdict;

		memcpy(fields + (from != NULL ? 2 : 0), cases[i].fields,
		       sizeof(cases[i].fields));
		check(&verdict, fields);
		compare(&verdict, cases[i].name, cases[i].status,
			cases[i].text);
	}
}

#define ANNA "<anna@example.org>"
#define OWN "Anna <anna@example.org>"

#endif
