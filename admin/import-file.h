#ifndef ADMIN_IMPORT_FILE_H
#define ADMIN_IMPORT_FILE_H

struct buffer;
struct error;

#define IMPORT_FILE_MAX (512UL << 20) /* octets */

/* All of a file, or of standard input if it is "-", up to IMPORT_FILE_MAX. */
int import_file_read(struct buffer *text, const char *file,
		     struct error *err_r);

/* As complaints call it. */
const char *import_file_name(const char *file);

#endif
