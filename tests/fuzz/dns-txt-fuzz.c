#include "tests/fuzz/fuzz.h"

#include "common/dns-txt.h"
#include "common/error.h"
#include "common/mem.h"

#include <string.h>
#include <sysexits.h>

/* The input as what DNS answered. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = { .text = "" };
	struct dns_txt txt = { .text = NULL };

	switch (dns_txt_read(&txt, "s.example.org", data, size, &err)) {
	case DNS_TXT_FAILED:
		MUST(err.sysexit == EX_TEMPFAIL);
		break;
	case DNS_TXT_FOUND:
		MUST(txt.text != NULL && strlen(txt.text) < size);
		MUST(txt.ttl <= INT32_MAX);
		break;
	case DNS_TXT_NONE:
	case DNS_TXT_SEVERAL:
	case DNS_TXT_MALFORMED:
		break;
	}
	if (err.text[0] != '\0')
		MUST(txt.text == NULL);
	mem_free_string(&txt.text);
	return 0;
}
