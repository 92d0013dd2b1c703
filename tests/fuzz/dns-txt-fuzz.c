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
	char *text = NULL;

	switch (dns_txt_read(&text, "s.example.org", data, size, &err)) {
	case DNS_TXT_FAILED:
		MUST(err.sysexit == EX_TEMPFAIL);
		break;
	case DNS_TXT_FOUND:
		MUST(text != NULL && strlen(text) < size);
		break;
	case DNS_TXT_NONE:
	case DNS_TXT_SEVERAL:
		break;
	}
	if (err.text[0] != '\0')
		MUST(text == NULL);
	mem_free_string(&text);
	return 0;
}
