#include "common/dns-txt.h"

#include "common/buffer.h"
#include "common/error.h"
#include "common/mem.h"

#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX 65535

/* RFC 1035 3.3.14: strings, each with its length before it. */
static int
join_strings(struct buffer *out, const unsigned char *data, size_t len)
{
	while (len > 0) {
		size_t string = data[0];

		if (string >= len || memchr(data + 1, '\0', string) != NULL)
			return -1;
		buffer_append_bytes(out, data + 1, string);
		data += string + 1;
		len -= string + 1;
	}
	return 0;
}

static enum dns_txt_result malformed(const char *name, struct error *err_r)
{
	error_set_as(err_r, EX_TEMPFAIL, "%s: DNS sent a malformed answer",
		     name);
	return DNS_TXT_FAILED;
}

enum dns_txt_result dns_txt_read(char **text_r, const char *name,
				 const void *answer, size_t len,
				 struct error *err_r)
{
	struct buffer text = BUFFER_INIT;
	size_t found = 0;
	ns_msg message;
	int i;

	if (len > ANSWER_MAX || ns_initparse(answer, (int)len, &message) < 0)
		return malformed(name, err_r);
	for (i = 0; i < ns_msg_count(message, ns_s_an); i++) {
		ns_rr rr;

		if (ns_parserr(&message, ns_s_an, i, &rr) < 0)
			goto malformed;
		if (ns_rr_type(rr) != ns_t_txt)
			continue;
		if (found++ == 0 &&
		    join_strings(&text, ns_rr_rdata(rr), ns_rr_rdlen(rr)) < 0)
			goto malformed;
	}
	if (found == 1)
		*text_r = buffer_steal(&text);
	buffer_release(&text);
	return found == 0   ? DNS_TXT_NONE
	       : found == 1 ? DNS_TXT_FOUND
			    : DNS_TXT_SEVERAL;
malformed:
	buffer_release(&text);
	return malformed(name, err_r);
}

static long seconds_left(const struct timespec *deadline)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return deadline->tv_sec - now.tv_sec;
}

static enum dns_txt_result look_up(char **text_r, const char *name,
				   struct __res_state *state,
				   unsigned char *answer, struct error *err_r)
{
	int len =
		res_nquery(state, name, ns_c_in, ns_t_txt, answer, ANSWER_MAX);

	if (len >= 0)
		return dns_txt_read(text_r, name, answer, (size_t)len, err_r);
	if (state->res_h_errno == HOST_NOT_FOUND ||
	    state->res_h_errno == NO_DATA)
		return DNS_TXT_NONE;
	error_set_as(err_r, EX_TEMPFAIL, "%s: DNS does not answer: %s", name,
		     hstrerror(state->res_h_errno));
	return DNS_TXT_FAILED;
}

enum dns_txt_result dns_txt_look_up(char **text_r, const char *name,
				    const struct timespec *deadline,
				    struct error *err_r)
{
	long left = seconds_left(deadline);
	enum dns_txt_result result;
	struct __res_state state;
	unsigned char *answer;

	if (left <= 0) {
		error_set_as(err_r, EX_TEMPFAIL, "%s: no time is left for DNS",
			     name);
		return DNS_TXT_FAILED;
	}
	memset(&state, 0, sizeof(state));
	if (res_ninit(&state) < 0) {
		error_set_as(err_r, EX_OSERR, "the resolver can't be set up");
		return DNS_TXT_FAILED;
	}
	/* Twice, each server in turn; over TCP it would wait for ever. */
	state.retry = left > 1 ? 2 : 1;
	state.retrans =
		(int)left / (state.retry * (state.nscount + !state.nscount));
	if (state.retrans < 1)
		state.retrans = 1;
	state.options |= RES_IGNTC | RES_USE_EDNS0;
	answer = mem_alloc(ANSWER_MAX);
	result = look_up(text_r, name, &state, answer, err_r);
	free(answer);
	res_nclose(&state);
	return result;
}
