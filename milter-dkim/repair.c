#include "milter-dkim/repair.h"

#include "common/buffer.h"
#include "common/error.h"
#include "common/field-list.h"
#include "common/mem.h"
#include "milter-dkim/edit.h"
#include "milter-dkim/header-choice.h"
#include "milter-dkim/mime-plan.h"
#include "milter-dkim/repair-body.h"
#include "milter-dkim/repair-header.h"
#include "milter-dkim/signer.h"

#include <stdlib.h>
#include <string.h>

struct repair {
	struct repair_rules rules;
	bool signed_before;
	struct repair_body body;
	struct buffer done;
	struct buffer at_risk;
};

/* What repair_apply() works on. */
struct work {
	struct repair *repair;
	struct field_list *header;
	const struct edit_ops *ops;
	void *context;
	struct signer *signer;
	struct error *err_r;
};

bool repair_reads_field(const char *name)
{
	return repair_is_signature(name, strlen(name));
}

/* The first of that name; NULL if there is none. */
static const struct policy_field *
find_field(const struct field_list *header, const char *name)
{
	size_t i;

	for (i = 0; i < header->count; i++) {
		if (policy_is_named(header->fields[i].name, name))
			return &header->fields[i];
	}
	return NULL;
}

struct repair *
repair_new(const struct field_list *header, const struct repair_rules *rules)
{
	struct repair *repair = mem_alloc(sizeof(*repair));
	struct mime_entity message;
	size_t i;

	repair->rules = *rules;
	mime_entity_init(&message, false);
	for (i = 0; i < header->count; i++) {
		const struct policy_field *field = &header->fields[i];
		size_t name_len = strlen(field->name);

		repair->signed_before |=
			repair_is_signature(field->name, name_len);
		mime_entity_field(&message, field->name, name_len, field->value,
				  field->value_len);
	}
	mime_entity_finish(&message);
	repair_body_init(&repair->body, &message,
			 rules->convert_8bit && !repair->signed_before);
	return repair;
}

void repair_free(struct repair **repair)
{
	if (*repair == NULL)
		return;
	repair_body_release(&(*repair)->body);
	buffer_release(&(*repair)->done);
	buffer_release(&(*repair)->at_risk);
	free(*repair);
	*repair = NULL;
}

static void note(struct buffer *notes, const char *what, const char *how)
{
	buffer_printf(notes, "%s%s %s", notes->len > 0 ? ", " : "", what, how);
}

static int refused(const struct work *work, const char *name)
{
	return error_set(work->err_r, "the MTA did not take a changed %s",
			 name);
}

static int
change_field(const struct work *work, size_t place, const char *value)
{
	const struct policy_field *fields = work->header->fields;
	const char *name = fields[place].name;
	int instance = 1;
	size_t i;

	for (i = 0; i < place; i++)
		instance += policy_is_named(fields[i].name, name);
	if (work->ops->change(work->context, name, instance, value) < 0)
		return refused(work, name);
	field_list_change(work->header, place, value);
	return 0;
}

static int
append_field(const struct work *work, const char *name, const char *value)
{
	struct field_list *header = work->header;

	if (work->ops->append(work->context, name, value) < 0)
		return refused(work, name);
	/* What we add ourselves is in no bound: it must be signed. */
	header->count_max++;
	header->octets_max += strlen(name) + 1 + strlen(value);
	field_list_add(header, name, value);
	note(&work->repair->done, name, "added");
	return 0;
}

/* Without its end, From could name somebody else than was checked. */
static int fold_field(const struct work *work, size_t place)
{
	const struct policy_field *field = &work->header->fields[place];
	struct buffer value = BUFFER_INIT;
	bool whole = repair_fold(&value, field->name, field->value,
				 field->value_len);
	int result = 0;

	if (!whole && policy_is_named(field->name, "From")) {
		note(&work->repair->at_risk, "From", "too large to be folded");
	} else {
		note(&work->repair->done, field->name,
		     whole ? "folded" : "folded and cut");
		result = change_field(work, place, buffer_string(&value));
	}
	buffer_release(&value);
	return result;
}

/* Only what is signed: else no signature breaks. */
static int fold_fields(const struct work *work)
{
	size_t i;

	for (i = 0; i < work->header->count; i++) {
		const struct policy_field *field = &work->header->fields[i];

		if (header_is_chosen(field->name) &&
		    repair_is_long(field->name, field->value,
				   field->value_len) &&
		    fold_field(work, i) < 0)
			return -1;
	}
	return 0;
}

static int add_missing(const struct work *work)
{
	const struct repair *repair = work->repair;
	struct buffer value = BUFFER_INIT;
	int result = 0;

	if (repair->signed_before)
		return 0;
	if (find_field(work->header, "Date") == NULL) {
		repair_date(&value, repair->rules.now);
		result = append_field(work, "Date", buffer_string(&value));
	}
	buffer_clear(&value);
	if (result == 0 && find_field(work->header, "Message-ID") == NULL) {
		result = repair_message_id(&value, repair->rules.host);
		if (result < 0)
			error_set(work->err_r, "no random numbers for a "
					       "Message-ID");
		else
			result = append_field(work, "Message-ID",
					      buffer_string(&value));
	}
	buffer_release(&value);
	return result;
}

void repair_body(struct repair *repair, const void *data, size_t len)
{
	repair_body_add(&repair->body, data, len);
}

/* To the MTA and the signer alike, in pieces that suit the protocol. */
struct new_body {
	const struct work *work;
	size_t len;
	unsigned char data[65535];
};

static int new_body_flush(struct new_body *body)
{
	const struct work *work = body->work;
	size_t len = body->len;

	body->len = 0;
	if (len == 0)
		return 0;
	if (signer_body(work->signer, body->data, len, work->err_r) < 0)
		return -1;
	return work->ops->body(work->context, body->data, len) < 0
		       ? refused(work, "body")
		       : 0;
}

static int new_body_add(void *context, const char *data, size_t len)
{
	struct new_body *body = context;

	while (len > 0) {
		size_t room = sizeof(body->data) - body->len;
		size_t part = len < room ? len : room;

		memcpy(body->data + body->len, data, part);
		body->len += part;
		data += part;
		len -= part;
		if (body->len == sizeof(body->data) && new_body_flush(body) < 0)
			return -1;
	}
	return 0;
}

static int replace_body(const struct work *work, const struct mime_plan *plan)
{
	const struct buffer *kept = &work->repair->body.kept;
	struct new_body *body = mem_alloc(sizeof(*body));
	int result;

	body->work = work;
	result = signer_restart(work->signer, work->err_r);
	if (result == 0)
		result = mime_edits_apply(plan->edits, plan->count, kept->data,
					  kept->len, new_body_add, body);
	if (result == 0)
		result = new_body_flush(body);
	free(body);
	return result;
}

static void note_parts(const struct work *work, const struct mime_plan *plan)
{
	static const char *const how[MIME_CHANGE_COUNT] = {
		[MIME_LABEL] = NULL,
		[MIME_FOLD] = "folded",
		[MIME_TO_QUOTED] = "to quoted-printable",
		[MIME_TO_BASE64] = "to base64",
		[MIME_WRAP_QUOTED] = "wrapped",
		[MIME_WRAP_BASE64] = "wrapped",
	};
	size_t counts[MIME_CHANGE_COUNT] = { 0 }, i;
	bool noted = false;

	for (i = 0; i < plan->count; i++)
		counts[plan->edits[i].change]++;
	for (i = 0; i < MIME_CHANGE_COUNT; i++) {
		if (counts[i] == 0 || how[i] == NULL)
			continue;
		note(&work->repair->done, "body", how[i]);
		noted = true;
	}
	if (!noted)
		note(&work->repair->done, "body", "declared 7bit");
}

static int label_message(const struct work *work, const char *encoding)
{
	static const char name[] = "Content-Transfer-Encoding";
	const struct policy_field *field = find_field(work->header, name);
	char *value = mem_printf(" %s", encoding);
	int result;

	if (field != NULL)
		result = change_field(
			work, (size_t)(field - work->header->fields), value);
	else
		result = append_field(work, name, value);
	mem_free_string(&value);
	return result;
}

static int apply_plan(const struct work *work, const struct mime_plan *plan)
{
	if (!plan->relabel && plan->count == 0)
		return 0;
	note_parts(work, plan);
	if (plan->count > 0 && replace_body(work, plan) < 0)
		return -1;
	if (plan->relabel &&
	    label_message(work, mime_encoding_name(plan->label)) < 0)
		return -1;
	/* Else strict readers would not decode it. */
	if (find_field(work->header, "MIME-Version") == NULL)
		return append_field(work, "MIME-Version", " 1.0");
	return 0;
}

/*
 * What 8-bit parts would need can't always be had. Then lines that are too
 * long are seen to at least, since Postfix breaks these for every peer.
 */
static int mend_body(const struct work *work)
{
	struct repair *repair = work->repair;
	const struct repair_body *body = &repair->body;
	struct mime_plan plan;
	int result;

	if (!repair_body_is_suspect(body) &&
	    !repair_body_is_declared_8bit(body))
		return 0;
	if (body->lost && !repair_body_is_suspect(body) &&
	    !body->message.malformed)
		return apply_plan(
			work, &(const struct mime_plan){ .relabel = true,
							 .label = MIME_7BIT });
	if (body->lost) {
		note(&repair->at_risk, "body", "too large to be changed");
		return 0;
	}
	mime_plan_make(&plan, &body->message, buffer_string(&body->kept),
		       body->kept.len, body->convert_8bit);
	if (plan.obstacle != NULL && body->convert_8bit) {
		note(&repair->at_risk, "8-bit text or long lines",
		     plan.obstacle);
		mime_plan_release(&plan);
		mime_plan_make(&plan, &body->message,
			       buffer_string(&body->kept), body->kept.len,
			       false);
	} else if (plan.obstacle != NULL) {
		note(&repair->at_risk, "long lines", plan.obstacle);
	}
	result = apply_plan(work, &plan);
	mime_plan_release(&plan);
	return result;
}

int repair_apply(struct repair *repair, struct field_list *header,
		 struct signer *signer, const struct edit_ops *ops,
		 void *context, struct error *err_r)
{
	const struct work work = { .repair = repair,
				   .header = header,
				   .ops = ops,
				   .context = context,
				   .signer = signer,
				   .err_r = err_r };

	/* Postfix takes no change of the body after one of the header. */
	if (mend_body(&work) < 0 || fold_fields(&work) < 0)
		return -1;
	return add_missing(&work);
}

const char *repair_done(const struct repair *repair)
{
	return buffer_string(&repair->done);
}

const char *repair_at_risk(const struct repair *repair)
{
	return buffer_string(&repair->at_risk);
}
