#include "admin/input.h"

#include "common/error.h"
#include "common/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

int input_read(char **data_r, size_t *len_r, size_t max, struct error *err_r)
{
	char *data = mem_alloc(max);
	size_t len = 0;

	while (len < max) {
		/* stdio would keep a copy that can't be wiped. */
		ssize_t got = read(STDIN_FILENO, data + len, max - len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			error_set_as(err_r, EX_NOINPUT,
				     "standard input: can't be read: %s",
				     strerror(errno));
			input_wipe(&data, max);
			return -1;
		}
		if (got == 0)
			break;
		len += (size_t)got;
	}
	*data_r = data;
	*len_r = len;
	return 0;
}

void input_wipe(char **data, size_t len)
{
	explicit_bzero(*data, len);
	free(*data);
	*data = NULL;
}
