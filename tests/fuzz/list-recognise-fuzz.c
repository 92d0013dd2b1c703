#include "common/mem.h"
#include "common/unicode.h"
#include "dovecot-sieve-ext/list-mailbox.h"
#include "tests/unit/header-block.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
	if (!holds)
		abort();
}

/* What the headers promise of any list, whatever the message. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct list_recogniser recogniser;
	struct list list;
	char *name;

	header_block_recognise(&recogniser, (const char *)data, size);
	if (!list_recognise(&recogniser, &list))
		return 0;

	demand(list.label[0] != '\0' && list.host[0] != '\0');
	demand(strchr(list.id, '.') != NULL);
	demand(strpbrk(list.id, " \t\r\n<>@\"\\") == NULL);
	demand(unicode_check(list.id, strlen(list.id), NULL) == 0);
	demand(list.post[0] == '\0' || strchr(list.post, '@') != NULL);
	demand(unicode_check(list.post, strlen(list.post), NULL) == 0);
	demand(list_kind_name(list.kind)[0] != '\0');

	name = list_mailbox_name(&list);
	demand(strlen(name) <= LIST_MAILBOX_NAME_MAX);
	demand(strpbrk(name, "@-") != NULL);
	demand(strpbrk(name, "./\\%*^:~#") == NULL);
	demand(unicode_check(name, strlen(name), NULL) == 0);
	mem_free_string(&name);
	return 0;
}
