#include "tests/fuzz/fuzz.h"

#include "admin/dkim-dns.h"
#include "common/error.h"

#include <stdbool.h>
#include <string.h>
#include <sysexits.h>

static const char record[] = "v=DKIM1; k=ed25519; p=QUJD";

static bool has(const uint8_t *data, size_t size, char octet)
{
	return memchr(data, octet, size) != NULL;
}

/* The input as what DNS answered. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = { .text = "" };
	struct dkim_dns_found found;

	switch (dkim_dns_compare(&found, "s.example.org", data, size, record,
				 &err)) {
	case DKIM_DNS_RIGHT:
		MUST(has(data, size, 'p') && has(data, size, 'k') &&
		     has(data, size, 'Q') && has(data, size, 'U') &&
		     has(data, size, 'J') && has(data, size, 'D'));
		MUST(found.ttl <= INT32_MAX);
		return 0;
	case DKIM_DNS_FAILED:
		MUST(err.sysexit == EX_TEMPFAIL);
		break;
	case DKIM_DNS_MISSING:
	case DKIM_DNS_WRONG:
		MUST(err.sysexit == EX_DATAERR);
		break;
	}
	MUST(strncmp(err.text, "s.example.org: ", 15) == 0);
	return 0;
}
