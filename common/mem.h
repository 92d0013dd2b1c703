#ifndef COMMON_MEM_H
#define COMMON_MEM_H

#include <stddef.h>

/*
 * Memory from the heap, owned by the caller. Out of memory ends the process,
 * as in Postfix and Dovecot: a supervisor restarts it, and mail waits.
 */
void *mem_alloc(size_t size);		    /* zeroed */
void *mem_array(size_t count, size_t size); /* zeroed */
void *mem_resize(void *old, size_t count, size_t size);
char *mem_strdup(const char *text);
char *mem_strndup(const char *text, size_t len);
char *mem_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Free *text and clear it; NULL is fine. */
void mem_free_string(char **text);

/* The same for a secret: wiped first. */
void mem_wipe_string(char **text);

#endif
