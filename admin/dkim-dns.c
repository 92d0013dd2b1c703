#include "admin/dkim-dns.h"

#include "common/buffer.h"
#include "common/error.h"
#include "common/mem.h"

#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define ANSWER_MAX 65535

/*
 * Twice each of up to three name servers, the second time for less: glibc
 * divides it by their number. Not what resolv.conf says, which may be long.
 */
#define DNS_WAIT_SECONDS 3
#define DNS_TRIES 2

/* RFC 6376 3.6.2.2: the strings of a TXT record, joined. */
static void
join_strings(struct buffer *out, const unsigned char *data, size_t len)
{
	while (len > 0 && data[0] < len) {
		buffer_append_bytes(out, data + 1, data[0]);
		len -= (size_t)data[0] + 1;
		data += (size_t)data[0] + 1;
	}
}

static enum dkim_dns_result
compare_record(struct dkim_dns_found *found_r, const char *name,
	       const ns_rr *rr, const char *wanted, struct error *err_r)
{
	enum dkim_dns_result result = DKIM_DNS_RIGHT;
	struct buffer text = BUFFER_INIT;
	struct error why;

	join_strings(&text, ns_rr_rdata(*rr), ns_rr_rdlen(*rr));
	/* What stands behind a NUL would not be looked at here. */
	if (strlen(buffer_string(&text)) != text.len) {
		error_set(err_r, "%s: its TXT record in DNS has a NUL in it",
			  name);
		result = DKIM_DNS_WRONG;
	} else if (dkim_record_compare(&found_r->flags, buffer_string(&text),
				       wanted, &why) < 0) {
		error_set(err_r, "%s: its TXT record in DNS %s: \"%s\"", name,
			  why.text, buffer_string(&text));
		result = DKIM_DNS_WRONG;
	}
	/* RFC 2181 8: with the highest bit it means nothing. */
	found_r->ttl = ns_rr_ttl(*rr) > INT32_MAX ? 0 : ns_rr_ttl(*rr);
	buffer_release(&text);
	return result;
}

static enum dkim_dns_result malformed(const char *name, struct error *err_r)
{
	error_set_as(err_r, EX_TEMPFAIL, "%s: DNS sent a malformed answer",
		     name);
	return DKIM_DNS_FAILED;
}

static enum dkim_dns_result missing(const char *name, struct error *err_r)
{
	error_set(err_r, "%s: has no TXT record in DNS", name);
	return DKIM_DNS_MISSING;
}

/* All of them are looked at: an answer that is malformed is none. */
static enum dkim_dns_result
compare_answer(struct dkim_dns_found *found_r, const char *name,
	       ns_msg *message, const char *wanted, struct error *err_r)
{
	enum dkim_dns_result result = DKIM_DNS_MISSING;
	int i, count = 0;

	for (i = 0; i < ns_msg_count(*message, ns_s_an); i++) {
		ns_rr rr;

		if (ns_parserr(message, ns_s_an, i, &rr) < 0)
			return malformed(name, err_r);
		if (ns_rr_type(rr) != ns_t_txt)
			continue;
		result = compare_record(found_r, name, &rr, wanted, err_r);
		count++;
	}
	if (count == 0)
		return missing(name, err_r);
	if (count == 1)
		return result;
	/* RFC 6376 3.6.2.2: which of them a verifier takes is undefined. */
	error_set(err_r, "%s: has %d TXT records in DNS; one may stand there",
		  name, count);
	return DKIM_DNS_WRONG;
}

enum dkim_dns_result dkim_dns_compare(struct dkim_dns_found *found_r,
				      const char *name, const void *answer,
				      size_t len, const char *record,
				      struct error *err_r)
{
	ns_msg message;

	if (len > ANSWER_MAX || ns_initparse(answer, (int)len, &message) < 0)
		return malformed(name, err_r);
	if (ns_msg_getflag(message, ns_f_tc) != 0) {
		error_set_as(err_r, EX_TEMPFAIL,
			     "%s: DNS's answer is too long for a datagram",
			     name);
		return DKIM_DNS_FAILED;
	}
	return compare_answer(found_r, name, &message, record, err_r);
}

enum dkim_dns_result dkim_dns_check(struct dkim_dns_found *found_r,
				    const char *name, const char *record,
				    struct error *err_r)
{
	unsigned char *answer = mem_alloc(ANSWER_MAX);
	enum dkim_dns_result result = DKIM_DNS_FAILED;
	struct __res_state state;
	int len;

	memset(&state, 0, sizeof(state));
	if (res_ninit(&state) < 0) {
		error_set_as(err_r, EX_OSERR, "the resolver can't be set up");
		goto out;
	}
	state.retrans = DNS_WAIT_SECONDS;
	state.retry = DNS_TRIES;
	/* By TCP it would wait without a limit; a record needs no TCP. */
	state.options |= RES_USE_EDNS0 | RES_IGNTC;
	len = res_nquery(&state, name, ns_c_in, ns_t_txt, answer, ANSWER_MAX);
	if (len < 0 && (state.res_h_errno == HOST_NOT_FOUND ||
			state.res_h_errno == NO_DATA))
		result = missing(name, err_r);
	else if (len < 0)
		error_set_as(err_r, EX_TEMPFAIL, "%s: DNS does not answer: %s",
			     name, hstrerror(state.res_h_errno));
	else
		result = dkim_dns_compare(found_r, name, answer, (size_t)len,
					  record, err_r);
	res_nclose(&state);
out:
	free(answer);
	return result;
}
