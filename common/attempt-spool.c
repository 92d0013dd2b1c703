#include "common/attempt-spool.h"

#include "common/directory.h"
#include "common/mem.h"

#include <string.h>

char *attempt_spool_path(const char *directory)
{
	static const char scheme[] = "sqlite:";

	if (strncmp(directory, scheme, strlen(scheme)) != 0)
		directory = DIRECTORY_DEFAULT_URI;
	return mem_printf("%s/" ATTEMPT_SPOOL_FILE, directory + strlen(scheme));
}
