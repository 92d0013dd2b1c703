#include "tests/fuzz/fuzz.h"

#include "common/address.h"
#include "common/error.h"
#include "common/mem.h"
#include "common/name-address.h"
#include "common/unicode.h"

#include <string.h>

static size_t count(const char *text, char c)
{
	size_t found = 0;

	for (; *text != '\0'; text++)
		found += *text == c;
	return found;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct address address;
	struct error err;
	const char *rest;
	char *searched;
	size_t found = 0;

	if (unicode_check_name((const char *)data, size, &err) < 0)
		return 0;
	searched = unicode_searched((const char *)data, size);
	rest = searched;
	while (name_address_next(&rest, &address)) {
		const char *label = strchr(address.domain, '.');

		found++;
		MUST(address.local[0] != '\0');
		MUST(strpbrk(address.local, "@<>()[]\",:; ") == NULL);
		MUST(strstr(searched, address.local) != NULL);
		MUST(strpbrk(address.domain, "@<>()[]\",:; ") == NULL);
		MUST(strstr(searched, address.domain) != NULL);
		MUST(label > address.domain && label[1] != '\0');
		address_release(&address);
	}
	MUST(found <= count(searched, '@'));
	mem_free_string(&searched);
	return 0;
}
