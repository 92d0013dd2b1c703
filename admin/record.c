#include "admin/record.h"

#include "common/date.h"
#include "common/error.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

const struct record_form record_forms[RECORD_KIND_COUNT] = {
	[RECORD_DOMAIN] = { "domain",
			    "domains",
			    1,
			    { "name", "delimiters", "flags", "alias_of" } },
	[RECORD_ACCOUNT] = { "account",
			     "accounts",
			     1,
			     { "name", "state", "password" } },
	[RECORD_ADDRESS] = { "address",
			     "addresses",
			     2,
			     { "address", "account" } },
	[RECORD_GROUP] = { "group", "groups", 1, { "group" } },
	[RECORD_MEMBER] = { "member", "members", 2, { "group", "account" } },
	[RECORD_GRANT] = { "grant",
			   "grants",
			   2,
			   { "holder", "address", "flags", "until" } },
	[RECORD_KEY] = { "key",
			 "keys",
			 4,
			 { "fingerprint", "account", "name", "type", "login",
			   "flags", "created", "until" } },
};

static bool is_empty(const char *text)
{
	return text == NULL || text[0] == '\0';
}

static const char *or_null(const char *text)
{
	return is_empty(text) ? NULL : text;
}

struct flag {
	const char *name;
	bool *value;
};

/* Names of flags with commas between them; flags ends with a NULL name. */
static int
parse_flags(const char *text, const struct flag *flags, struct error *err_r)
{
	while (!is_empty(text)) {
		const struct flag *flag = flags;
		size_t len = strcspn(text, ",");

		while (flag->name != NULL &&
		       (strlen(flag->name) != len ||
			strncmp(flag->name, text, len) != 0))
			flag++;
		if (flag->name == NULL)
			return error_set(err_r, "\"%.*s\" is not a flag of it",
					 (int)len, text);
		*flag->value = true;
		text += len + (text[len] == ',');
	}
	return 0;
}

static int parse_date(time_t *time_r, const char *text, struct error *err_r)
{
	*time_r = 0;
	return is_empty(text) ? 0 : date_parse_end(time_r, text, err_r);
}

int record_to_domain(struct master_domain *domain_r,
		     const struct record *record, struct error *err_r)
{
	const struct flag flags[] = {
		{ "case-sensitive", &domain_r->case_sensitive },
		{ .name = NULL },
	};

	*domain_r = (struct master_domain){
		.name = record->field[0],
		.delimiters =
			is_empty(record->field[1]) ? "" : record->field[1],
		.alias_of = or_null(record->field[3]),
	};
	return parse_flags(record->field[2], flags, err_r);
}

int record_to_account(struct master_account *account_r,
		      const struct record *record, struct error *err_r)
{
	const char *state = record->field[1];

	*account_r = (struct master_account){
		.name = record->field[0],
		.enabled = is_empty(state) || strcmp(state, "enabled") == 0,
		.password = or_null(record->field[2]),
	};
	if (!account_r->enabled && strcmp(state, "disabled") != 0)
		return error_set(err_r, "an account's state is \"enabled\" or "
					"\"disabled\"");
	return 0;
}

int record_to_grant(struct master_grant *grant_r, const struct record *record,
		    struct error *err_r)
{
	const struct flag flags[] = {
		{ "on-behalf", &grant_r->on_behalf },
		{ .name = NULL },
	};

	*grant_r = (struct master_grant){
		.holder = record->field[0],
		.address = record->field[1],
	};
	if (parse_flags(record->field[2], flags, err_r) < 0)
		return -1;
	return parse_date(&grant_r->until, record->field[3], err_r);
}

/* As "key add" names the keys that it takes. */
static int check_type(const char *type, struct error *err_r)
{
	static const char *const curves[] = { "P-256", "P-384", "P-521",
					      "Ed25519" };
	static const char rsa[] = "RSA-";
	const char *bits = type + strlen(rsa);
	size_t i;

	for (i = 0; i < sizeof(curves) / sizeof(curves[0]); i++) {
		if (strcmp(type, curves[i]) == 0)
			return 0;
	}
	if (strncmp(type, rsa, strlen(rsa)) == 0 && bits[0] != '0' &&
	    strlen(bits) <= strlen("16384") &&
	    strspn(bits, "0123456789") == strlen(bits)) {
		long size = strtol(bits, NULL, 10);

		if (size >= 2048 && size <= 16384)
			return 0;
	}
	return error_set(err_r,
			 "\"%s\" is not a type of key that is taken: P-256, "
			 "P-384, P-521, Ed25519, RSA-2048 to RSA-16384",
			 type);
}

int record_to_key(struct master_key *key_r, const struct record *record,
		  struct error *err_r)
{
	const struct flag flags[] = {
		{ "no-preauth", &key_r->no_preauth },
		{ "no-bare-submission", &key_r->no_bare_submission },
		{ .name = NULL },
	};

	*key_r = (struct master_key){
		.account = record->field[1],
		.name = record->field[2],
		.type = record->field[3],
		.login = or_null(record->field[4]),
	};
	if (fingerprint_parse(&key_r->fingerprint, record->field[0], err_r) <
		    0 ||
	    check_type(key_r->type, err_r) < 0 ||
	    parse_flags(record->field[5], flags, err_r) < 0 ||
	    parse_date(&key_r->created, record->field[6], err_r) < 0)
		return -1;
	return parse_date(&key_r->until, record->field[7], err_r);
}
