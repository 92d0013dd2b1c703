#include "tests/unit/test.h"

#include "common/conf.h"
#include "common/mem.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of the program whose MAN_PAGE and EXAMPLE these are. */
extern const struct conf_setting settings_table[];

/* Those of other programs, which are refused by name, stand last. */
static bool is_own(const struct conf_setting *setting)
{
	return setting->name != NULL && setting->type != CONF_ELSEWHERE;
}

/* The lines of a file that begin with start, each with what follows it. */
static char **lines_of(const char *path, const char *start)
{
	FILE *file = fopen(path, "re");
	char **lines = mem_array(1, sizeof(*lines)), *line = NULL;
	size_t count = 0, size = 0;

	assert_non_null(file);
	while (getline(&line, &size, file) >= 0) {
		if (strncmp(line, start, strlen(start)) != 0)
			continue;
		line[strcspn(line, "\n")] = '\0';
		lines = mem_resize(lines, count + 2, sizeof(*lines));
		lines[count++] = mem_strdup(line + strlen(start));
		lines[count] = NULL;
	}
	free(line);
	assert_int_equal(fclose(file), 0);
	return lines;
}

static void free_lines(char **lines)
{
	size_t i;

	for (i = 0; lines[i] != NULL; i++)
		free(lines[i]);
	free(lines);
}

static void the_man_page_has_every_setting_and_no_other(void **state)
{
	char **items = lines_of(MAN_PAGE, ".It Ic ");
	size_t i, count = 0;

	(void)state;
	for (; items[count] != NULL; count++)
		items[count][strcspn(items[count], " ")] = '\0';
	for (i = 0; is_own(&settings_table[i]); i++) {
		size_t found = 0, k;

		for (k = 0; k < count; k++)
			found += strcmp(items[k], settings_table[i].name) == 0;
		if (found != 1)
			fail_msg("%s: %zu items for \"%s\"", MAN_PAGE, found,
				 settings_table[i].name);
	}
	assert_int_equal(count, i);
	free_lines(items);
}

/* "# name = value", or "# name =" for an empty value. */
static bool shows(const char *line, const struct conf_setting *setting)
{
	char *text = mem_printf("%s = %s", setting->name, setting->value);
	bool same;

	if (setting->value[0] == '\0')
		text[strlen(text) - 1] = '\0';
	same = strcmp(line, text) == 0;
	free(text);
	return same;
}

static void the_example_shows_the_default_of_every_setting(void **state)
{
	char **comments = lines_of(EXAMPLE, "# ");
	size_t i, k;

	(void)state;
	for (i = 0; is_own(&settings_table[i]); i++) {
		size_t found = 0;

		for (k = 0; comments[k] != NULL; k++)
			found += shows(comments[k], &settings_table[i]);
		if (found != 1)
			fail_msg("%s: not one line \"# %s = %s\"", EXAMPLE,
				 settings_table[i].name,
				 settings_table[i].value);
	}
	free_lines(comments);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_man_page_has_every_setting_and_no_other),
		cmocka_unit_test(
			the_example_shows_the_default_of_every_setting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
