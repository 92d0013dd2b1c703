#include "admin/postfix-map.h"

#include "common/error.h"

#include <string.h>

static const char space[] = " \t\r\v\f";

/* Where the word that begins here ends; ends: what ends it outside quotes. */
static char *word_end(char *word, const char *ends)
{
	bool quoted = false;

	for (; *word != '\0'; word++) {
		if (*word == '\\' && quoted && word[1] != '\0')
			word++;
		else if (*word == '"')
			quoted = !quoted;
		else if (!quoted && strchr(ends, *word) != NULL)
			break;
	}
	return word;
}

char *postfix_map_word(char **value)
{
	static const char between[] = ", \t\r\v\f";
	char *word = *value + strspn(*value, between), *end;

	if (*word == '\0')
		return NULL;
	end = word_end(word, between);
	*value = end + (*end != '\0');
	*end = '\0';
	return word;
}

void postfix_map_init(struct postfix_map *map, char *text, size_t len)
{
	*map = (struct postfix_map){ .lines = { .rest = text, .left = len } };
	map->next = text_lines_take(&map->lines, &map->next_has_nul);
}

static bool is_nothing(const char *line)
{
	line += strspn(line, space);
	return *line == '\0' || *line == '#';
}

/* Puts what continues a line behind its end, where there is room for it. */
static char *join(char *end, const char *line)
{
	size_t len = strlen(line);

	memmove(end, line, len + 1);
	return end + len;
}

/* The whole logical line, or NULL at the end. */
static char *
take_logical(struct postfix_map *map, unsigned long *number_r, bool *has_nul_r)
{
	char *line, *end;

	while (map->next != NULL && is_nothing(map->next) && !map->next_has_nul)
		map->next = text_lines_take(&map->lines, &map->next_has_nul);
	line = map->next;
	if (line == NULL)
		return NULL;
	*number_r = map->lines.number;
	*has_nul_r = map->next_has_nul;
	end = line + strlen(line);
	while ((map->next = text_lines_take(&map->lines, &map->next_has_nul)) !=
	       NULL) {
		bool nothing = is_nothing(map->next);

		if (!nothing && strchr(space, map->next[0]) == NULL)
			break;
		*has_nul_r = *has_nul_r || map->next_has_nul;
		if (!nothing)
			end = join(end, map->next);
	}
	return line;
}

int postfix_map_next(struct postfix_entry *entry_r, struct postfix_map *map,
		     struct error *err_r)
{
	bool has_nul;
	char *line, *end;

	*entry_r = (struct postfix_entry){ .line = 0 };
	line = take_logical(map, &entry_r->line, &has_nul);
	if (line == NULL)
		return 0;
	if (has_nul)
		return error_set(err_r, "a NUL stands in the line");
	if (strchr(space, line[0]) != NULL)
		return error_set(err_r, "it begins with white space, and there "
					"is no line that it could continue");
	end = word_end(line, space);
	entry_r->key = line;
	entry_r->value = end + strspn(end, space);
	*end = '\0';
	return 1;
}
