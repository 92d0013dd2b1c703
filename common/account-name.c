#include "common/account-name.h"

#include "common/error.h"
#include "common/mem.h"
#include "common/unicode.h"

#include <string.h>

static const char *why_unfit(const char *name)
{
	if (name[0] == '\0')
		return "it is empty";
	if (strlen(name) > ACCOUNT_NAME_MAX)
		return "it is longer than 255 octets";
	if (name[0] == '#')
		return "it would be a comment in a passwd-file";
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return "it would be a folder's own name";
	if (strpbrk(name, " /:,%\"\\") != NULL)
		return "space and / : , % \" \\ may not stand in it";
	return NULL;
}

int account_name_parse(char **name_r, const char *text, struct error *err_r)
{
	char *name, *nfc;
	const char *why;

	*name_r = NULL;
	if (unicode_identifier(&nfc, text, strlen(text), err_r) < 0)
		return error_prefix(err_r, "\"%.200s\" is no account name",
				    text);
	name = unicode_fold(nfc, strlen(nfc));
	mem_free_string(&nfc);
	why = why_unfit(name);
	if (why != NULL) {
		mem_free_string(&name);
		return error_set(err_r, "\"%.200s\" is no account name: %s",
				 text, why);
	}
	*name_r = name;
	return 0;
}

int account_name_check_new(const char *name, struct error *err_r)
{
	if (strpbrk(name, "*?") == NULL)
		return 0;
	return error_set(
		err_r,
		"\"%.200s\" can't be a new name: doveadm takes * and ? "
		"for a pattern; leave them out",
		name);
}
