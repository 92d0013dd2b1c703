#include "tests/fuzz/fuzz.h"

#include "common/authserv-id.h"
#include "common/error.h"
#include "common/mem.h"

#include <string.h>

/* The input as the value of an Authentication-Results field. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *id, *again;
	struct error err;

	if (authserv_id_parse(&id, (const char *)data, size, &err) < 0)
		return 0;
	MUST(id[0] != '\0' && strlen(id) <= 4 * size + 4);
	MUST(strpbrk(id, " \t\r\n") == NULL);
	/* What was read reads as itself, where it needs no quotes. */
	if (strpbrk(id, "()<>@,;:\\\"/[]?=") == NULL) {
		MUST(authserv_id_parse(&again, id, strlen(id), &err) == 0 ||
		     id[strlen(id) - 1] == '.');
		if (id[strlen(id) - 1] != '.') {
			MUST(strcmp(id, again) == 0);
			mem_free_string(&again);
		}
	}
	mem_free_string(&id);
	return 0;
}
