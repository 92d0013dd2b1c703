#include "common/openssl-error.h"

#include "common/error.h"

#include <openssl/err.h>

#include <stddef.h>
#include <sysexits.h>

int openssl_error_set(struct error *err_r, const char *what)
{
	const char *why = ERR_reason_error_string(ERR_peek_last_error());

	ERR_clear_error();
	return error_set_as(err_r, EX_SOFTWARE, "%s failed: %s", what,
			    why != NULL ? why : "OpenSSL does not say why");
}
