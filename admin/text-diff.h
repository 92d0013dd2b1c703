#ifndef ADMIN_TEXT_DIFF_H
#define ADMIN_TEXT_DIFF_H

/*
 * What differs, as `diff -u` writes it, with path in both head lines; "" if
 * nothing does. The caller's.
 */
char *text_diff(const char *path, const char *before, const char *after);

#endif
