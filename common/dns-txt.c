#include "common/dns-txt.h"

#include "common/buffer.h"
#include "common/dns-tcp.h"
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

static enum dns_txt_result
failed(struct error *err_r, const char *name, const char *why)
{
	error_set_as(err_r, EX_TEMPFAIL, "%s: %s", name, why);
	return DNS_TXT_FAILED;
}

static enum dns_txt_result read_record(struct dns_txt *txt_r, const ns_rr *rr)
{
	struct buffer text = BUFFER_INIT;

	if (join_strings(&text, ns_rr_rdata(*rr), ns_rr_rdlen(*rr)) < 0) {
		buffer_release(&text);
		return DNS_TXT_MALFORMED;
	}
	txt_r->text = buffer_steal(&text);
	/* RFC 2181 8: with the highest bit it means nothing. */
	txt_r->ttl = ns_rr_ttl(*rr) > INT32_MAX ? 0 : ns_rr_ttl(*rr);
	return DNS_TXT_FOUND;
}

/* All of them are looked at: an answer that is malformed is none. */
enum dns_txt_result dns_txt_read(struct dns_txt *txt_r, const char *name,
				 const void *answer, size_t len,
				 struct error *err_r)
{
	size_t found = 0;
	ns_rr record = { .rdlength = 0 };
	ns_msg message;
	int i;

	if (len > ANSWER_MAX || ns_initparse(answer, (int)len, &message) < 0)
		return failed(err_r, name, "DNS sent a malformed answer");
	if (ns_msg_getflag(message, ns_f_tc) != 0)
		return failed(err_r, name, "DNS sent an answer that was cut");
	if (ns_msg_getflag(message, ns_f_rcode) == ns_r_nxdomain)
		return DNS_TXT_NONE;
	if (ns_msg_getflag(message, ns_f_rcode) != ns_r_noerror)
		return failed(err_r, name, "DNS answered that it failed");
	for (i = 0; i < ns_msg_count(message, ns_s_an); i++) {
		ns_rr rr;

		if (ns_parserr(&message, ns_s_an, i, &rr) < 0)
			return failed(err_r, name,
				      "DNS sent a malformed answer");
		if (ns_rr_type(rr) == ns_t_txt && found++ == 0)
			record = rr;
	}
	return found == 0   ? DNS_TXT_NONE
	       : found == 1 ? read_record(txt_r, &record)
			    : DNS_TXT_SEVERAL;
}

static int milliseconds_left(const struct timespec *deadline)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int)((deadline->tv_sec - now.tv_sec) * 1000 +
		     (deadline->tv_nsec - now.tv_nsec) / 1000000);
}

/* IPv4 stands in the list itself, IPv6 beside it. */
static const struct sockaddr *
server_at(const struct __res_state *state, int i, socklen_t *len_r)
{
	const struct sockaddr_in6 *other = state->_u._ext.nsaddrs[i];

	if (state->nsaddr_list[i].sin_family == 0 && other != NULL) {
		*len_r = sizeof(*other);
		return (const struct sockaddr *)other;
	}
	*len_r = sizeof(state->nsaddr_list[i]);
	return (const struct sockaddr *)&state->nsaddr_list[i];
}

/* Not by glibc, which would wait for ever. Each server has its share. */
static ssize_t ask_by_tcp(struct __res_state *state, const char *name,
			  unsigned char *answer,
			  const struct timespec *deadline)
{
	unsigned char query[DNS_TCP_QUERY_MAX];
	int len = res_nmkquery(state, ns_o_query, name, ns_c_in, ns_t_txt, NULL,
			       0, NULL, query, sizeof(query));
	ssize_t result = -1;
	int i;

	for (i = 0; len > 0 && result < 0 && i < state->nscount; i++) {
		socklen_t server_len;
		const struct sockaddr *server =
			server_at(state, i, &server_len);

		result = dns_tcp_ask(server, server_len, query, (size_t)len,
				     answer, ANSWER_MAX,
				     milliseconds_left(deadline) /
					     (state->nscount - i));
	}
	return result;
}

/* Twice, each server in turn, which glibc gives shares of whole seconds. */
static ssize_t ask_by_udp(struct __res_state *state, const char *name,
			  unsigned char *answer,
			  const struct timespec *deadline)
{
	int seconds = (milliseconds_left(deadline) + 500) / 1000;

	state->retry = seconds > 1 ? 2 : 1;
	state->retrans =
		seconds / (state->retry * (state->nscount + !state->nscount));
	if (state->retrans < 1)
		state->retrans = 1;
	state->options |= RES_IGNTC | RES_USE_EDNS0;
	return res_nquery(state, name, ns_c_in, ns_t_txt, answer, ANSWER_MAX);
}

static enum dns_txt_result
look_up(struct dns_txt *txt_r, const char *name, struct __res_state *state,
	unsigned char *answer, const struct timespec *deadline,
	struct error *err_r)
{
	const HEADER *header = (const HEADER *)answer;
	bool tcp = (state->options & RES_USEVC) != 0;
	ssize_t len = -1;

	if (!tcp) {
		len = ask_by_udp(state, name, answer, deadline);
		/* Cut to nothing, it says that there is no data. */
		tcp = header->tc != 0;
	}
	if (tcp)
		len = ask_by_tcp(state, name, answer, deadline);
	else if (len < 0 && (state->res_h_errno == HOST_NOT_FOUND ||
			     state->res_h_errno == NO_DATA))
		return DNS_TXT_NONE;
	if (len < 0)
		return failed(err_r, name,
			      tcp ? "DNS does not answer over TCP"
				  : "DNS does not answer, or that it failed");
	return dns_txt_read(txt_r, name, answer, (size_t)len, err_r);
}

enum dns_txt_result dns_txt_look_up(struct dns_txt *txt_r, const char *name,
				    const struct timespec *deadline,
				    struct error *err_r)
{
	enum dns_txt_result result;
	struct __res_state state;
	unsigned char *answer;

	if (milliseconds_left(deadline) <= 0)
		return failed(err_r, name, "no time is left for DNS");
	memset(&state, 0, sizeof(state));
	if (res_ninit(&state) < 0)
		return failed(err_r, name, "the resolver can't be set up");
	answer = mem_alloc(ANSWER_MAX);
	result = look_up(txt_r, name, &state, answer, deadline, err_r);
	free(answer);
	res_nclose(&state);
	return result;
}
