#ifndef TESTS_UNIT_PUBLISHED_H
#define TESTS_UNIT_PUBLISHED_H

#include "tests/unit/must.h"

#include "admin/master.h"
#include "admin/publish.h"
#include "common/directory.h"
#include "common/error.h"
#include "common/mem.h"

/* A new directory in the folder, filled and published, to be asked. */
static struct directory *
published_open(const char *folder, void (*fill)(struct master *master))
{
	char *uri = mem_printf("sqlite:%s", folder);
	struct directory *dir;
	struct master *master;
	struct error err;

	must(master_init(folder, &err), &err);
	must(master_open(&master, folder, &err), &err);
	must(master_begin(master, &err), &err);
	fill(master);
	must(master_commit(master, true, &err), &err);
	must(publish(master, &err), &err);
	master_close(&master);
	must(directory_open(&dir, uri, &err), &err);
	mem_free_string(&uri);
	return dir;
}

#endif
