#include "tests/bench/people.h"

#include "common/buffer.h"
#include "common/mem.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static char *read_text(const char *path)
{
	struct buffer text = BUFFER_INIT;
	char piece[65536];
	size_t len;
	FILE *file = fopen(path, "re");

	if (file == NULL)
		err(EX_NOINPUT, "%s", path);
	while ((len = fread(piece, 1, sizeof(piece), file)) > 0)
		buffer_append_bytes(&text, piece, len);
	if (ferror(file))
		err(EX_IOERR, "%s", path);
	(void)fclose(file);
	return buffer_steal(&text);
}

void people_read(struct people *people_r, const char *path)
{
	size_t room = 0;
	char *rest, *line;

	*people_r = (struct people){ .text = read_text(path) };
	rest = people_r->text;
	while ((line = strsep(&rest, "\n")) != NULL) {
		const char *login = strsep(&line, " ");

		if (line == NULL)
			continue;
		if (people_r->count == room) {
			room = room > 0 ? 2 * room : 64;
			people_r->persons = mem_resize(people_r->persons, room,
						       sizeof(struct person));
		}
		people_r->persons[people_r->count++] =
			(struct person){ login, line };
	}
	if (people_r->count == 0)
		errx(EX_DATAERR, "%s: no line LOGIN ADDRESS", path);
}

void people_release(struct people *people)
{
	free(people->persons);
	mem_free_string(&people->text);
	people->count = 0;
}
