#ifndef COMMON_MILTER_CALLBACKS_H
#define COMMON_MILTER_CALLBACKS_H

#include <stdbool.h>

struct policy_verdict;
struct smfi_str;

/* What the callbacks of both milters ask of libmilter, and answer. */

/*
 * While negotiating: have the MTA tell login, client and queue ID, whatever its
 * configuration says. False if it can't.
 */
bool milter_ask_macros(struct smfi_str *ctx);

/* From MAIL on; NULL without a login. Valid until the callback returns. */
const char *milter_login(struct smfi_str *ctx);

/*
 * The client's address and port, and the name of the MTA that it speaks to;
 * NULL if that is not told.
 */
const char *milter_client_address(struct smfi_str *ctx);
const char *milter_client_port(struct smfi_str *ctx);
const char *milter_host(struct smfi_str *ctx);

/* Of MAIL's arguments: without its angle brackets, which are cut in place. */
const char *milter_reverse_path(char **args);

/* From the end of the header on; "NOQUEUE", as Postfix logs it, without. */
const char *milter_queue_id(struct smfi_str *ctx);

/*
 * What a callback returns to say the verdict: SMFIS_CONTINUE if it passed,
 * else SMFIS_REJECT or SMFIS_TEMPFAIL with the verdict's reply set.
 */
int milter_answer(struct smfi_str *ctx, struct policy_verdict *verdict);

#endif
