#include "admin/postfix-conf.h"

#include "admin/master-cf.h"
#include "admin/spawn.h"
#include "common/error.h"
#include "common/mem.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static int split_answers(struct postfix_conf *answers, const char *const *names,
			 struct error *err_r)
{
	char *line = answers->text;
	size_t i;

	for (i = 0; names[i] != NULL; i++) {
		char *end = strchr(line, '\n');

		if (end == NULL) {
			mem_free_string(&answers->text);
			return error_set_as(err_r, EX_UNAVAILABLE,
					    "%s: says nothing about %s",
					    POSTFIX_CONF, names[i]);
		}
		*end = '\0';
		answers->value[i] = line;
		line = end + 1;
	}
	return 0;
}

int postfix_conf(struct postfix_conf *answers_r, const char *flags,
		 const struct master_cf_service *service,
		 const char *const *names, struct error *err_r)
{
	size_t count = service != NULL ? service->option_count : 0, n = 0, i;
	const char **argv =
		mem_array(2 * count + POSTFIX_CONF_MAX + 3, sizeof(*argv));
	char **settings = mem_array(count + 1, sizeof(*settings));
	int result;

	argv[n++] = POSTFIX_CONF;
	argv[n++] = flags;
	for (i = 0; i < count; i++) {
		settings[i] = mem_printf("%s=%s", service->options[i].name,
					 service->options[i].value);
		argv[n++] = "-o";
		argv[n++] = settings[i];
	}
	for (i = 0; names[i] != NULL; i++)
		argv[n++] = names[i];
	result = spawn_run(argv, &answers_r->text, err_r);
	for (i = 0; i < count; i++)
		mem_free_string(&settings[i]);
	free(settings);
	free(argv);
	return result < 0 ? -1 : split_answers(answers_r, names, err_r);
}

void postfix_conf_release(struct postfix_conf *answers)
{
	mem_free_string(&answers->text);
}
