#include "common/policy.h"

#include "common/directory.h"
#include "common/policy-internal.h"
#include "common/policy-rules.h"

#include <string.h>
#include <strings.h>

static const char resent[] = "Resent-";
static const struct policy_cause syntax = { .status = POLICY_STATUS_SYNTAX };

enum policy_result policy_too_much(struct policy_verdict *verdict)
{
	return policy_reject(verdict, &syntax,
			     "the From, Sender and Resent fields are too many "
			     "or too long");
}

bool policy_has_stray_cr(const char *value)
{
	while ((value = strchr(value, '\r')) != NULL) {
		if (*++value != '\n')
			return true;
	}
	return false;
}

enum policy_result policy_stray_cr(struct policy_verdict *verdict)
{
	return policy_reject(
		verdict, &syntax,
		"a CR stands alone in the header, and could be shown as "
		"the end of a field");
}

/* A field's name without the white space at its end. */
static size_t name_len(const char *field_name)
{
	size_t len = strlen(field_name);

	while (len > 0 && strchr(" \t", field_name[len - 1]) != NULL)
		len--;
	return len;
}

bool policy_is_named(const char *field_name, const char *name)
{
	size_t len;

	/* Most names differ in their first letter, not only in its case. */
	if (((field_name[0] ^ name[0]) & ~0x20) != 0)
		return false;
	len = name_len(field_name);
	return len == strlen(name) && strncasecmp(field_name, name, len) == 0;
}

static bool is_resent(const char *field_name)
{
	return strncasecmp(field_name, resent, strlen(resent)) == 0;
}

bool policy_reads_field(const char *name)
{
	return policy_is_named(name, "From") ||
	       policy_is_named(name, "Sender") || is_resent(name);
}

static bool is_too_much(const struct policy_field *fields, size_t count)
{
	size_t i, read = 0, octets = 0;

	for (i = 0; i < count; i++) {
		if (!policy_reads_field(fields[i].name))
			continue;
		read++;
		/* With its colon, as field-list.c counts. */
		octets += strlen(fields[i].name) + 1 + fields[i].value_len;
	}
	return read > POLICY_FIELDS_MAX || octets > POLICY_OCTETS_MAX;
}

size_t policy_find_field(const struct policy_field **field_r,
			 const struct policy_field *fields, size_t count,
			 const char *name)
{
	size_t i, found = 0;

	*field_r = NULL;
	for (i = 0; i < count; i++) {
		if (policy_is_named(fields[i].name, name)) {
			*field_r = &fields[i];
			found++;
		}
	}
	return found;
}

/* Does this Resent- field stand among those from first on already? */
static bool
is_repeated(const struct policy_field *first, const struct policy_field *field)
{
	size_t len = name_len(field->name);

	for (; first < field; first++) {
		if (name_len(first->name) == len &&
		    strncasecmp(first->name, field->name, len) == 0)
			return true;
	}
	return false;
}

/*
 * RFC 5322 3.6.6: blocks stand one above the other, the latest uppermost, each
 * field once in each. Moves *rest behind the next block; false if there is
 * none.
 */
static bool
take_block(struct policy_originator *rest, struct policy_originator *block_r)
{
	const struct policy_field *end, *field;

	if (rest->count == 0)
		return false;
	end = rest->fields + rest->count;
	while (rest->fields < end && !is_resent(rest->fields->name))
		rest->fields++;
	*block_r = *rest;
	for (field = rest->fields; field < end; field++) {
		if (is_resent(field->name) && is_repeated(rest->fields, field))
			break;
	}
	block_r->count = (size_t)(field - rest->fields);
	rest->fields = field;
	rest->count = (size_t)(end - field);
	return block_r->count > 0;
}

/*
 * Each block, or where the rules let one excuse From: the uppermost alone: who
 * resent it before is not who writes now. *excused_r: there is an own one.
 */
static enum policy_result check_resent(const struct policy_subject *subject,
				       const struct policy_field *fields,
				       size_t count, bool *excused_r)
{
	struct policy_originator block, rest = {
		.from = "Resent-From",
		.sender = "Resent-Sender",
		.resent = true,
		.fields = fields,
		.count = count,
	};
	bool allow = subject->question->rules->resent == POLICY_RESENT_ALLOW;
	enum policy_result result = POLICY_PASS;
	const struct policy_field *from;

	*excused_r = false;
	while (result == POLICY_PASS && take_block(&rest, &block)) {
		result = policy_check_originator(subject, &block);
		if (!allow)
			continue;
		*excused_r = policy_find_field(&from, block.fields, block.count,
					       block.from) == 1;
		break;
	}
	return result;
}

static enum policy_result check_fields(const struct policy_subject *subject,
				       const struct policy_field *fields,
				       size_t count)
{
	const struct policy_originator original = {
		.from = "From",
		.sender = "Sender",
		.fields = fields,
		.count = count,
	};
	enum policy_result result;
	bool excused;

	if (is_too_much(fields, count))
		return policy_too_much(subject->verdict);
	result = check_resent(subject, fields, count, &excused);
	if (result != POLICY_PASS)
		return result;
	if (excused)
		return policy_check_form(subject, &original);
	return policy_check_originator(subject, &original);
}

enum policy_result policy_check_header(const struct policy_question *question,
				       const struct policy_field *fields,
				       size_t count,
				       struct policy_verdict *verdict_r)
{
	struct policy_subject subject = { .question = question,
					  .verdict = verdict_r };

	policy_pass(verdict_r);
	if (policy_find_account(&subject) == POLICY_STANDING_CHECK) {
		check_fields(&subject, fields, count);
		directory_account_release(&subject.account);
	}
	return verdict_r->result;
}
