#include "common/policy-verdict.h"

#include "common/log-record.h"
#include "common/smtp-text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void policy_pass(struct policy_verdict *verdict_r)
{
	memset(verdict_r, 0, sizeof(*verdict_r));
	verdict_r->result = POLICY_PASS;
}

void policy_exempt(struct policy_verdict *verdict, const char *reason)
{
	verdict->exempt = true;
	(void)snprintf(verdict->reason, sizeof(verdict->reason), "%s", reason);
}

static void set_reply(struct policy_verdict *verdict, const char *code,
		      const char *status, const char *text)
{
	(void)snprintf(verdict->code, sizeof(verdict->code), "%s", code);
	(void)snprintf(verdict->status, sizeof(verdict->status), "%s", status);
	smtp_text(verdict->text, sizeof(verdict->text), text);
}

static void __attribute__((format(printf, 4, 0)))
refuse(struct policy_verdict *verdict, const char *code,
       const struct policy_cause *cause, const char *format, va_list args)
{
	char text[ERROR_TEXT_SIZE];

	(void)vsnprintf(text, sizeof(text), format, args);
	set_reply(verdict, code, cause->status, text);
	verdict->sender[0] = '\0';
	verdict->field = cause->field;
	(void)snprintf(verdict->address, sizeof(verdict->address), "%s",
		       cause->address != NULL ? cause->address : "");
	(void)snprintf(verdict->reason, sizeof(verdict->reason), "%s",
		       cause->reason != NULL ? cause->reason : text);
}

enum policy_result policy_reject(struct policy_verdict *verdict,
				 const struct policy_cause *cause,
				 const char *format, ...)
{
	va_list args;

	va_start(args, format);
	refuse(verdict, "550", cause, format, args);
	va_end(args);
	verdict->result = POLICY_REJECT;
	return POLICY_REJECT;
}

enum policy_result policy_put_off(struct policy_verdict *verdict,
				  const struct policy_cause *cause,
				  const char *format, ...)
{
	va_list args;

	va_start(args, format);
	refuse(verdict, "450", cause, format, args);
	va_end(args);
	verdict->result = POLICY_DEFER;
	return POLICY_DEFER;
}

enum policy_result policy_defer_as(struct policy_verdict *verdict,
				   const char *text, const struct error *err)
{
	verdict->result = POLICY_DEFER;
	verdict->outage = true;
	set_reply(verdict, "451", "4.3.0", text);
	(void)snprintf(verdict->reason, sizeof(verdict->reason), "%s",
		       err->text);
	return POLICY_DEFER;
}

enum policy_result
policy_defer(struct policy_verdict *verdict, const struct error *err)
{
	return policy_defer_as(
		verdict,
		"the account directory can't be asked now, try again later",
		err);
}

const char *policy_word(enum policy_result result)
{
	static const char *const words[] = {
		[POLICY_PASS] = "pass",
		[POLICY_REJECT] = "reject",
		[POLICY_DEFER] = "defer",
	};

	return words[result];
}

void policy_log_cause(struct log_record *record,
		      const struct policy_verdict *verdict)
{
	log_record_add_if_any(record, "field", verdict->field);
	log_record_add_if_any(record, "address", verdict->address);
	log_record_add_if_any(record, "reason", verdict->reason);
}
