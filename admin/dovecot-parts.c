#include "admin/dovecot-parts.h"

#include "admin/dovecot-conf.h"
#include "common/error.h"
#include "common/mem.h"
#include "common/span.h"

#include <stddef.h>
#include <string.h>
#include <sysexits.h>

#define WORKER "service auth-worker {"

static bool is_one_of(const char *word, const char *const *words)
{
	for (; *words != NULL; words++) {
		if (strcmp(word, *words) == 0)
			return true;
	}
	return false;
}

/* Is the setting there with this word? */
static bool has(const char *conf, const char *name, const char *word)
{
	char *words = dovecot_conf_words(conf, name);
	bool found = dovecot_conf_has_word(words, word);

	mem_free_string(&words);
	return found;
}

bool dovecot_has_worker_user(const char *conf)
{
	char *user = dovecot_conf_in_section(conf, WORKER, "user");
	bool has_user =
		user != NULL && strcmp(user, "root") != 0 && user[0] != '\0';

	mem_free_string(&user);
	return has_user;
}

/* A worker that is not root must be able to read the directory. */
static int check_worker(const char *conf, struct error *err_r)
{
	char *groups = dovecot_conf_in_section(conf, WORKER, "extra_groups");
	char *group = dovecot_conf_in_section(conf, WORKER, "group");
	bool reads = !dovecot_has_worker_user(conf) ||
		     dovecot_conf_has_word(groups, "countersign") ||
		     dovecot_conf_has_word(group, "countersign");

	mem_free_string(&groups);
	mem_free_string(&group);
	if (reads)
		return 0;
	return error_set_as(err_r, EX_CONFIG,
			    "service auth-worker has a user of its own, who "
			    "may not read the directory, so that all logins "
			    "would fail: add extra_groups = countersign there");
}

int dovecot_keys_allowed(const char *conf, struct error *err_r)
{
	if (has(conf, "auth_mechanisms", "external"))
		return error_set_as(err_r, EX_CONFIG,
				    "auth_mechanisms has external already: "
				    "whoever logs in with a certificate of "
				    "ssl_ca would be known by the key instead, "
				    "and their keys are not in the directory; "
				    "add them (countersign key add), then take "
				    "external out");
	if (has(conf, "auth_ssl_username_from_cert", "yes"))
		return error_set_as(err_r, EX_CONFIG,
				    "auth_ssl_username_from_cert = yes: the "
				    "name in a client's certificate would "
				    "count as its login, whoever's key it is; "
				    "take that out first");
	return check_worker(conf, err_r);
}

bool dovecot_asks_for_certificates(const char *conf)
{
	return has(conf, "ssl_verify_client_cert", "yes") ||
	       has(conf, "request_client_cert", "yes"); /* of ssl_server */
}

static int check_lost(const char *before, const char *after,
		      const char *const *names, struct error *err_r)
{
	char *lost = dovecot_conf_lost(before, after, names);

	if (lost == NULL)
		return 0;
	error_set_as(err_r, EX_CONFIG,
		     "\"%s\" of the site would no longer hold", lost);
	mem_free_string(&lost);
	return -1;
}

static int check_words(const char *before, const char *after, const char *name,
		       struct error *err_r)
{
	char *old = dovecot_conf_words(before, name);
	struct span rest = { old, old != NULL ? strlen(old) : 0 };
	struct span word;
	int result = 0;

	while (result == 0 && (word = span_take_word(&rest)).len > 0) {
		char *each = mem_strndup(word.at, word.len);

		if (!has(after, name, each))
			result = error_set_as(err_r, EX_CONFIG,
					      "%s would lose %s", name, each);
		mem_free_string(&each);
	}
	mem_free_string(&old);
	return result;
}

static int check_first_passdb(const char *conf, struct error *err_r)
{
	size_t at = 0;
	char *driver = dovecot_conf_next_driver(conf, "passdb", &at);
	bool first = driver != NULL && strcmp(driver, "tlspubkey") == 0;

	if (!first)
		error_set_as(err_r, EX_CONFIG,
			     "the first passdb would be %s, and logins would "
			     "go past the check of keys",
			     driver != NULL ? driver : "none");
	mem_free_string(&driver);
	return first ? 0 : -1;
}

static int need_word(const char *conf, const char *name, const char *word,
		     struct error *err_r)
{
	if (has(conf, name, word))
		return 0;
	return error_set_as(err_r, EX_CONFIG,
			    "%s would be without %s: it is set again further "
			    "down",
			    name, word);
}

static int need_words(const char *conf, struct error *err_r)
{
	return need_word(conf, "auth_mechanisms", "tlspubkey", err_r) < 0 ||
			       need_word(conf, "auth_mechanisms", "external",
					 err_r) < 0 ||
			       need_word(conf, "login_plugins",
					 "login_tlspubkey", err_r) < 0
		       ? -1
		       : 0;
}

int dovecot_keys_work(const char *before, const char *after,
		      struct error *err_r)
{
	static const char *const names[] = { "auth_mechanisms", "login_plugins",
					     "login_log_format_elements",
					     "managesieve_sieve_capability",
					     NULL };

	if (check_first_passdb(after, err_r) < 0)
		return -1;
	if (need_words(after, err_r) < 0)
		return error_prefix(err_r, "set it above the first passdb");
	return check_words(before, after, "auth_mechanisms", err_r) < 0 ||
			       check_words(before, after, "login_plugins",
					   err_r) < 0 ||
			       check_lost(before, after, names, err_r) < 0
		       ? -1
		       : 0;
}

int dovecot_lists_work(const char *before, const char *after,
		       struct error *err_r)
{
	static const char *const names[] = { "sieve_plugins",
					     "managesieve_sieve_capability",
					     NULL };

	if (check_lost(before, after, names, err_r) == 0 &&
	    check_words(before, after, "sieve_plugins", err_r) == 0 &&
	    need_word(after, "sieve_plugins", "sieve_countersign", err_r) == 0)
		return 0;
	return error_prefix(err_r, "write the settings of the file that would "
				   "be included into the site's own");
}

static int need_value(const char *conf, const char *name, const char *value,
		      struct error *err_r)
{
	char *words = dovecot_conf_words(conf, name);
	bool is = words != NULL && strcmp(words, value) == 0;

	mem_free_string(&words);
	if (is)
		return 0;
	return error_set_as(err_r, EX_CONFIG,
			    "%s would not be %s: it is set again further down",
			    name, value);
}

/* What would let Dovecot, or another, speak for users by an address alone. */
int dovecot_submission_works(const char *before, const char *after,
			     struct error *err_r)
{
	static const char *const names[] = { "managesieve_sieve_capability",
					     "submission_client_workarounds",
					     NULL };

	if (!has(after, "protocols", "submission"))
		return error_set_as(err_r, EX_CONFIG,
				    "protocols is without submission: install "
				    "dovecot-submissiond, or add it");
	if (has(after, "submission_relay_trusted", "yes"))
		return error_set_as(err_r, EX_CONFIG,
				    "submission_relay_trusted = yes: Dovecot "
				    "would say by XCLIENT who it is, and "
				    "Postfix believe it of any program on this "
				    "host; take that out first");
	return check_words(before, after, "submission_client_workarounds",
			   err_r) < 0 ||
			       check_lost(before, after, names, err_r) < 0 ||
			       need_value(after, "submission_relay_host",
					  "127.0.0.1", err_r) < 0 ||
			       need_value(after, "submission_relay_master_user",
					  "countersign-relay", err_r) < 0
		       ? -1
		       : 0;
}

static bool listens_on(const char *conf, const char *head, const char *usual,
		       const char *port)
{
	char *set = dovecot_conf_in_section(conf, head, "port");
	bool same = strcmp(set != NULL ? set : usual, port) == 0;

	mem_free_string(&set);
	return same;
}

bool dovecot_submission_has_port(const char *conf, const char *port)
{
	char *listen = dovecot_conf_words(conf, "listen");
	bool all = listen == NULL || strchr(listen, '*') != NULL;

	mem_free_string(&listen);
	return all &&
	       (listens_on(conf, "inet_listener submission {", "587", port) ||
		listens_on(conf, "inet_listener submissions {", "465", port));
}

static char *
first_other(const char *conf, const char *kind, const char *const *harmless)
{
	size_t at = 0;
	char *driver;

	while ((driver = dovecot_conf_next_driver(conf, kind, &at)) != NULL) {
		if (!is_one_of(driver, harmless))
			break;
		mem_free_string(&driver);
	}
	return driver;
}

char *dovecot_needs_root(const char *conf)
{
	static const char *const passdbs[] = { "tlspubkey", "passwd-file",
					       "static", "ldap", NULL };
	static const char *const userdbs[] = { "static",   "passwd-file",
					       "prefetch", "ldap",
					       "passwd",   NULL };
	char *driver = first_other(conf, "passdb", passdbs);
	char *what;

	if (driver != NULL)
		what = mem_printf("passdb %s", driver);
	else if ((driver = first_other(conf, "userdb", userdbs)) != NULL)
		what = mem_printf("userdb %s", driver);
	else
		return NULL;
	mem_free_string(&driver);
	return what;
}

bool dovecot_has_sieve(const char *conf)
{
	size_t at, len;

	for (at = 0; conf[at] != '\0'; at += len + (conf[at + len] == '\n')) {
		const char *line = conf + at + strspn(conf + at, " ");

		len = strcspn(conf + at, "\n");
		if (strncmp(line, "mail_plugins", 12) == 0 &&
		    has(line, "mail_plugins", "sieve"))
			return true;
	}
	return false;
}
