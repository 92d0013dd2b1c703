#ifndef ADMIN_INPUT_H
#define ADMIN_INPUT_H

#include <stddef.h>

struct error;

/*
 * Standard input to its end, or its first max octets if there are more, so ask
 * for one more than is allowed. The caller's, to free with input_wipe().
 */
int input_read(char **data_r, size_t *len_r, size_t max, struct error *err_r);

/* It may hold a secret, if only by mistake. */
void input_wipe(char **data, size_t len);

#endif
