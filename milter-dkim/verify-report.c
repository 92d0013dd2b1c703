#include "milter-dkim/verify-report.h"

#include "common/buffer.h"
#include "common/mem.h"
#include "milter-dkim/verify-signature.h"

#include <string.h>

/* RFC 6008 3: so many octets of b=, or more to tell two signatures apart. */
#define B_MIN 8
#define B_MAX 64

/* RFC 2045 5.1, token; with what may stand in an address beside it. */
static bool is_plain(const char *value)
{
	return value[0] != '\0' && strpbrk(value, " ()<>,;:\\\"/[]?=") == NULL;
}

static void append_value(struct buffer *out, const char *value, size_t len)
{
	size_t i;

	buffer_append_char(out, '"');
	for (i = 0; i < len; i++) {
		if (value[i] == '"' || value[i] == '\\')
			buffer_append_char(out, '\\');
		buffer_append_char(out, value[i]);
	}
	buffer_append_char(out, '"');
}

static void append_property(struct buffer *out, const char *name,
			    const char *value, const char *before)
{
	if (value == NULL)
		return;
	buffer_printf(out, "%s%s=", before, name);
	if (is_plain(value))
		buffer_append_string(out, value);
	else
		append_value(out, value, strlen(value));
}

/* How much of b= tells this signature from the others. */
static size_t b_length(const struct verify_signature *signatures, size_t count,
		       const struct verify_signature *signature)
{
	size_t len = B_MIN, i;

	for (i = 0; i < count; i++) {
		const char *other = signatures[i].b;

		if (&signatures[i] == signature || other == NULL ||
		    strcmp(other, signature->b) == 0)
			continue;
		while (len < B_MAX && strncmp(other, signature->b, len) == 0)
			len++;
	}
	return len;
}

static void append_b(struct buffer *out,
		     const struct verify_signature *signatures, size_t count,
		     const struct verify_signature *signature)
{
	char *b;

	if (signature->b == NULL)
		return;
	b = mem_strndup(signature->b, b_length(signatures, count, signature));
	append_property(out, "header.b", b, " ");
	mem_free_string(&b);
}

static void
append_result(struct buffer *out, const char *result, const char *reason)
{
	buffer_printf(out, ";\n\tdkim=%s", result);
	if (reason[0] == '\0')
		return;
	buffer_append_string(out, " reason=");
	append_value(out, reason, strlen(reason));
}

static void append_unread(struct buffer *out, size_t unread)
{
	if (unread > 0)
		buffer_printf(out,
			      ";\n\tdkim=neutral reason=\"%zu more signatures "
			      "were not looked at\"",
			      unread);
}

char *verify_report(const char *authserv_id,
		    const struct verify_signature *signatures, size_t count,
		    size_t unread)
{
	struct buffer out = BUFFER_INIT;
	size_t i;

	buffer_printf(&out, " %s", authserv_id);
	if (count == 0 && unread == 0)
		buffer_append_string(&out, "; dkim=none");
	for (i = 0; i < count; i++) {
		const struct verify_signature *signature = &signatures[i];

		append_result(&out, verify_result_name(signature->result),
			      signature->reason);
		append_property(&out, "header.d", signature->domain, "\n\t ");
		append_property(&out, "header.i", signature->identity, "\n\t ");
		append_property(&out, "header.s", signature->selector, "\n\t ");
		append_property(&out, "header.a", signature->algorithm_name,
				" ");
		append_b(&out, signatures, count, signature);
	}
	append_unread(&out, unread);
	return buffer_steal(&out);
}

char *verify_report_short(const struct verify_signature *signatures,
			  size_t count, size_t unread)
{
	struct buffer out = BUFFER_INIT;
	size_t i;

	for (i = 0; i < count; i++) {
		const struct verify_signature *signature = &signatures[i];

		buffer_printf(&out, "%s%s", i > 0 ? ", " : "",
			      verify_result_name(signature->result));
		if (signature->domain != NULL)
			buffer_printf(&out, " d=%s s=%s", signature->domain,
				      signature->selector);
		if (signature->reason[0] != '\0')
			buffer_printf(&out, " (%s)", signature->reason);
	}
	if (unread > 0)
		buffer_printf(&out, ", %zu not looked at", unread);
	return out.len > 0 ? buffer_steal(&out) : mem_strdup("none");
}
