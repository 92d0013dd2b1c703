#include "admin/master-cf.h"

#include "common/buffer.h"
#include "common/error.h"
#include "common/mem.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define BLANKS " \t\r\n"
#define WHITE " \t\r\n\v\f"
#define FIELDS 7 /* before the command */

/* One service's lines without comments, and where each octet stood. */
struct logical {
	struct buffer text;
	size_t *at;
};

/* A word of a logical line. */
struct word {
	size_t from, to;
	bool open; /* a brace of it is not closed */
};

static size_t line_end(const char *text, size_t at)
{
	return at + strcspn(text + at, "\n");
}

static unsigned int line_number(const char *text, size_t at)
{
	unsigned int number = 1;
	size_t i;

	for (i = 0; i < at; i++)
		number += text[i] == '\n';
	return number;
}

static bool is_white(char c)
{
	return c != '\0' && strchr(WHITE, c) != NULL;
}

static void
append_line(struct logical *line, const char *text, size_t from, size_t to)
{
	size_t i;

	line->at = mem_resize(line->at, line->text.len + (to - from) + 1,
			      sizeof(*line->at));
	for (i = from; i < to; i++)
		line->at[line->text.len + (i - from)] = i;
	buffer_append_bytes(&line->text, text + from, to - from);
}

/*
 * As Postfix's readlline(3): lines that begin with white space go on with the
 * line before, and comments and empty lines are nothing even in between.
 * False at the end.
 */
static bool next_logical(struct logical *line, const char *text, size_t *at)
{
	buffer_clear(&line->text);
	while (text[*at] != '\0') {
		size_t end = line_end(text, *at);
		size_t first = *at + strspn(text + *at, WHITE);

		if (first < end && text[first] != '#')
			append_line(line, text, *at, end);
		*at = end + (text[end] == '\n');
		if (line->text.len > 0 && text[*at] != '#' &&
		    !is_white(text[*at]))
			break;
	}
	return line->text.len > 0;
}

static bool next_field(struct word *word_r, const char *text, size_t *at)
{
	*at += strspn(text + *at, BLANKS);
	*word_r = (struct word){ .from = *at };
	*at += strcspn(text + *at, BLANKS);
	word_r->to = *at;
	return word_r->to > word_r->from;
}

/* Behind the fields, where braces keep together what is in them. */
static bool next_word(struct word *word_r, const char *text, size_t *at)
{
	int level = 0;

	*at += strspn(text + *at, BLANKS);
	*word_r = (struct word){ .from = *at };
	for (; text[*at] != '\0'; (*at)++) {
		if (text[*at] == '{')
			level++;
		else if (level > 0 && text[*at] == '}')
			level--;
		else if (level == 0 && strchr(BLANKS, text[*at]) != NULL)
			break;
	}
	word_r->to = *at;
	word_r->open = level > 0;
	return word_r->to > word_r->from;
}

/* "name=value", or the same in braces; both may have white space around. */
static bool split_setting(struct master_cf_option *option, const char *text,
			  struct word word)
{
	size_t from = word.from, to = word.to, len;

	/* Postfix looks for braces in a word of its own alone. */
	if (text[from] == '{' && strchr(BLANKS, text[from - 1]) != NULL) {
		if (to - from < 2 || text[to - 1] != '}')
			return false;
		from++;
		to--;
	}
	while (from < to && is_white(text[from]))
		from++;
	while (to > from && is_white(text[to - 1]))
		to--;
	len = strcspn(text + from, WHITE "=");
	if (len == 0 || len >= to - from)
		return false;
	option->name = mem_strndup(text + from, len);
	from += len;
	while (from < to && is_white(text[from]))
		from++;
	if (from == to || text[from] != '=') {
		mem_free_string(&option->name);
		return false;
	}
	from++;
	while (from < to && is_white(text[from]))
		from++;
	option->value = mem_strndup(text + from, to - from);
	return true;
}

/*
 * As getopt(3) where Postfix's daemons call it: options end at the first word
 * that is none. What follows is for the program that pipe(8) or spawn(8) runs.
 */
static bool is_options(const char *text, struct word word)
{
	return text[word.from] == '-' && word.to - word.from > 1 &&
	       text[word.from + 1] != '-';
}

/*
 * Where in a word of options ("-v", "-vo", "-oname=value") the letter stands
 * that has the rest of it, or else the next word, as its argument. 0: none.
 */
static size_t find_letter(const char *text, struct word word)
{
	size_t i;

	for (i = word.from + 1; i < word.to; i++) {
		if (strchr("imnorst", text[i]) != NULL)
			return i;
	}
	return 0;
}

/* The rest of the word behind the letter, or the next one; whole? */
static bool take_argument(struct word *argument_r, const char *text,
			  struct word word, size_t letter, size_t *at)
{
	*argument_r = (struct word){ .from = letter + 1, .to = word.to };
	return argument_r->from < argument_r->to ||
	       (next_word(argument_r, text, at) && !argument_r->open);
}

static int parse_options(struct master_cf_service *service, const char *text,
			 const struct logical *line, size_t at,
			 struct error *err_r)
{
	const char *words = buffer_string(&line->text);
	struct word word, argument;

	while (next_word(&word, words, &at)) {
		struct master_cf_option option = { .name = NULL };
		size_t letter = find_letter(words, word);
		bool is_o = letter != 0 && words[letter] == 'o';

		service->has_arguments = !is_options(words, word);
		if (service->has_arguments)
			break;
		/* All that follows would be its own. */
		if (word.open)
			return error_set(err_r,
					 "line %u: a brace of %s is not closed",
					 line_number(text, line->at[word.from]),
					 service->name);
		if (letter == 0)
			continue;
		if (!take_argument(&argument, words, word, letter, &at) ||
		    (is_o && !split_setting(&option, words, argument)))
			return error_set(err_r, "line %u: -%c of %s %s",
					 line_number(text, line->at[word.from]),
					 words[letter], service->name,
					 is_o ? "is not of the form name=value"
					      : "has no argument, or a brace "
						"in it is not closed");
		if (!is_o)
			continue;
		option.start = line->at[word.from];
		option.argument = line->at[letter] + 1;
		option.end = line->at[argument.to - 1] + 1;
		service->options =
			mem_resize(service->options, service->option_count + 1,
				   sizeof(*service->options));
		service->options[service->option_count++] = option;
	}
	return 0;
}

static int parse_service(struct master_cf_service *service, const char *text,
			 const struct logical *line, struct error *err_r)
{
	const char *words = buffer_string(&line->text);
	char **fields[FIELDS + 1] = { &service->name, &service->type };
	size_t at = 0, i;
	struct word word;

	fields[FIELDS] = &service->command;
	for (i = 0; i <= FIELDS; i++) {
		if (!next_field(&word, words, &at))
			return error_set(err_r,
					 "line %u: a service has eight fields",
					 line_number(text, line->at[0]));
		if (fields[i] != NULL)
			*fields[i] = mem_strndup(words + word.from,
						 word.to - word.from);
	}
	service->end = line_end(text, line->at[line->text.len - 1]);
	return parse_options(service, text, line, at, err_r);
}

int master_cf_parse(struct master_cf *cf_r, const char *text,
		    struct error *err_r)
{
	struct logical line = { .at = NULL };
	int result = 0;
	size_t at = 0;

	*cf_r = (struct master_cf){ .services = NULL };
	while (result == 0 && next_logical(&line, text, &at)) {
		/* White space at its start: Postfix warns and drops it. */
		if (is_white(buffer_string(&line.text)[0]))
			continue;
		cf_r->services = mem_resize(cf_r->services, cf_r->count + 1,
					    sizeof(*cf_r->services));
		cf_r->services[cf_r->count] =
			(struct master_cf_service){ .name = NULL };
		result = parse_service(&cf_r->services[cf_r->count++], text,
				       &line, err_r);
	}
	buffer_release(&line.text);
	free(line.at);
	if (result < 0)
		master_cf_release(cf_r);
	return result;
}

static void release_service(struct master_cf_service *service)
{
	while (service->option_count > 0) {
		struct master_cf_option *option =
			&service->options[--service->option_count];

		mem_free_string(&option->name);
		mem_free_string(&option->value);
	}
	free(service->options);
	mem_free_string(&service->name);
	mem_free_string(&service->type);
	mem_free_string(&service->command);
}

void master_cf_release(struct master_cf *cf)
{
	while (cf->count > 0)
		release_service(&cf->services[--cf->count]);
	free(cf->services);
	cf->services = NULL;
}

const struct master_cf_service *
master_cf_find(const struct master_cf *cf, const char *name, const char *type)
{
	size_t i;

	for (i = cf->count; i-- > 0;) {
		if (strcmp(cf->services[i].name, name) == 0 &&
		    strcmp(cf->services[i].type, type) == 0)
			return &cf->services[i];
	}
	return NULL;
}

const struct master_cf_option *
master_cf_option(const struct master_cf_service *service, const char *name)
{
	size_t i;

	for (i = service->option_count; i-- > 0;) {
		if (strcmp(service->options[i].name, name) == 0)
			return &service->options[i];
	}
	return NULL;
}

char *
master_cf_argument(const char *text, const struct master_cf_option *option)
{
	return mem_strndup(text + option->argument,
			   option->end - option->argument);
}

static size_t line_start(const char *text, size_t at)
{
	while (at > 0 && text[at - 1] != '\n')
		at--;
	return at;
}

/* Is there nothing but blanks in between? */
static bool is_blank(const char *text, size_t from, size_t to)
{
	while (from < to && is_white(text[from]))
		from++;
	return from >= to;
}

static char *
splice(const char *text, size_t from, size_t to, const char *instead)
{
	struct buffer out = BUFFER_INIT;

	buffer_append_bytes(&out, text, from);
	buffer_append_string(&out, instead);
	buffer_append_string(&out, text + to);
	return buffer_steal(&out);
}

static char *take_out(const char *text, const struct master_cf_option *option)
{
	size_t from = line_start(text, option->start), to = option->end;

	/* A service begins with its name, so a line before this one is there.
	 */
	if (is_blank(text, from, option->start) &&
	    is_blank(text, to, line_end(text, to)))
		return splice(text, from - 1, line_end(text, to), "");
	from = option->start;
	while (text[from - 1] == ' ' || text[from - 1] == '\t')
		from--;
	return splice(text, from, to, "");
}

/* A new line looks like the last that has a setting. */
static char *indent(const char *text, const struct master_cf_service *service)
{
	size_t i;

	for (i = service->option_count; i-- > 0;) {
		size_t to = service->options[i].start;
		size_t from = line_start(text, to);

		if (is_blank(text, from, to))
			return mem_strndup(text + from, to - from);
	}
	return mem_strdup("  ");
}

static char *put_in(const char *text, const struct master_cf_service *service,
		    const char *argument)
{
	char *white = indent(text, service);
	char *line = mem_printf("\n%s-o%s", white, argument);
	char *result = splice(text, service->end, service->end, line);

	mem_free_string(&white);
	mem_free_string(&line);
	return result;
}

char *master_cf_set(const char *text, const struct master_cf_service *service,
		    const char *name, const char *argument)
{
	const struct master_cf_option *option = master_cf_option(service, name);

	if (option == NULL)
		return argument != NULL ? put_in(text, service, argument)
					: mem_strdup(text);
	return argument != NULL
		       ? splice(text, option->argument, option->end, argument)
		       : take_out(text, option);
}
