#ifndef COMMON_ACCOUNT_NAME_H
#define COMMON_ACCOUNT_NAME_H

struct error;

#define ACCOUNT_NAME_MAX 255

/*
 * The name of an account or of a group (without its '%'): NFC and case
 * folded, as Dovecot lower-cases logins. 1..ACCOUNT_NAME_MAX octets that
 * unicode_identifier() takes; no white space, '/', ':', ',', '%', '"' or '\\',
 * no '#' at its start, and not "." or "..": it becomes a path, a passwd-file
 * field, a word of a Postfix map and of a log line.
 */
int account_name_parse(char **name_r, const char *text, struct error *err_r);

/*
 * May such a name be added? Not with '*' or '?', which doveadm(1) takes for a
 * pattern's; names from before may have them.
 */
int account_name_check_new(const char *name, struct error *err_r);

#endif
