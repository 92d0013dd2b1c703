#include "common/conf.h"

#include "common/error.h"
#include "common/mem.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define CONF_SETTINGS_MAX 64

static const char space[] = " \t\r\n\v\f";

static char *trim(char *text)
{
	size_t len;

	text += strspn(text, space);
	len = strlen(text);
	while (len > 0 && strchr(space, text[len - 1]) != NULL)
		len--;
	text[len] = '\0';
	return text;
}

static void free_list(char ***list)
{
	char **item;

	for (item = *list; item != NULL && *item != NULL; item++)
		free(*item);
	free(*list);
	*list = NULL;
}

static char **split_list(const char *value)
{
	static const char separators[] = ", \t";
	char **list = mem_array(1, sizeof(*list));
	size_t count = 0;

	for (;;) {
		size_t len;

		value += strspn(value, separators);
		len = strcspn(value, separators);
		if (len == 0)
			return list;
		list = mem_resize(list, count + 2, sizeof(*list));
		list[count++] = mem_strndup(value, len);
		list[count] = NULL;
		value += len;
	}
}

static int set_uint(unsigned int *member, const struct conf_setting *setting,
		    const char *value, struct error *err_r)
{
	unsigned long number;
	char *end;

	errno = 0;
	number = strtoul(value, &end, 10);
	if (value[0] < '0' || value[0] > '9' || *end != '\0' || errno != 0 ||
	    number < setting->min || number > setting->max)
		return error_set_as(err_r, EX_CONFIG,
				    "%s must be a number from %u to %u, not "
				    "\"%s\"",
				    setting->name, setting->min, setting->max,
				    value);
	*member = (unsigned int)number;
	return 0;
}

static int set_choice(int *member, const struct conf_setting *setting,
		      const char *value, struct error *err_r)
{
	char known[256] = "";
	int i;

	for (i = 0; setting->choices[i] != NULL; i++) {
		size_t used = strlen(known);

		if (strcmp(setting->choices[i], value) == 0) {
			*member = i;
			return 0;
		}
		(void)snprintf(known + used, sizeof(known) - used, "%s%s",
			       i > 0 ? ", " : "", setting->choices[i]);
	}
	return error_set_as(err_r, EX_CONFIG,
			    "%s must be one of %s, not "
			    "\"%s\"",
			    setting->name, known, value);
}

static int set_bool(bool *member, const struct conf_setting *setting,
		    const char *value, struct error *err_r)
{
	if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
		return error_set_as(err_r, EX_CONFIG,
				    "%s must be yes or no, not \"%s\"",
				    setting->name, value);
	*member = strcmp(value, "yes") == 0;
	return 0;
}

static int set_value(void *settings, const struct conf_setting *setting,
		     const char *value, struct error *err_r)
{
	void *member = (char *)settings + setting->offset;

	switch (setting->type) {
	case CONF_STRING:
		if (value[0] == '\0' && setting->value[0] != '\0')
			return error_set_as(err_r, EX_CONFIG, "%s has no value",
					    setting->name);
		mem_free_string(member);
		*(char **)member = mem_strdup(value);
		return 0;
	case CONF_BOOL:
		return set_bool(member, setting, value, err_r);
	case CONF_UINT:
		return set_uint(member, setting, value, err_r);
	case CONF_CHOICE:
		return set_choice(member, setting, value, err_r);
	case CONF_LIST:
		free_list(member);
		*(char ***)member = split_list(value);
		return 0;
	case CONF_ELSEWHERE:
		return error_set_as(err_r, EX_CONFIG, "%s is a setting of %s",
				    setting->name, setting->value);
	}
	abort();
}

static int read_line(void *settings, const struct conf_setting *table,
		     bool known_only, char *line, bool *seen,
		     struct error *err_r)
{
	char *name = trim(line), *equals;
	size_t i;

	if (name[0] == '\0' || name[0] == '#')
		return 0;
	equals = strchr(name, '=');
	if (equals == NULL)
		return error_set_as(err_r, EX_CONFIG,
				    "\"%s\" is not of the form name = value",
				    name);
	*equals = '\0';
	name = trim(name);
	for (i = 0; table[i].name != NULL; i++) {
		if (strcmp(table[i].name, name) != 0)
			continue;
		if (seen[i])
			return error_set_as(err_r, EX_CONFIG,
					    "%s is set a second time", name);
		seen[i] = true;
		return set_value(settings, &table[i], trim(equals + 1), err_r);
	}
	if (known_only)
		return 0;
	return error_set_as(err_r, EX_CONFIG, "\"%s\" is not a setting", name);
}

static int read_file(void *settings, const struct conf_setting *table,
		     bool known_only, FILE *file, const char *path,
		     struct error *err_r)
{
	bool seen[CONF_SETTINGS_MAX] = { false };
	unsigned int number = 0;
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	int result = 0;

	while (result == 0 && (len = getline(&line, &size, file)) >= 0) {
		number++;
		if (strlen(line) != (size_t)len)
			result = error_set_as(err_r, EX_CONFIG,
					      "a NUL stands in the line");
		else
			result = read_line(settings, table, known_only, line,
					   seen, err_r);
	}
	free(line);
	if (result < 0)
		return error_prefix(err_r, "%s:%u", path, number);
	if (ferror(file))
		return error_set_as(err_r, EX_NOINPUT, "%s: can't be read: %s",
				    path, strerror(errno));
	return 0;
}

static int load(void *settings, const struct conf_setting *table,
		bool known_only, const char *path, struct error *err_r)
{
	const struct conf_setting *setting;
	FILE *file = NULL;
	int result = -1;

	for (setting = table; setting->name != NULL; setting++) {
		if (setting->type == CONF_STRING || setting->type == CONF_LIST)
			*(void **)((char *)settings + setting->offset) = NULL;
	}
	for (setting = table; setting->name != NULL; setting++) {
		if (setting->type != CONF_ELSEWHERE &&
		    set_value(settings, setting, setting->value, err_r) < 0)
			goto out;
	}
	if (path != NULL) {
		file = fopen(path, "re");
		if (file == NULL) {
			error_set_as(err_r, EX_CONFIG,
				     "%s: can't be opened: %s", path,
				     strerror(errno));
			goto out;
		}
		if (read_file(settings, table, known_only, file, path, err_r) <
		    0)
			goto out;
	}
	result = 0;
out:
	if (file != NULL)
		(void)fclose(file);
	if (result < 0)
		conf_release(settings, table);
	return result;
}

int conf_load(void *settings, const struct conf_setting *table,
	      const char *path, struct error *err_r)
{
	return load(settings, table, false, path, err_r);
}

int conf_load_known(void *settings, const struct conf_setting *table,
		    const char *path, struct error *err_r)
{
	return load(settings, table, true, path, err_r);
}

void conf_release(void *settings, const struct conf_setting *table)
{
	const struct conf_setting *setting;

	for (setting = table; setting->name != NULL; setting++) {
		void *member = (char *)settings + setting->offset;

		if (setting->type == CONF_STRING)
			mem_free_string(member);
		else if (setting->type == CONF_LIST)
			free_list(member);
	}
}
