#include "admin/dkim-dns.h"

#include "common/dns-txt.h"
#include "common/error.h"
#include "common/mem.h"

#include <time.h>

static enum dkim_dns_result
compare_text(struct dkim_dns_found *found_r, const char *name,
	     const struct dns_txt *txt, const char *wanted, struct error *err_r)
{
	struct error why;

	found_r->ttl = txt->ttl;
	if (dkim_record_compare(&found_r->flags, txt->text, wanted, &why) == 0)
		return DKIM_DNS_RIGHT;
	error_set(err_r, "%s: its TXT record in DNS %s: \"%s\"", name, why.text,
		  txt->text);
	return DKIM_DNS_WRONG;
}

/* Frees the text. */
static enum dkim_dns_result judge(struct dkim_dns_found *found_r,
				  const char *name, enum dns_txt_result answer,
				  struct dns_txt *txt, const char *wanted,
				  struct error *err_r)
{
	enum dkim_dns_result result = DKIM_DNS_FAILED;

	switch (answer) {
	case DNS_TXT_FAILED:
		break;
	case DNS_TXT_NONE:
		error_set(err_r, "%s: has no TXT record in DNS", name);
		result = DKIM_DNS_MISSING;
		break;
	case DNS_TXT_FOUND:
		result = compare_text(found_r, name, txt, wanted, err_r);
		mem_free_string(&txt->text);
		break;
	case DNS_TXT_SEVERAL:
		/* RFC 6376 3.6.2.2: which a verifier takes is undefined. */
		error_set(err_r,
			  "%s: has several TXT records in DNS; one may stand "
			  "there",
			  name);
		result = DKIM_DNS_WRONG;
		break;
	case DNS_TXT_MALFORMED:
		error_set(err_r,
			  "%s: its TXT record in DNS is malformed, or has a "
			  "NUL in it",
			  name);
		result = DKIM_DNS_WRONG;
		break;
	}
	return result;
}

enum dkim_dns_result dkim_dns_compare(struct dkim_dns_found *found_r,
				      const char *name, const void *answer,
				      size_t len, const char *record,
				      struct error *err_r)
{
	struct dns_txt txt = { .text = NULL };
	enum dns_txt_result result =
		dns_txt_read(&txt, name, answer, len, err_r);

	return judge(found_r, name, result, &txt, record, err_r);
}

enum dkim_dns_result dkim_dns_check(struct dkim_dns_found *found_r,
				    const char *name, const char *record,
				    struct error *err_r)
{
	struct dns_txt txt = { .text = NULL };
	struct timespec deadline;
	enum dns_txt_result result;

	(void)clock_gettime(CLOCK_MONOTONIC, &deadline);
	deadline.tv_sec += DKIM_DNS_SECONDS;
	result = dns_txt_look_up(&txt, name, &deadline, err_r);
	return judge(found_r, name, result, &txt, record, err_r);
}
