#ifndef DOVECOT_SIEVE_EXT_LIST_MESSAGE_H
#define DOVECOT_SIEVE_EXT_LIST_MESSAGE_H

struct list;
struct sieve_extension;
struct sieve_runtime_env;

/*
 * The list that the message under test came through, NULL if none. Returns a
 * SIEVE_EXEC_ status. The list lives as long as the message.
 */
int list_message_find(const struct sieve_extension *ext,
		      const struct sieve_runtime_env *renv,
		      const struct list **list_r);

#endif
