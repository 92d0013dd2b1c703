#include "common/public-key.h"

#include "common/base64.h"
#include "common/error.h"
#include "common/mem.h"
#include "common/openssh-key.h"
#include "common/span.h"
#include "common/unicode.h"

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const char pem_begin[] = "-----BEGIN ";
static const char pem_end[] = "-----END ";
static const char pem_dashes[] = "-----";

/* PEM of any kind, RFC 4716, PuTTY. */
static bool holds_private_key(struct span text)
{
	while (text.len > 0) {
		struct span line = span_take_line(&text);

		if (span_find(&line, "BEGIN ") != NULL &&
		    span_find(&line, "PRIVATE KEY") != NULL)
			return true;
		if (span_starts_with(&line, "PuTTY-User-Key-File-"))
			return true;
	}
	return false;
}

/* A name that cannot be shown in lists and logs is no name. */
static bool is_clean_name(const char *name, size_t len)
{
	return len > 0 && len <= PUBLIC_KEY_NAME_MAX &&
	       unicode_check(name, len, NULL) == 0;
}

static char *common_name(const X509 *certificate)
{
	const X509_NAME *subject = X509_get_subject_name(certificate);
	int index = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
	unsigned char *utf8 = NULL;
	char *name = NULL;
	int len;

	if (index < 0)
		return NULL;
	len = ASN1_STRING_to_UTF8(
		&utf8,
		X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, index)));
	if (len > 0 && is_clean_name((const char *)utf8, (size_t)len))
		name = mem_strndup((const char *)utf8, (size_t)len);
	OPENSSL_free(utf8);
	return name;
}

static char *serial_number(const X509 *certificate)
{
	BIGNUM *number =
		ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), NULL);
	char *hex = number != NULL ? BN_bn2hex(number) : NULL;
	char *name = NULL;

	if (hex != NULL && strlen(hex) <= PUBLIC_KEY_NAME_MAX)
		name = mem_strdup(hex);
	OPENSSL_free(hex);
	BN_free(number);
	return name;
}

static int read_certificate(struct public_key *key, const unsigned char *der,
			    size_t len, struct error *err_r)
{
	const unsigned char *end = der;
	X509 *certificate = d2i_X509(NULL, &end, (long)len);
	unsigned char *spki = NULL;
	int spki_len, result = -1;

	if (certificate == NULL || end != der + len) {
		error_set(err_r, "the certificate is damaged: copy it again, "
				 "from -----BEGIN to END CERTIFICATE-----");
		goto out;
	}
	spki_len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &spki);
	if (spki_len <= 0) {
		error_set(err_r, "the certificate holds no public key");
		goto out;
	}
	result = public_key_from_spki(key, spki, (size_t)spki_len, err_r);
	if (result < 0)
		goto out;
	key->name = common_name(certificate);
	if (key->name == NULL)
		key->name = serial_number(certificate);
out:
	OPENSSL_free(spki);
	X509_free(certificate);
	return result;
}

static int refuse_label(const struct span *label, struct error *err_r)
{
	static const struct {
		const char *label, *reason;
	} known[] = {
		{ "RSA PUBLIC KEY",
		  "this is a PKCS#1 public key: convert it with \"openssl rsa "
		  "-RSAPublicKey_in -pubout\"" },
		{ "CERTIFICATE REQUEST",
		  "this is a certificate request: give the certificate, or "
		  "what \"openssl req -noout -pubkey\" takes out of it" },
		{ "TRUSTED CERTIFICATE",
		  "this is a certificate with OpenSSL's trust settings: "
		  "convert it with \"openssl x509\"" },
		{ "X509 CRL", "this is a revocation list, not a key" },
	};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (span_equals(label, known[i].label))
			return error_set(err_r, "%s", known[i].reason);
	}
	return error_set(err_r,
			 "PEM of the kind \"%.*s\" is not a key: give a "
			 "CERTIFICATE, a PUBLIC KEY or an OpenSSH public key",
			 (int)(label->len < 64 ? label->len : 64), label->at);
}

/* The base64 lines between -----BEGIN and -----END. */
static bool
decode_lines(unsigned char **der_r, size_t *der_len_r, struct span lines)
{
	char *joined = mem_alloc(lines.len);
	size_t used = 0;
	bool good;

	while (lines.len > 0) {
		struct span line = span_take_line(&lines);

		line = span_trim(line);
		memcpy(joined + used, line.at, line.len);
		used += line.len;
	}
	good = used > 0 && base64_parse(der_r, der_len_r, joined, used);
	free(joined);
	return good;
}

/* text starts with pem_begin (RFC 7468). */
static int
read_pem(struct public_key *key, struct span text, struct error *err_r)
{
	struct span body, label = span_take_line(&text);
	unsigned char *der;
	const char *end;
	size_t der_len;
	int result;

	label = span_from(&label, label.at + strlen(pem_begin));
	label = span_trim(label);
	if (label.len < strlen(pem_dashes) ||
	    memcmp(label.at + label.len - strlen(pem_dashes), pem_dashes,
		   strlen(pem_dashes)) != 0)
		return error_set(err_r, "the -----BEGIN line does not end in "
					"-----: copy it again, whole");
	label.len -= strlen(pem_dashes);
	if (!span_equals(&label, "CERTIFICATE") &&
	    !span_equals(&label, "PUBLIC KEY"))
		return refuse_label(&label, err_r);
	end = span_find(&text, pem_end);
	if (end == NULL)
		return error_set(err_r, "the -----END line is missing: copy "
					"the PEM text again, whole");
	body = (struct span){ .at = text.at, .len = (size_t)(end - text.at) };
	text = span_from(&text, end + strlen(pem_end));
	if (text.len < label.len + strlen(pem_dashes) ||
	    memcmp(text.at, label.at, label.len) != 0 ||
	    memcmp(text.at + label.len, pem_dashes, strlen(pem_dashes)) != 0)
		return error_set(err_r, "the -----END line does not match "
					"-----BEGIN: copy the PEM text again, "
					"whole");
	text = span_from(&text, text.at + label.len + strlen(pem_dashes));
	text = span_trim(text);
	if (text.len > 0 && span_find(&text, pem_begin) != NULL)
		return error_set(err_r, "there are several PEM blocks: give "
					"the device's own certificate or "
					"public key, one at a time and "
					"without its chain");
	if (text.len > 0)
		return error_set(err_r, "there is something after the -----END "
					"line: give one key and nothing else");
	if (!decode_lines(&der, &der_len, body))
		return error_set(err_r, "the base64 between -----BEGIN and "
					"-----END is damaged: copy it again, "
					"whole");
	if (span_equals(&label, "CERTIFICATE"))
		result = read_certificate(key, der, der_len, err_r);
	else
		result = public_key_from_spki(key, der, der_len, err_r);
	free(der);
	return result;
}

static int
read_openssh(struct public_key *key, struct span line, struct error *err_r)
{
	unsigned char *spki;
	size_t spki_len;
	char *comment;
	int result;

	if (openssh_key_parse(&spki, &spki_len, &comment, &line, err_r) < 0)
		return -1;
	result = public_key_from_spki(key, spki, spki_len, err_r);
	free(spki);
	if (result == 0 && comment != NULL &&
	    is_clean_name(comment, strlen(comment))) {
		key->name = comment;
		comment = NULL;
	}
	free(comment);
	return result;
}

static int
read_text(struct public_key *key, struct span text, struct error *err_r)
{
	const unsigned char *octets = (const unsigned char *)text.at;
	bool nul = memchr(text.at, '\0', text.len) != NULL;

	if (holds_private_key(text))
		return error_set(err_r,
				 "this is a private key, which must never "
				 "leave its device: take it as exposed, make "
				 "a new one and give only its certificate or "
				 "public key");
	if (text.len > PUBLIC_KEY_INPUT_MAX)
		return error_set(err_r,
				 "there are more than %d octets: give one "
				 "key and nothing else",
				 PUBLIC_KEY_INPUT_MAX);
	if (text.len > 2 && octets[0] == 0x30 && (octets[1] >= 0x80 || nul))
		return error_set(err_r,
				 "this is binary (DER or PKCS#12), not PEM: "
				 "convert it with \"openssl x509\", \"openssl "
				 "pkey -pubin\" or \"openssl pkcs12 -clcerts "
				 "-nokeys\"");
	if (nul)
		return error_set(err_r, "there is a NUL in it: give a PEM or "
					"OpenSSH public key, which are text");
	text = span_trim(text);
	if (text.len == 0)
		return error_set(err_r, "it is empty: give a PEM certificate, "
					"a PEM public key or an OpenSSH public "
					"key");
	if (span_starts_with(&text, pem_begin))
		return read_pem(key, text, err_r);
	if (span_find(&text, pem_begin) != NULL)
		return error_set(err_r, "there is something before the "
					"-----BEGIN line: give one key and "
					"nothing else");
	if (span_starts_with(&text, "---- BEGIN SSH2 PUBLIC KEY"))
		return error_set(err_r, "this is an RFC 4716 public key: "
					"convert it with \"ssh-keygen -i -f\"");
	return read_openssh(key, text, err_r);
}

int public_key_parse(struct public_key *key_r, const char *text, size_t len,
		     struct error *err_r)
{
	struct span span = { .at = text, .len = len };
	struct public_key key = { .name = NULL };
	int result;

	/* An error left in the queue would look like one of the TLS session. */
	ERR_set_mark();
	result = read_text(&key, span, err_r);
	ERR_pop_to_mark();
	if (result == 0)
		*key_r = key;
	return result;
}
