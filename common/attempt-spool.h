#ifndef COMMON_ATTEMPT_SPOOL_H
#define COMMON_ATTEMPT_SPOOL_H

/*
 * Where auth workers of Dovecot's append what they log about logins with a key
 * (common/spool.h; the pairs alone), for `countersign key attempts`. In the
 * folder of the directory.
 */
#define ATTEMPT_SPOOL_FILE "attempts.spool"

/*
 * The caller's: of a directory's URI (common/directory.h), in the folder it
 * names, or else in the usual one.
 */
char *attempt_spool_path(const char *directory);

/* What is refused leaves room for what is not. */
#define ATTEMPT_SPOOL_REFUSED_MAX (SPOOL_OCTETS_MAX / 2)

#endif
