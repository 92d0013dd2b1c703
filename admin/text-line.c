#include "admin/text-line.h"

#include <string.h>

char *text_lines_take(struct text_lines *lines, bool *has_nul_r)
{
	char *line = lines->rest, *lf;
	size_t len = lines->left, used;

	if (len == 0)
		return NULL;
	lf = memchr(line, '\n', len);
	if (lf != NULL)
		len = (size_t)(lf - line);
	used = len + (lf != NULL);
	lines->rest += used;
	lines->left -= used;
	lines->number++;
	*has_nul_r = memchr(line, '\0', len) != NULL;
	line[len] = '\0';
	if (len > 0 && line[len - 1] == '\r')
		line[len - 1] = '\0';
	return line;
}
