#include "tests/dkim/mended.h"

#include "common/error.h"
#include "common/mem.h"
#include "common/message-header.h"
#include "milter-dkim/canon.h"
#include "milter-dkim/edit.h"
#include "milter-dkim/repair.h"
#include "milter-dkim/signer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* The MTA's side: its header must become what is signed. */
struct mta {
	struct field_list header;
	struct buffer *body;
	bool new_body;
};

static int insert(void *context, int place, const char *name, const char *value)
{
	(void)context;
	(void)place;
	(void)name;
	(void)value;
	abort();
}

static int append(void *context, const char *name, const char *value)
{
	struct mta *mta = context;

	field_list_add(&mta->header, name, value);
	return 0;
}

static int
change(void *context, const char *name, int instance, const char *value)
{
	struct mta *mta = context;
	size_t i;

	for (i = 0; i < mta->header.count; i++) {
		if (policy_is_named(mta->header.fields[i].name, name) &&
		    --instance == 0) {
			field_list_change(&mta->header, i, value);
			return 0;
		}
	}
	return -1;
}

static int body(void *context, unsigned char *data, size_t len)
{
	struct mta *mta = context;

	if (!mta->new_body)
		buffer_clear(mta->body);
	mta->new_body = true;
	buffer_append_bytes(mta->body, data, len);
	return 0;
}

static const struct edit_ops ops = {
	.insert = insert,
	.append = append,
	.change = change,
	.body = body,
};

static void
must_be_alike(const struct field_list *a, const struct field_list *b)
{
	size_t i;

	if (a->count != b->count)
		abort();
	for (i = 0; i < a->count; i++) {
		if (strcmp(a->fields[i].name, b->fields[i].name) != 0 ||
		    strcmp(a->fields[i].value, b->fields[i].value) != 0)
			abort();
	}
}

/* Behind the first empty line; "" if there is none. */
static size_t body_begin(const char *message, size_t len)
{
	const char *empty = len >= 2 && memcmp(message, "\r\n", 2) == 0
				    ? message
				    : memmem(message, len, "\r\n\r\n", 4);

	if (empty == NULL)
		return len;
	return (size_t)(empty - message) + (empty == message ? 2 : 4);
}

static void read_header(struct field_list *list, const char *text, size_t len)
{
	struct message_header header;
	size_t i;

	*list = (struct field_list){ .count_max = 1000000,
				     .octets_max = 100000000 };
	message_header_split(&header, text, len);
	for (i = 0; i < header.count; i++) {
		char *value = mem_strndup(header.fields[i].value,
					  header.fields[i].value_len);

		field_list_add(list, header.fields[i].name, value);
		mem_free_string(&value);
	}
	message_header_release(&header);
}

void mended_make(struct mended *mended_r, const char *message, size_t len,
		 bool convert_8bit, size_t piece)
{
	const struct repair_rules rules = { .convert_8bit = convert_8bit,
					    .host = "mail.example.org" };
	size_t at = body_begin(message, len);
	struct mta mta = { .body = &mended_r->body };
	struct repair *repair;
	struct signer *signer;
	struct error err;

	*mended_r = (struct mended){ .new_body = false };
	read_header(&mended_r->header, message, at);
	read_header(&mta.header, message, at);
	buffer_append_bytes(&mended_r->body, message + at, len - at);
	repair = repair_new(&mended_r->header, &rules);
	for (; at < len; at += piece)
		repair_body(repair, message + at,
			    len - at < piece ? len - at : piece);
	if (signer_new(&signer, NULL, 0, &err) < 0 ||
	    repair_apply(repair, &mended_r->header, signer, &ops, &mta, &err) <
		    0)
		abort();
	must_be_alike(&mta.header, &mended_r->header);
	mended_r->new_body = mta.new_body;
	buffer_append_string(&mended_r->done, repair_done(repair));
	buffer_append_string(&mended_r->at_risk, repair_at_risk(repair));
	signer_free(&signer);
	repair_free(&repair);
	field_list_clear(&mta.header);
}

void mended_release(struct mended *mended)
{
	field_list_clear(&mended->header);
	buffer_release(&mended->body);
	buffer_release(&mended->done);
	buffer_release(&mended->at_risk);
}

void mended_wire(struct buffer *out, const struct mended *mended)
{
	size_t i;

	for (i = 0; i < mended->header.count; i++) {
		const struct policy_field *field = &mended->header.fields[i];

		canon_header(out, CANON_SIMPLE, field->name, field->value,
			     field->value_len);
	}
	buffer_append_string(out, "\r\n");
	buffer_append_bytes(out, buffer_string(&mended->body),
			    mended->body.len);
}
