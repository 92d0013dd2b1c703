#ifndef COMMON_ACCOUNT_NAME_H
#define COMMON_ACCOUNT_NAME_H

struct error;

#define ACCOUNT_NAME_MAX 255

/*
 * The name of an account or of a group (without its '%'): NFC and case
 * folded, as Dovecot lower-cases logins. 1..ACCOUNT_NAME_MAX octets of UTF-8;
 * no white space, control character, '/', ':', '%', '"' or '\\', and not "."
 * or "..": it becomes a path, a passwd-file field and a log word.
 */
int account_name_parse(char **name_r, const char *text, struct error *err_r);

#endif
