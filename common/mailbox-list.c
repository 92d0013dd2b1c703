#include "common/mailbox-list.h"

#include "common/buffer.h"
#include "common/encoded-word.h"
#include "common/error.h"
#include "common/mem.h"
#include "common/unicode.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* One pass, no recursion: each octet is looked at a bounded number of times. */
struct parser {
	const char *text;
	size_t len;
	size_t pos;
	struct buffer comments;
	struct mailbox_list *list;
	struct error *err_r;
};

/*
 * A local part or a display name; what follows tells which. Each word is a
 * quoted string or a run of atext and dots.
 */
struct words {
	struct buffer text; /* without quotes and escapes */
	size_t start, count;
	bool quoted, folded; /* the last */
	bool equals;	     /* "=" ends what there is so far */
};

static bool at_end(const struct parser *p)
{
	return p->pos == p->len;
}

static bool at(const struct parser *p, char c)
{
	return !at_end(p) && p->text[p->pos] == c;
}

static bool take(struct parser *p, char c)
{
	bool found = at(p, c);

	if (found)
		p->pos++;
	return found;
}

static bool at_line_break(const struct parser *p)
{
	return at(p, '\r') || at(p, '\n');
}

static bool at_space(const struct parser *p)
{
	return at(p, ' ') || at(p, '\t');
}

static bool at_atext(const struct parser *p)
{
	return !at_end(p) && address_is_atext(p->text[p->pos]);
}

static int fail(const struct parser *p, size_t pos, const char *why)
{
	return error_set(p->err_r, "octet %zu: %s", pos, why);
}

static int expect(struct parser *p, char c, const char *why)
{
	return take(p, c) ? 0 : fail(p, p->pos, why);
}

/* RFC 5322 3.2.2 FWS at a line break; no obs-FWS. */
static int skip_fold(struct parser *p)
{
	size_t start = p->pos;

	(void)take(p, '\r');
	if (!take(p, '\n'))
		return fail(p, start, "a CR stands alone");
	if (!at_space(p))
		return fail(p, start, "a line break without white space");
	while (at_space(p))
		p->pos++;
	if (at_end(p) || at_line_break(p))
		return fail(p, start, "a folded line is blank");
	return 0;
}

/* The first "=?" that begins no encoded-word which ends before end, or NULL. */
static const char *find_open_word(const char *text, const char *end)
{
	for (;;) {
		const char *found = memmem(text, (size_t)(end - text), "=?", 2);

		if (found == NULL)
			return NULL;
		text = encoded_word_skip(found, end);
		if (text == NULL)
			return found;
	}
}

static int fail_open_word(const struct parser *p, size_t pos)
{
	return fail(p, pos, "\"=?\" begins no encoded-word that is whole");
}

/*
 * Between start and here. Readers that decode first and parse then would let
 * one that is open run on into the addresses.
 */
static int check_encoded_words(const struct parser *p, size_t start)
{
	const char *found = find_open_word(p->text + start, p->text + p->pos);

	return found == NULL ? 0 : fail_open_word(p, (size_t)(found - p->text));
}

/* Behind the backslash. */
static int check_escaped(const struct parser *p)
{
	if (at_end(p) || at_line_break(p))
		return fail(p, p->pos - 1, "a backslash escapes nothing");
	/* Readers that take the backslashes away first would see "=?". */
	if (at(p, '?') && p->text[p->pos - 2] == '=')
		return fail(p, p->pos - 2,
			    "a backslash hides where an encoded-word begins");
	return 0;
}

static size_t count_brackets(const char *text, size_t len)
{
	size_t i, count = 0;

	for (i = 0; i < len; i++) {
		if (text[i] != '\0' && strchr("()\\", text[i]) != NULL)
			count++;
	}
	return count;
}

/*
 * From its "(" to here. Readers that decode first and parse then would see it
 * end, or another begin, in the midst of an encoded-word, and what follows as
 * part of the address. What can't be decoded is left to who looks at names.
 */
static int check_comment_decoded(const struct parser *p, size_t start)
{
	const char *text = p->text + start;
	size_t len = p->pos - start;
	struct buffer decoded = BUFFER_INIT;
	struct error undecoded;
	bool alike = true;

	if (memmem(text, len, "=?", 2) != NULL) {
		(void)encoded_word_decode(&decoded, text, len, &undecoded);
		alike = count_brackets(buffer_string(&decoded), decoded.len) ==
			count_brackets(text, len);
	}
	buffer_release(&decoded);
	return alike ? 0
		     : fail(p, start,
			    "an encoded-word in a comment has a bracket or "
			    "backslash in it");
}

/* Its text, escapes and the outer brackets aside, goes to the others. */
static int skip_comment(struct parser *p)
{
	size_t start = p->pos, depth = 0;

	if (p->comments.len > 0)
		buffer_append_char(&p->comments, ' ');
	do {
		if (at_end(p))
			return fail(p, start, "a comment is not closed");
		if (at_line_break(p)) {
			if (skip_fold(p) < 0)
				return -1;
			buffer_append_char(&p->comments, ' ');
			continue;
		}
		if (take(p, '\\')) {
			if (check_escaped(p) < 0)
				return -1;
		} else if (at(p, '(')) {
			depth++;
		} else if (at(p, ')')) {
			depth--;
		}
		if (depth > MAILBOX_LIST_COMMENT_DEPTH_MAX)
			return fail(p, p->pos, "comments are nested too deep");
		if (strchr("<>@", p->text[p->pos]) != NULL)
			return fail(p, p->pos,
				    "a comment has \"<\", \">\" or \"@\" in "
				    "it and could be shown as the author");
		if (p->pos > start && depth > 0)
			buffer_append_char(&p->comments, p->text[p->pos]);
		p->pos++;
	} while (depth > 0);
	if (check_encoded_words(p, start) < 0)
		return -1;
	return check_comment_decoded(p, start);
}

static int skip_cfws(struct parser *p)
{
	for (;;) {
		if (at_space(p)) {
			p->pos++;
		} else if (at_line_break(p)) {
			if (skip_fold(p) < 0)
				return -1;
		} else if (at(p, '(')) {
			if (skip_comment(p) < 0)
				return -1;
		} else {
			return 0;
		}
	}
}

static int take_quoted(struct parser *p, struct words *words)
{
	size_t start = p->pos++;

	words->quoted = true;
	while (!take(p, '"')) {
		size_t text = p->pos;

		if (at_end(p))
			return fail(p, start, "a quote is not closed");
		if (at_line_break(p)) {
			words->folded = true;
			if (skip_fold(p) < 0)
				return -1;
			/* RFC 5322 2.2.3: the break goes, the space stays. */
			text += p->text[text] == '\r' ? 2 : 1;
		} else {
			if (take(p, '\\') && check_escaped(p) < 0)
				return -1;
			text = p->pos++;
		}
		buffer_append_bytes(&words->text, p->text + text,
				    p->pos - text);
	}
	return check_encoded_words(p, start);
}

static int take_atoms(struct parser *p, struct words *words)
{
	size_t start = p->pos;

	while (at_atext(p) || at(p, '.'))
		p->pos++;
	buffer_append_bytes(&words->text, p->text + start, p->pos - start);
	return check_encoded_words(p, start);
}

static int take_word(struct parser *p, struct words *words)
{
	size_t start = p->pos, used = words->text.len;
	const struct buffer *text = &words->text;

	words->count++;
	words->quoted = words->folded = false;
	if ((at(p, '"') ? take_quoted(p, words) : take_atoms(p, words)) < 0)
		return -1;
	if (text->len == used)
		return 0;
	/* Readers that take quotes and comments away would see "=?" here. */
	if (words->equals && text->data[used] == '?')
		return fail_open_word(p, start);
	words->equals = text->data[text->len - 1] == '=';
	return 0;
}

/* With the CFWS around them, as far as words go. */
static int take_words(struct parser *p, struct words *words)
{
	size_t end;

	if (skip_cfws(p) < 0)
		return -1;
	words->start = end = p->pos;
	while (at_atext(p) || at(p, '.') || at(p, '"')) {
		if (p->pos > end)
			buffer_append_char(&words->text, ' ');
		if (take_word(p, words) < 0)
			return -1;
		end = p->pos;
		if (skip_cfws(p) < 0)
			return -1;
	}
	return 0;
}

static int check_local(const struct parser *p, const struct words *words)
{
	const char *local = buffer_string(&words->text);
	size_t len = words->text.len;

	if (words->count == 0)
		return fail(p, words->start, "nothing stands before \"@\"");
	if (words->count > 1)
		return fail(p, words->start,
			    "more than one word stands before \"@\": a name "
			    "needs \"<\" and \">\" around the address");
	if (words->folded)
		return fail(p, words->start, "an address is folded");
	if (!words->quoted && !address_is_dot_string(local))
		return fail(p, words->start, "a dot is misplaced");
	/* Some readers take what looks like one in quotes for the address. */
	if (strpbrk(local, "<>@") != NULL)
		return fail(
			p, words->start,
			"the part before \"@\" has \"<\", \">\" or \"@\" in "
			"it and could be shown as another address");
	if (len > 0 && (local[0] == ' ' || local[len - 1] == ' '))
		return fail(
			p, words->start,
			"the part before \"@\" begins or ends with a space, "
			"and could be shown without it");
	/* RFC 2047 5 (3); yet readers decode it, even a mere "=?". */
	if (strstr(local, "=?") != NULL)
		return fail(p, words->start,
			    "an encoded-word stands in an address");
	return 0;
}

/* RFC 5322 3.4.1 addr-spec, from behind "@" to behind the CFWS at its end. */
static int finish_address(struct parser *p, const struct words *words,
			  struct address *address_r)
{
	char *domain;
	size_t start;
	int result;

	if (check_local(p, words) < 0 || skip_cfws(p) < 0)
		return -1;
	start = p->pos;
	if (at(p, '['))
		return fail(p, start,
			    "an address literal: write a domain "
			    "name");
	while (at_atext(p) || at(p, '.'))
		p->pos++;
	domain = mem_strndup(p->text + start, p->pos - start);
	result = address_from_parts(address_r, buffer_string(&words->text),
				    domain, p->err_r);
	mem_free_string(&domain);
	if (result < 0)
		return error_prefix(p->err_r, "octet %zu", words->start);
	return skip_cfws(p);
}

static struct mailbox *add_mailbox(struct parser *p)
{
	struct mailbox_list *list = p->list;
	struct mailbox *mailbox;

	if (list->count == MAILBOX_LIST_MAILBOXES_MAX) {
		error_set(p->err_r,
			  "octet %zu: there are more than %d "
			  "addresses",
			  p->pos, MAILBOX_LIST_MAILBOXES_MAX);
		return NULL;
	}
	list->mailboxes =
		mem_resize(list->mailboxes, list->count + 1, sizeof(*mailbox));
	mailbox = &list->mailboxes[list->count++];
	*mailbox = (struct mailbox){ .name = NULL };
	return mailbox;
}

/* RFC 5322 3.4 angle-addr, from behind "<". */
static int take_angle(struct parser *p, struct address *address_r)
{
	struct words local = { .text = BUFFER_INIT };
	int result = -1;

	if (take_words(p, &local) == 0 &&
	    expect(p, '@',
		   local.count > 0 ? "\"@\" is missing here"
				   : "an address is missing here") == 0 &&
	    finish_address(p, &local, address_r) == 0 &&
	    expect(p, '>', "\">\" is missing here") == 0)
		result = skip_cfws(p);
	buffer_release(&local.text);
	return result;
}

static int check_name(const struct parser *p, const struct words *name)
{
	return name->count > 0 && p->text[name->start] == '.'
		       ? fail(p, name->start, "a name begins with a dot")
		       : 0;
}

static int take_name_and_angle(struct parser *p, struct words *name)
{
	struct mailbox *mailbox;

	if (check_name(p, name) < 0)
		return -1;
	mailbox = add_mailbox(p);
	if (mailbox == NULL)
		return -1;
	if (name->text.len > 0)
		mailbox->name = buffer_steal(&name->text);
	return take_angle(p, &mailbox->address);
}

static void add_group(struct parser *p, struct words *name)
{
	struct mailbox_list *list = p->list;

	list->group_names = mem_resize(list->group_names, list->groups + 1,
				       sizeof(*list->group_names));
	list->group_names[list->groups++] = buffer_steal(&name->text);
}

/* A mailbox, or a group up to its ":". */
static int take_entry(struct parser *p, bool *group_r)
{
	struct words words = { .text = BUFFER_INIT };
	struct mailbox *mailbox;
	int result = -1;

	*group_r = false;
	if (take_words(p, &words) < 0)
		goto out;
	if (take(p, '@')) {
		mailbox = add_mailbox(p);
		if (mailbox != NULL)
			result = finish_address(p, &words, &mailbox->address);
	} else if (take(p, '<')) {
		result = take_name_and_angle(p, &words);
	} else if (words.count == 0) {
		fail(p, p->pos, "an address is missing here");
	} else if (take(p, ':')) {
		*group_r = true;
		result = check_name(p, &words);
		if (result == 0)
			add_group(p, &words);
	} else {
		fail(p, p->pos,
		     "a name without an address ends here, or a "
		     "character that must be quoted stands here");
	}
out:
	buffer_release(&words.text);
	return result;
}

static int take_list(struct parser *p)
{
	bool in_group = false;

	for (;;) {
		size_t start = p->pos;
		bool group;

		if (take_entry(p, &group) < 0)
			return -1;
		if (group) {
			if (in_group)
				return fail(p, start,
					    "a group stands in a group");
			in_group = true;
			continue;
		}
		if (in_group && take(p, ';')) {
			in_group = false;
			if (skip_cfws(p) < 0)
				return -1;
		}
		if (at_end(p))
			break;
		if (expect(p, ',',
			   "text follows an address: write \",\" "
			   "between addresses and quotes around "
			   "names") < 0)
			return -1;
	}
	if (in_group)
		return fail(p, p->pos, "a group is not closed with \";\"");
	return 0;
}

int mailbox_list_parse(struct mailbox_list *list_r, const char *value,
		       size_t len, struct error *err_r)
{
	struct parser p = { .text = value,
			    .len = len,
			    .comments = BUFFER_INIT,
			    .list = list_r,
			    .err_r = err_r };

	*list_r = (struct mailbox_list){ .mailboxes = NULL };
	if (len > MAILBOX_LIST_FIELD_MAX)
		return error_set(err_r, "the field is longer than %d octets",
				 MAILBOX_LIST_FIELD_MAX);
	if (unicode_check_field(value, len, err_r) < 0)
		return -1;
	if (take_list(&p) < 0) {
		buffer_release(&p.comments);
		mailbox_list_release(list_r);
		return -1;
	}
	if (p.comments.len > 0)
		list_r->comments = buffer_steal(&p.comments);
	return 0;
}

void mailbox_list_release(struct mailbox_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++) {
		mem_free_string(&list->mailboxes[i].name);
		address_release(&list->mailboxes[i].address);
	}
	for (i = 0; i < list->groups; i++)
		mem_free_string(&list->group_names[i]);
	free(list->mailboxes);
	free(list->group_names);
	mem_free_string(&list->comments);
	*list = (struct mailbox_list){ .mailboxes = NULL };
}
