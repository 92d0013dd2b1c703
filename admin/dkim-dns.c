#include "admin/dkim-dns.h"

#include "common/buffer.h"
#include "common/error.h"
#include "common/mem.h"

#include <arpa/nameser.h>
#include <assert.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define ANSWER_MAX 65535

/* The p= of a record's text, white space taken out; NULL if it has none. */
static char *public_key_of(const char *record)
{
	static const char space[] = " \t\r\n";
	struct buffer key = BUFFER_INIT;
	const char *tag = record;

	for (;;) {
		size_t len;

		tag += strspn(tag, space);
		len = strcspn(tag, "= \t\r\n;");
		if (len == 1 && tag[0] == 'p')
			break;
		tag += strcspn(tag, ";");
		if (*tag == '\0')
			return NULL;
		tag++;
	}
	tag += 1 + strspn(tag + 1, space);
	if (*tag != '=')
		return NULL;
	for (tag++; *tag != ';' && *tag != '\0'; tag++) {
		if (strchr(space, *tag) == NULL)
			buffer_append_char(&key, *tag);
	}
	return buffer_steal(&key);
}

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

static int compare_record(const char *name, const ns_rr *rr, const char *wanted,
			  struct error *err_r)
{
	struct buffer text = BUFFER_INIT;
	int result = 0;
	char *found;

	join_strings(&text, ns_rr_rdata(*rr), ns_rr_rdlen(*rr));
	found = public_key_of(buffer_string(&text));
	/* What stands behind a NUL would not be looked at here. */
	if (found == NULL || strcmp(found, wanted) != 0 ||
	    strlen(buffer_string(&text)) != text.len)
		result = error_set(err_r,
				   "%s: its TXT record in DNS is not this "
				   "key's: \"%s\"",
				   name, buffer_string(&text));
	free(found);
	buffer_release(&text);
	return result;
}

static int malformed(const char *name, struct error *err_r)
{
	return error_set_as(err_r, EX_TEMPFAIL,
			    "%s: DNS sent a malformed answer", name);
}

static int compare_answer(const char *name, ns_msg *message, const char *wanted,
			  struct error *err_r)
{
	bool found = false;
	int i;

	for (i = 0; i < ns_msg_count(*message, ns_s_an); i++) {
		ns_rr rr;

		if (ns_parserr(message, ns_s_an, i, &rr) < 0)
			return malformed(name, err_r);
		if (ns_rr_type(rr) != ns_t_txt)
			continue;
		if (compare_record(name, &rr, wanted, err_r) < 0)
			return -1;
		found = true;
	}
	if (!found)
		return error_set(err_r, "%s: has no TXT record in DNS", name);
	return 0;
}

int dkim_dns_compare(const char *name, const void *answer, size_t len,
		     const char *record, struct error *err_r)
{
	char *wanted = public_key_of(record);
	ns_msg message;
	int result;

	assert(wanted != NULL); /* a record of ours */
	if (len > ANSWER_MAX || ns_initparse(answer, (int)len, &message) < 0)
		result = malformed(name, err_r);
	else
		result = compare_answer(name, &message, wanted, err_r);
	free(wanted);
	return result;
}

int dkim_dns_check(const char *name, const char *record, struct error *err_r)
{
	unsigned char *answer = mem_alloc(ANSWER_MAX);
	struct __res_state state;
	int result = -1, len;

	memset(&state, 0, sizeof(state));
	if (res_ninit(&state) < 0) {
		error_set_as(err_r, EX_OSERR, "the resolver can't be set up");
		goto out;
	}
	len = res_nquery(&state, name, ns_c_in, ns_t_txt, answer, ANSWER_MAX);
	if (len < 0 && (state.res_h_errno == HOST_NOT_FOUND ||
			state.res_h_errno == NO_DATA))
		error_set(err_r, "%s: has no TXT record in DNS", name);
	else if (len < 0)
		error_set_as(err_r, EX_TEMPFAIL, "%s: DNS does not answer: %s",
			     name, hstrerror(state.res_h_errno));
	else
		result = dkim_dns_compare(name, answer, (size_t)len, record,
					  err_r);
	res_nclose(&state);
out:
	free(answer);
	return result;
}
