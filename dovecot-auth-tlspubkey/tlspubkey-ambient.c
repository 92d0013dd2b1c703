#include "dovecot-auth-tlspubkey/tlspubkey-ambient.h"

#include <string.h>

bool tlspubkey_alpn_names(const unsigned char *extension, size_t len,
			  const char *protocol)
{
	const size_t protocol_len = strlen(protocol);
	bool named = false;
	size_t i, name_len;

	if (len < 2 || (size_t)(extension[0] << 8 | extension[1]) != len - 2)
		return false;
	for (i = 2; i < len; i += name_len) {
		name_len = extension[i++];
		if (name_len == 0 || name_len > len - i)
			return false;
		if (name_len == protocol_len &&
		    memcmp(extension + i, protocol, name_len) == 0)
			named = true;
	}
	return named;
}

bool tlspubkey_is_http(const unsigned char *data, size_t len)
{
	/* RFC 9110 9.1, RFC 5789, and the preface of RFC 9113 3.4. */
	static const char *const verbs[] = {
		"CONNECT ", "DELETE ", "GET ", "HEAD ", "OPTIONS ",
		"PATCH ",   "POST ",   "PRI ", "PUT ",	"TRACE ",
	};
	size_t i;

	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (len >= strlen(verbs[i]) &&
		    memcmp(data, verbs[i], strlen(verbs[i])) == 0)
			return true;
	}
	return false;
}
