#include "milter-dkim/repair.h"

#include "common/buffer.h"
#include "common/error.h"
#include "common/field-list.h"
#include "common/mem.h"
#include "milter-dkim/edit.h"
#include "milter-dkim/header-choice.h"
#include "milter-dkim/repair-header.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char signature_name[] = "DKIM-Signature";

struct repair {
	struct repair_rules rules;
	bool signed_before;
	struct buffer done;
	struct buffer at_risk;
};

/* What repair_apply() works on. */
struct work {
	struct repair *repair;
	struct field_list *header;
	const struct edit_ops *ops;
	void *context;
	struct error *err_r;
};

bool repair_reads_field(const char *name)
{
	return strcasecmp(name, signature_name) == 0;
}

/* The first of that name; NULL if there is none. */
static const struct policy_field *
find_field(const struct field_list *header, const char *name)
{
	size_t i;

	for (i = 0; i < header->count; i++) {
		if (strcasecmp(header->fields[i].name, name) == 0)
			return &header->fields[i];
	}
	return NULL;
}

struct repair *
repair_new(const struct field_list *header, const struct repair_rules *rules)
{
	struct repair *repair = mem_alloc(sizeof(*repair));

	repair->rules = *rules;
	repair->signed_before = find_field(header, signature_name) != NULL;
	return repair;
}

void repair_free(struct repair **repair)
{
	if (*repair == NULL)
		return;
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
		instance += strcasecmp(fields[i].name, name) == 0;
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

static int fold_field(const struct work *work, size_t place)
{
	const struct policy_field *field = &work->header->fields[place];
	struct buffer value = BUFFER_INIT;
	int result = 0;

	if (!repair_fold(&value, field->name, field->value, field->value_len)) {
		note(&work->repair->at_risk, field->name,
		     "is too long to be folded");
	} else {
		note(&work->repair->done, field->name, "folded");
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
	(void)repair;
	(void)data;
	(void)len;
}

int repair_apply(struct repair *repair, struct field_list *header,
		 struct signer *signer, const struct edit_ops *ops,
		 void *context, struct error *err_r)
{
	const struct work work = { .repair = repair,
				   .header = header,
				   .ops = ops,
				   .context = context,
				   .err_r = err_r };

	(void)signer;
	if (fold_fields(&work) < 0)
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
