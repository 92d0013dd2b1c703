#include "tests/fuzz/fuzz.h"

#include "common/error.h"
#include "common/mem.h"
#include "common/policy.h"
#include "milter-dkim/verifier.h"
#include "milter-dkim/verify-report.h"
#include "milter-dkim/verify-signature.h"

#include <string.h>

#define NOW 1795312927

static void check_plain(const char *text)
{
	for (; text != NULL && *text != '\0'; text++)
		MUST(*text > ' ' && *text <= '~');
}

/*
 * libopendkim takes whatever is left undecided, with the body and the record
 * of a key, without a crash; and what is said of it is one header field.
 */
static void verify(struct verify_signature *signature, const char *value,
		   const char *record, const char *body, size_t len)
{
	const struct policy_field fields[] = {
		{ .name = "DKIM-Signature",
		  .value = value,
		  .value_len = strlen(value) },
		{ .name = "From", .value = " a@example.org", .value_len = 14 },
		{ .name = "To", .value = " b\n c", .value_len = 5 },
	};
	struct verifier *verifier;
	struct error err;

	MUST(verifier_prepare(&err) == 0);
	MUST(verifier_new(&verifier, signature, 1, fields, 3, &err) == 0);
	verifier_body(verifier, body, len / 2);
	verifier_body(verifier, body + len / 2, len - len / 2);
	if (signature->result == VERIFY_UNDECIDED)
		verify_signature_check_record(signature, record);
	verifier_finish(verifier, &record, 1024);
	MUST(signature->result != VERIFY_UNDECIDED);
	verifier_free(&verifier);
}

/* The field's value, a NUL, the record, a NUL, the body. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct verify_signature signature;
	char *text = mem_alloc(size + 3), *record, *body, *report;
	size_t len;

	if (size > 0)
		memcpy(text, data, size);
	record = text + strlen(text) + 1;
	if (record > text + size)
		record = text + size;
	body = record + strlen(record) + 1;
	if (body > text + size)
		body = text + size;
	len = (size_t)(text + size - body);
	verify_signature_read(&signature, text, NOW);
	verify(&signature, text, record, body, len);
	check_plain(signature.domain);
	check_plain(signature.selector);
	check_plain(signature.identity);
	check_plain(signature.b);
	report = verify_report("mx.example.org", &signature, 1, 0);
	MUST(strlen(report) < 2000);
	MUST(strstr(report, "\n\n") == NULL && strchr(report, '\r') == NULL);
	mem_free_string(&report);
	verify_signature_release(&signature);
	mem_free_string(&text);
	return 0;
}
