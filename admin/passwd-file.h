#ifndef ADMIN_PASSWD_FILE_H
#define ADMIN_PASSWD_FILE_H

struct error;

/*
 * A line of Dovecot's passwd-file:
 * user:password:uid:gid:gecos:home:shell:extra fields.
 */
struct passwd_line {
	char *user;
	char *password; /* "" if it has none */
};

/*
 * line: changed in place, holds what is found. 1: a user; 0: an empty line or
 * a comment; -1: none that can be taken. Where mail lies (uid to shell, and
 * extra fields that begin with "userdb_") is not looked at; any other extra
 * field changes who may log in, and how, and is refused.
 */
int passwd_line_parse(struct passwd_line *line_r, char *line,
		      struct error *err_r);

#endif
