#ifndef ADMIN_MILTER_LIST_H
#define ADMIN_MILTER_LIST_H

#include <stdbool.h>

struct error;

/*
 * A value of Postfix's smtpd_milters: names between commas or spaces, each as
 * it is or in braces with settings of its own. Ours are known by their socket
 * under the queue directory ("countersign/dkim/milter"), however written.
 * Lists of sockets end with NULL. Strings returned are the caller's.
 */

/* A list that Postfix would not take is refused. */
int milter_list_check(const char *list, struct error *err_r);

bool milter_list_has(const char *list, const char *socket);

/* Has it, and mail waits while that milter is not there? */
bool milter_list_has_safe(const char *list, const char *socket);

/* What is left without these, as it was written. */
char *milter_list_without(const char *list, const char *const *sockets);

/* The same milters with the same settings in the same order? */
bool milter_list_equal(const char *a, const char *b);

/*
 * The sockets' milters in front of list, one a line that begins with indent.
 * Mail waits for them, and they speak the protocol that they need, whatever
 * the site has for others.
 */
char *milter_list_put(const char *list, const char *const *sockets,
		      const char *indent);

#endif
