#include "admin/passwd-file.h"

#include "common/error.h"

#include <stddef.h>
#include <string.h>

/* Behind user and password: uid, gid, gecos, home, shell. */
#define FIELDS_OF_MAIL 5

static int check_extra(char *extra, struct error *err_r)
{
	static const char of_mail[] = "userdb_";
	char *field;

	while ((field = strsep(&extra, " \t")) != NULL) {
		if (field[0] == '\0' ||
		    strncmp(field, of_mail, strlen(of_mail)) == 0)
			continue;
		return error_set(err_r,
				 "its extra field %.*s has no place in the "
				 "directory; take it out of the line if the "
				 "login may do without",
				 (int)strcspn(field, "="), field);
	}
	return 0;
}

int passwd_line_parse(struct passwd_line *line_r, char *line,
		      struct error *err_r)
{
	int i;

	*line_r = (struct passwd_line){ .user = NULL };
	if (line[0] == '\0' || line[0] == '#')
		return 0;
	line_r->user = strsep(&line, ":");
	line_r->password = strsep(&line, ":");
	if (line_r->password == NULL)
		return error_set(err_r,
				 "no colon and password follow the user");
	if (line_r->user[0] == '\0')
		return error_set(err_r, "no user stands before the colon");
	for (i = 0; i < FIELDS_OF_MAIL; i++)
		(void)strsep(&line, ":");
	return line != NULL && check_extra(line, err_r) < 0 ? -1 : 1;
}
