#include "dovecot-auth-tlspubkey/tlspubkey-peer.h"

#include "common/fingerprint.h"
#include "dovecot-auth-tlspubkey/tlspubkey-ambient.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

/*
 * A resumed session is taken only in the context that it was made in, and if
 * there is none, then who asks for certificates ends the connection of a
 * client that tries; Dovecot sets none.
 */
static void set_session_context(SSL *ssl, const char *name)
{
	SSL_set_session_id_context(ssl, (const unsigned char *)name,
				   (unsigned int)strlen(name));
}

/*
 * Who signed the certificate and when means nothing: only its key does. No
 * chain is followed, however long a client makes it.
 */
static int any_certificate(int good, X509_STORE_CTX *store)
{
	(void)good;
	X509_STORE_CTX_set_error(store, X509_V_OK);
	return 1;
}

void tlspubkey_peer_request(SSL *ssl)
{
	/* Not a mode of the site's, if asked once more for the connection. */
	if (SSL_get_verify_callback(ssl) == any_certificate)
		return;
	if (SSL_get_verify_mode(ssl) != SSL_VERIFY_NONE) {
		set_session_context(ssl, "tlspubkey, verified by the site");
		return;
	}
	SSL_set_verify(ssl, SSL_VERIFY_PEER | SSL_VERIFY_CLIENT_ONCE,
		       any_certificate);
	SSL_set_verify_depth(ssl, 0);
	/* Clients keep back a certificate whose issuer is not in the list. */
	SSL_set_client_CA_list(ssl, sk_X509_NAME_new_null());
	set_session_context(ssl, "tlspubkey");
}

static void on_extension(SSL *ssl, int from_server, int type,
			 const unsigned char *data, int len, void *context)
{
	struct tlspubkey_alpn *alpn = context;

	(void)ssl;
	if (from_server != 0 ||
	    type != TLSEXT_TYPE_application_layer_protocol_negotiation)
		return;
	if (!tlspubkey_alpn_names(data, (size_t)len, alpn->protocol))
		alpn->others_only = true;
}

/*
 * Whatever the server makes of the offer, or if it has no callback for it, as
 * Dovecot 2.3: this is told each extension as it came.
 */
void tlspubkey_peer_watch_alpn(SSL *ssl, struct tlspubkey_alpn *alpn)
{
	SSL_set_tlsext_debug_callback(ssl, on_extension);
	SSL_set_tlsext_debug_arg(ssl, alpn);
}

bool tlspubkey_peer_key(struct fingerprint *key_r, SSL *ssl)
{
	X509 *certificate = SSL_get1_peer_certificate(ssl);
	unsigned char *spki = NULL;
	bool done = false;
	int len;

	if (certificate == NULL)
		return false;
	len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &spki);
	if (len > 0)
		done = EVP_Digest(spki, (size_t)len, key_r->sha256, NULL,
				  EVP_sha256(), NULL) == 1;
	OPENSSL_free(spki);
	X509_free(certificate);
	/* Dovecot takes what is left in the queue for an error of its own. */
	if (!done)
		ERR_clear_error();
	return done;
}
