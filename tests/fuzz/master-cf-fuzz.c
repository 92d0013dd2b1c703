#include "tests/fuzz/fuzz.h"

#include "admin/master-cf.h"
#include "common/error.h"
#include "common/mem.h"

#include <string.h>

/* A name that no input has by chance. */
#define NAME "fuzz_setting"

static void must_say(const char *text, size_t index, const char *value)
{
	const struct master_cf_option *option;
	struct master_cf cf;
	struct error err;

	MUST(master_cf_parse(&cf, text, &err) == 0);
	option = master_cf_option(&cf.services[index], NAME);
	MUST(option != NULL && strcmp(option->value, value) == 0);
	master_cf_release(&cf);
}

/* What is put in is read back, and taken out again leaves no trace. */
static void
must_come_and_go(const char *text, const struct master_cf *cf, size_t index)
{
	const struct master_cf_service *service = &cf->services[index];
	char *with = master_cf_set(text, service, NAME, " { " NAME " = a, b }");
	struct master_cf cf_with;
	struct error err;
	char *without;

	must_say(with, index, "a, b");
	MUST(master_cf_parse(&cf_with, with, &err) == 0);
	MUST(cf_with.count == cf->count);
	without = master_cf_set(with, &cf_with.services[index], NAME, NULL);
	MUST(strcmp(without, text) == 0);
	master_cf_release(&cf_with);
	mem_free_string(&without);
	mem_free_string(&with);
}

/* Every option replaced by itself is the same text. */
static void must_stay(const char *text, const struct master_cf_service *service)
{
	size_t i;

	for (i = 0; i < service->option_count; i++) {
		const struct master_cf_option *option =
			master_cf_option(service, service->options[i].name);
		char *argument = master_cf_argument(text, option);
		char *again =
			master_cf_set(text, service, option->name, argument);

		MUST(strcmp(again, text) == 0);
		mem_free_string(&again);
		mem_free_string(&argument);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_strndup((const char *)data, size);
	struct master_cf cf;
	struct error err;
	size_t i;

	if (master_cf_parse(&cf, text, &err) == 0) {
		for (i = 0; i < cf.count && i < 8; i++) {
			must_stay(text, &cf.services[i]);
			if (master_cf_option(&cf.services[i], NAME) == NULL &&
			    !cf.services[i].has_arguments)
				must_come_and_go(text, &cf, i);
		}
		master_cf_release(&cf);
	}
	mem_free_string(&text);
	return 0;
}
