#include "admin/password-scheme.h"

#include "common/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

/* https://doc.dovecot.org/2.3/configuration_manual/authentication/password_schemes/
 */
static const char *const hashes[] = {
	"ARGON2I",	 "ARGON2ID",	"BLF-CRYPT",	"CRAM-MD5",
	"CRYPT",	 "DES-CRYPT",	"DIGEST-MD5",	"HMAC-MD5",
	"LANMAN",	 "LDAP-MD5",	"MD5",		"MD5-CRYPT",
	"NTLM",		 "PBKDF2",	"PLAIN-MD4",	"PLAIN-MD5",
	"RPA",		 "SCRAM-SHA-1", "SHA",		"SHA1",
	"SCRAM-SHA-256", "SHA256",	"SHA256-CRYPT", "SHA512",
	"SHA512-CRYPT",	 "SMD5",	"SSHA",		"SSHA256",
	"SSHA512",
};
static const char *const plain[] = { "CLEAR", "CLEARTEXT", "PLAIN",
				     "PLAIN-TRUNC" };
static const char *const encodings[] = { ".B64", ".BASE64", ".HEX" };

static bool equals(const char *name, const char *text, size_t len)
{
	return strlen(name) == len && strncasecmp(name, text, len) == 0;
}

static bool
is_one_of(const char *const *names, size_t count, const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (equals(names[i], text, len))
			return true;
	}
	return false;
}

#define IS_ONE_OF(names, text, len)                                            \
	is_one_of(names, sizeof(names) / sizeof((names)[0]), text, len)

static int check_scheme(const char *scheme, size_t len, struct error *err_r)
{
	const char *encoding = memchr(scheme, '.', len);
	size_t name = encoding != NULL ? (size_t)(encoding - scheme) : len;

	if (IS_ONE_OF(plain, scheme, name))
		return error_set(err_r, "a password in plain text is not kept: "
					"set it with \"countersign account "
					"passwd\"");
	if (!IS_ONE_OF(hashes, scheme, name) ||
	    (encoding != NULL && !IS_ONE_OF(encodings, encoding, len - name)))
		return error_set(err_r,
				 "\"%.*s\" is not a scheme of password hashes "
				 "that Dovecot knows",
				 len > 32 ? 32 : (int)len, scheme);
	return 0;
}

int password_scheme_check(const char *scheme, struct error *err_r)
{
	return check_scheme(scheme, strlen(scheme), err_r);
}

int password_hash_check(const char *hash, struct error *err_r)
{
	const char *end = strchr(hash, '}'), *c;

	if (hash[0] != '{' || end == NULL)
		return error_set(err_r, "the password hash does not begin with "
					"its scheme, as {CRYPT}");
	if (check_scheme(hash + 1, (size_t)(end - hash) - 1, err_r) < 0)
		return -1;
	if (end[1] == '\0')
		return error_set(err_r, "nothing stands behind the scheme of "
					"the password hash");
	if (strlen(hash) > PASSWORD_HASH_MAX)
		return error_set(err_r,
				 "the password hash is longer than %d octets",
				 PASSWORD_HASH_MAX);
	for (c = hash; *c != '\0'; c++) {
		if (*c <= ' ' || *c > '~' || *c == ':')
			return error_set(err_r, "a character that can't be in "
						"a password hash stands in it");
	}
	return 0;
}
