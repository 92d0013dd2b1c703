#include "admin/publish-internal.h"

#include "admin/spawn.h"
#include "common/error.h"
#include "common/mem.h"

#include <string.h>
#include <sysexits.h>
#include <unistd.h>

static const char postconf[] = "/usr/sbin/postconf";
static const char postmap[] = "/usr/sbin/postmap";

/* The kind of map that this Postfix makes if none is named. */
static int find_type(char **type_r, struct error *err_r)
{
	const char *const argv[] = { postconf, "-h", "default_database_type",
				     NULL };

	if (spawn_run(argv, type_r, err_r) < 0)
		return -1;
	(*type_r)[strcspn(*type_r, "\r\n")] = '\0';
	if ((*type_r)[0] != '\0' &&
	    strspn(*type_r, "abcdefghijklmnopqrstuvwxyz") == strlen(*type_r))
		return 0;
	error_set_as(err_r, EX_CONFIG,
		     "%s: default_database_type is \"%s\", which is no type of "
		     "map",
		     postconf, *type_r);
	mem_free_string(type_r);
	return -1;
}

int publish_compile(const char *path, struct error *err_r)
{
	const char *argv[] = { postmap, NULL, NULL };
	char *type, *map;
	int result;

	if (access(postmap, X_OK) < 0 || access(postconf, X_OK) < 0)
		return 0;
	if (find_type(&type, err_r) < 0)
		return -1;
	map = mem_printf("%s:%s", type, path);
	argv[1] = map;
	result = spawn_run(argv, NULL, err_r);
	mem_free_string(&map);
	mem_free_string(&type);
	return result;
}
