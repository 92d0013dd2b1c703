#include "common/address.h"
#include "common/buffer.h"
#include "common/encoded-word.h"
#include "common/error.h"
#include "common/mailbox-list.h"
#include "common/mem.h"
#include "common/name-address.h"
#include "common/policy-internal.h"
#include "common/policy-rules.h"
#include "common/unicode.h"

#include <stdbool.h>
#include <string.h>

/* In all names of a field: the directory is asked for each. */
#define ADDRESSES_MAX 256

/* The names of one field. */
struct names {
	const struct policy_subject *subject;
	const char *field;
	bool addresses_matter;
	size_t addresses; /* found so far */
};

static enum policy_result
check_address(const struct names *names, const struct address *shown)
{
	const struct policy_denial denial = {
		.field = names->field,
		.reason = "an address in a display name, neither its own nor "
			  "granted",
		.may = "may not write as",
		.more = ", which a display name shows",
	};
	enum directory_permission permission = DIRECTORY_PERMISSION_NO;
	struct address address;
	struct error err;

	/* What is no address is nobody's own. */
	if (address_from_parts(&address, shown->local, shown->domain, &err) ==
	    0) {
		permission = policy_permission(names->subject, &address, &err);
		address_release(&address);
	}
	switch (permission) {
	case DIRECTORY_PERMISSION_FAILED:
		return policy_defer(names->subject->verdict, &err);
	case DIRECTORY_PERMISSION_OWN:
	case DIRECTORY_PERMISSION_GRANTED:
	case DIRECTORY_PERMISSION_ON_BEHALF:
		return POLICY_PASS;
	case DIRECTORY_PERMISSION_NO:
		break;
	}
	return policy_deny(names->subject, &denial, shown);
}

static enum policy_result
check_addresses(struct names *names, const char *text, size_t len)
{
	enum policy_result result = POLICY_PASS;
	char *searched = unicode_searched(text, len);
	const char *rest = searched;
	struct address shown;

	while (result == POLICY_PASS && name_address_next(&rest, &shown)) {
		if (names->addresses++ < ADDRESSES_MAX)
			result = check_address(names, &shown);
		else
			result = policy_reject_form(
				names->subject, names->field,
				"there are too many addresses in display "
				"names");
		address_release(&shown);
	}
	mem_free_string(&searched);
	return result;
}

/* fault: why its encoded-words can't all be decoded, or NULL. */
static enum policy_result check_decoded(struct names *names, const char *name,
					const struct buffer *decoded,
					struct error *fault)
{
	const char *text = buffer_string(decoded);
	enum policy_result result;
	struct error unfit;

	if (fault != NULL && fault->sysexit == EX_OSFILE)
		return policy_defer_as(names->subject->verdict,
				       "a display name can't be decoded now, "
				       "try again later",
				       fault);
	if (unicode_check_name(text, decoded->len, &unfit) < 0) {
		error_prefix(&unfit, "a display name, decoded");
		return policy_reject_form(names->subject, names->field,
					  unfit.text);
	}
	if (!names->addresses_matter)
		return POLICY_PASS;
	if (fault != NULL) {
		error_prefix(fault, "an encoded-word in a display name can't "
				    "be checked");
		return policy_reject_form(names->subject, names->field,
					  fault->text);
	}
	result = check_addresses(names, text, decoded->len);
	/* Not every reader decodes what stands in quotes, say. */
	if (result == POLICY_PASS && strcmp(name, text) != 0)
		result = check_addresses(names, name, strlen(name));
	return result;
}

static enum policy_result check_name(struct names *names, const char *name)
{
	struct buffer decoded = BUFFER_INIT;
	enum policy_result result;
	struct error err, *fault = NULL;

	if (name == NULL)
		return POLICY_PASS;
	if (encoded_word_decode(&decoded, name, strlen(name), &err) < 0)
		fault = &err;
	result = check_decoded(names, name, &decoded, fault);
	buffer_release(&decoded);
	return result;
}

enum policy_result
policy_check_names(const struct policy_subject *subject, const char *field,
		   const struct mailbox_list *list, bool addresses_matter)
{
	struct names names = { .subject = subject,
			       .field = field,
			       .addresses_matter = addresses_matter };
	enum policy_result result = check_name(&names, list->comments);
	size_t i;

	for (i = 0; i < list->count && result == POLICY_PASS; i++)
		result = check_name(&names, list->mailboxes[i].name);
	for (i = 0; i < list->groups && result == POLICY_PASS; i++)
		result = check_name(&names, list->group_names[i]);
	return result;
}
