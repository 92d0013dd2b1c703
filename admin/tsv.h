#ifndef ADMIN_TSV_H
#define ADMIN_TSV_H

struct buffer;
struct error;
struct record;

/*
 * The directory as text: TSV_HEADER, then one object on a line, its noun and
 * its fields with tabs between them. In a field tab, LF, CR and backslash are
 * "\t", "\n", "\r" and "\\"; empty fields at the end may be left out. A line
 * that begins with '#' is a comment.
 */
#define TSV_HEADER "countersign-directory\t1"

/* The header, and what stands in which field as comments. */
void tsv_append_header(struct buffer *text);

void tsv_append(struct buffer *text, const struct record *record);

/*
 * A line behind the header, without its LF, which is changed and then holds
 * the record's fields. 1: a record; 0: an empty line or a comment.
 */
int tsv_parse(struct record *record_r, char *line, struct error *err_r);

#endif
