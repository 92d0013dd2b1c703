#include "tests/fuzz/fuzz.h"

#include "dovecot-auth-tlspubkey/tlspubkey-ambient.h"

#include <openssl/ssl.h>

/* What a server that speaks IMAP alone takes is what we find in the list. */
static bool openssl_takes(const uint8_t *list, size_t len)
{
	static const unsigned char imap[] = "\4imap";
	unsigned char *chosen, chosen_len;

	return SSL_select_next_proto(
		       &chosen, &chosen_len, list, (unsigned int)len, imap,
		       sizeof(imap) - 1) == OPENSSL_NPN_NEGOTIATED;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	(void)tlspubkey_is_http(data, size);
	if (tlspubkey_alpn_names(data, size, "imap"))
		MUST(size > 2 && openssl_takes(data + 2, size - 2));
	return 0;
}
