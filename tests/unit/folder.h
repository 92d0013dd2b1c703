#ifndef TESTS_UNIT_FOLDER_H
#define TESTS_UNIT_FOLDER_H

#include "tests/unit/test.h"

#include "common/mem.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static int folder_remove_one(const char *path, const struct stat *status,
			     int flag, struct FTW *ftw)
{
	(void)status;
	(void)flag;
	(void)ftw;
	return remove(path);
}

/* A folder of this test's own; name it as you like to, within it. */
static char *folder_make(const char *name)
{
	char top[] = "/tmp/countersign-test-XXXXXX", *path;

	assert_non_null(mkdtemp(top));
	path = mem_printf("%s/%s", top, name);
	assert_int_equal(mkdir(path, 0700), 0);
	return path;
}

static void folder_remove(char **path)
{
	char *top = mem_printf("%s/..", *path);
	char *real = realpath(top, NULL);

	assert_non_null(real);
	assert_int_equal(
		nftw(real, folder_remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
	free(real);
	mem_free_string(&top);
	mem_free_string(path);
}

#endif
