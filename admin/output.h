#ifndef ADMIN_OUTPUT_H
#define ADMIN_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

struct buffer;
struct error;

/*
 * What a command answers: a table of rows, or one record, as aligned text or
 * as JSON (RFC 8259: an array of objects, or one object; member names are the
 * column names). Values come in the order of the columns:
 *
 *	static const char *const columns[] = { "name", "enabled", NULL };
 *
 *	output_table(out, columns);
 *	output_string(out, row->name);
 *	output_bool(out, row->enabled);
 *	...
 *	output_end(out)
 *
 * Column names are lower case with underscores. Nothing is written before
 * output_end(), so a command that fails half-way has said nothing.
 */
struct output;

struct output *output_new(FILE *file, bool json);
void output_free(struct output **out);

/* columns: NULL-ended, borrowed until output_end(). */
void output_table(struct output *out, const char *const *columns);
void output_record(struct output *out, const char *const *columns);

/*
 * One value each. text NULL and time 0 are JSON null and "-" in text, where
 * an empty text is "-" too.
 */
void output_string(struct output *out, const char *text);
void output_bool(struct output *out, bool value);
void output_number(struct output *out, long long value);
void output_time(struct output *out, time_t value);	/* RFC 3339, UTC */
void output_end_date(struct output *out, time_t value); /* as --until has it */

/* One value that is a list of the strings put in between. */
void output_list(struct output *out);
void output_list_end(struct output *out);

/* Write it all; fails if the file can't take it. */
int output_end(struct output *out, struct error *err_r);

/* JSON of one value, as it is in a table; NULL is null. */
void output_append_json(struct buffer *to, const char *text);

/* Text outside of a table, for commands whose answer is a text of its own. */
FILE *output_file(struct output *out);
bool output_is_json(const struct output *out);

/* Nothing was begun, and no text asked to be written: there is no answer. */
bool output_is_silent(const struct output *out);

#endif
