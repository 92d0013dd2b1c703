#ifndef ADMIN_POSTFIX_MAP_H
#define ADMIN_POSTFIX_MAP_H

#include "admin/text-line.h"

struct error;

/*
 * The text that postmap(1) compiles: a key, white space, a value. A line that
 * begins with white space continues the one before; comments and empty lines
 * may stand in between. White space in a key stands in double quotes.
 */
struct postfix_map {
	struct text_lines lines;
	char *next; /* a line that was read but not yet used, or NULL */
	bool next_has_nul;
};

struct postfix_entry {
	unsigned long line; /* where it begins */
	char *key;
	char *value; /* "" if there is none; see postfix_map_word() */
};

/* text: changed in place; a NUL behind its len octets. */
void postfix_map_init(struct postfix_map *map, char *text, size_t len);

/* 1: an entry; 0: the end; -1: a line that is none, entry_r->line. */
int postfix_map_next(struct postfix_entry *entry_r, struct postfix_map *map,
		     struct error *err_r);

/*
 * The next of the words of a value, which stand with commas or white space
 * between them, or NULL. What is quoted is left as it is.
 */
char *postfix_map_word(char **value);

#endif
