#include "admin/master-internal.h"

#include "common/error.h"
#include "common/mem.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static int check_delimiters(const char *delimiters, struct error *err_r)
{
	size_t len = strlen(delimiters), i;

	if (len >= sizeof(((struct address_rules *)NULL)->delimiters))
		return error_set(err_r,
				 "\"%s\" is more delimiters than can be kept",
				 delimiters);
	for (i = 0; i < len; i++) {
		unsigned char c = (unsigned char)delimiters[i];

		if (c > 0x7f || !ispunct(c) || strchr("@\"\\", c) != NULL)
			return error_set(err_r,
					 "\"%s\" can't be delimiters: use "
					 "ASCII punctuation as in \"+\"",
					 delimiters);
	}
	return 0;
}

/* The domain that alias_of names: there, and itself no alias. */
static int find_target(struct master *master, const char *alias_of,
		       char **target_r, struct error *err_r)
{
	char *target, *further = NULL;
	int found;

	*target_r = NULL;
	if (address_domain_parse(&target, alias_of, err_r) < 0)
		return -1;
	found = master_find(master, &further, err_r,
			    "SELECT alias_of FROM domains WHERE name = ?1", "s",
			    target);
	if (found == 0)
		error_set(err_r,
			  "domain %s is not in the directory; add it first",
			  target);
	else if (found > 0 && further != NULL)
		error_set(err_r,
			  "domain %s is itself an alias, of %s: name that "
			  "instead",
			  target, further);
	else if (found > 0)
		*target_r = target;
	if (*target_r == NULL)
		mem_free_string(&target);
	mem_free_string(&further);
	return *target_r != NULL ? 0 : -1;
}

static int insert(struct master *master, const struct master_domain *domain,
		  struct error *err_r)
{
	int found = master_find(master, NULL, err_r,
				"SELECT 1 FROM domains WHERE name = ?1", "s",
				domain->name);

	if (found > 0)
		error_set(err_r, "domain %s is in the directory already",
			  domain->name);
	if (found != 0 ||
	    master_run(master, err_r,
		       "INSERT INTO domains VALUES (?1, ?2, ?3, ?4)", "ssis",
		       domain->name, domain->delimiters,
		       (long long)domain->case_sensitive, domain->alias_of) < 0)
		return -1;
	return master_recompute(master, domain->name, err_r);
}

int master_domain_add(struct master *master, const char *name,
		      const char *delimiters, bool case_sensitive,
		      const char *alias_of, struct error *err_r)
{
	struct master_domain domain = { .delimiters = delimiters,
					.case_sensitive = case_sensitive };
	char *parsed = NULL, *target = NULL;
	int result = -1;

	if (address_domain_parse(&parsed, name, err_r) < 0)
		return -1;
	if (alias_of != NULL && (delimiters[0] != '\0' || case_sensitive))
		error_set(err_r,
			  "an alias has the rules of the domain it stands for; "
			  "leave out --delimiter and --case-sensitive");
	else if (check_delimiters(delimiters, err_r) == 0 &&
		 (alias_of == NULL ||
		  find_target(master, alias_of, &target, err_r) == 0)) {
		domain.name = parsed;
		domain.alias_of = target;
		result = insert(master, &domain, err_r);
	}
	mem_free_string(&target);
	mem_free_string(&parsed);
	return result;
}

/* Nothing may be left hanging in the air. */
static int
check_unused(struct master *master, const char *name, struct error *err_r)
{
	static const struct {
		const char *sql;
		const char *reason;
	} uses[] = {
		{ "SELECT address FROM addresses WHERE domain = ?1 LIMIT 1",
		  "has addresses" },
		{ "SELECT name FROM domains WHERE alias_of = ?1 LIMIT 1",
		  "has aliases" },
		{ "SELECT login FROM keys WHERE login_domain = ?1 LIMIT 1",
		  "has keys that log in with its addresses" },
	};
	size_t i;

	for (i = 0; i < sizeof(uses) / sizeof(uses[0]); i++) {
		char *user = NULL;
		int found = master_find(master, &user, err_r, uses[i].sql, "s",
					name);

		if (found > 0)
			error_set(err_r, "domain %s %s (%s): remove them first",
				  name, uses[i].reason, user);
		mem_free_string(&user);
		if (found != 0)
			return -1;
	}
	return 0;
}

static int
remove_domain(struct master *master, const char *name, struct error *err_r)
{
	long long removed;

	if (check_unused(master, name, err_r) < 0)
		return -1;
	removed = master_run(master, err_r,
			     "DELETE FROM domains WHERE name = ?1", "s", name);
	if (removed == 0)
		return error_set(err_r, "domain %s is not in the directory",
				 name);
	return removed < 0 ? -1 : master_recompute(master, name, err_r);
}

int master_domain_remove(struct master *master, const char *name,
			 struct error *err_r)
{
	char *parsed;
	int result;

	if (address_domain_parse(&parsed, name, err_r) < 0)
		return -1;
	result = remove_domain(master, parsed, err_r);
	mem_free_string(&parsed);
	return result;
}

int master_domain_list(struct master *master,
		       void (*each)(void *context,
				    const struct master_domain *domain),
		       void *context, struct error *err_r)
{
	struct sqlite_stmt *statement;
	int found;

	statement = master_query(
		master, err_r,
		"SELECT name, delimiters, case_sensitive, alias_of,"
		" (SELECT count(*) FROM addresses WHERE domain = d.name)"
		" FROM domains d ORDER BY name",
		"");
	if (statement == NULL)
		return -1;
	while ((found = sqlite_step(statement, err_r)) > 0) {
		const struct master_domain domain = {
			.name = sqlite_column_string(statement, 0),
			.delimiters = sqlite_column_string(statement, 1),
			.case_sensitive =
				sqlite_column_integer(statement, 2) != 0,
			.alias_of = sqlite_column_string(statement, 3),
			.addresses = sqlite_column_integer(statement, 4),
		};

		each(context, &domain);
	}
	sqlite_finalize(&statement);
	return found;
}
