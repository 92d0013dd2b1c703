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

	if (dkim_dns_compare("s.example.org", data, size, record, &err) == 0) {
		MUST(has(data, size, 'p') && has(data, size, 'Q') &&
		     has(data, size, 'U') && has(data, size, 'J') &&
		     has(data, size, 'D'));
		return 0;
	}
	MUST(err.sysexit == EX_DATAERR || err.sysexit == EX_TEMPFAIL);
	MUST(strncmp(err.text, "s.example.org: ", 15) == 0);
	return 0;
}
