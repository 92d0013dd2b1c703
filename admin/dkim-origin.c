#include "admin/dkim-origin.h"

#include "admin/dkim-store.h"
#include "common/error.h"
#include "common/mem.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define HOST_SIZE 256

static int own_name(char name_r[HOST_SIZE], struct error *err_r)
{
	if (gethostname(name_r, HOST_SIZE) < 0)
		return error_set_as(err_r, EX_OSERR,
				    "this host's name can't be had: %s",
				    strerror(errno));
	name_r[HOST_SIZE - 1] = '\0';
	return 0;
}

static int
read_line(char line_r[HOST_SIZE], const char *path, struct error *err_r)
{
	FILE *file = fopen(path, "re");
	int why = errno, result = 0;

	line_r[0] = '\0';
	if (file == NULL && why == ENOENT)
		return 0;
	if (file == NULL)
		return error_set_as(err_r, EX_NOINPUT, "%s: %s", path,
				    strerror(why));
	if (fgets(line_r, HOST_SIZE, file) == NULL)
		result = error_set_as(err_r, EX_NOINPUT,
				      "%s: names no host; remove it, if the "
				      "key table is changed on this one",
				      path);
	(void)fclose(file);
	line_r[strcspn(line_r, "\n")] = '\0';
	return result;
}

int dkim_origin_read(char **other_r, const char *folder, struct error *err_r)
{
	char *path = mem_printf("%s/origin", folder);
	char found[HOST_SIZE], own[HOST_SIZE];
	int result = -1;

	*other_r = NULL;
	if (read_line(found, path, err_r) == 0 && own_name(own, err_r) == 0)
		result = 0;
	if (result == 0 && found[0] != '\0' && strcmp(found, own) != 0)
		*other_r = mem_strdup(found);
	mem_free_string(&path);
	return result;
}

int dkim_origin_claim(const char *folder, struct error *err_r)
{
	char *path = mem_printf("%s/origin", folder);
	char *beside = mem_printf("%s.new", path);
	char name[HOST_SIZE];
	int result = 0;

	if (access(path, F_OK) < 0) {
		result = own_name(name, err_r);
		if (result == 0)
			result = dkim_store_write(beside, path, name,
						  strlen(name), err_r);
	}
	mem_free_string(&beside);
	mem_free_string(&path);
	return result;
}
