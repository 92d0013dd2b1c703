#include "admin/password.h"

#include "common/error.h"
#include "common/mem.h"

#include <crypt.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include <sodium.h>

_Static_assert(PASSWORD_MAX < CRYPT_MAX_PASSPHRASE_SIZE, "with its NUL");

static int yescrypt(char **hash_r, const char *password, struct error *err_r)
{
	struct crypt_data *data = mem_alloc(sizeof(*data));
	char setting[CRYPT_GENSALT_OUTPUT_SIZE];
	const char *hash;
	int result = 0;

	/* No random bytes of ours: it takes the kernel's. */
	if (crypt_gensalt_rn("$y$", 0, NULL, 0, setting, sizeof(setting)) ==
	    NULL)
		result = error_set_as(err_r, EX_OSERR, "crypt_gensalt: %s",
				      strerror(errno));
	hash = result == 0 ? crypt_rn(password, setting, data, sizeof(*data))
			   : NULL;
	if (hash != NULL)
		*hash_r = mem_printf("{CRYPT}%s", hash);
	else if (result == 0)
		result = error_set_as(err_r, EX_OSERR, "crypt: %s",
				      strerror(errno));
	explicit_bzero(data, sizeof(*data));
	free(data);
	return result;
}

/*
 * RFC 9106 4, the second choice, as "doveadm pw" does by default. More memory
 * would not fit in what stock Dovecot lets its auth process have.
 */
#define ARGON2_PASSES 3
#define ARGON2_MEMORY (64UL << 20)

static int argon2id(char **hash_r, const char *password, struct error *err_r)
{
	char hash[crypto_pwhash_STRBYTES];

	if (sodium_init() < 0 ||
	    crypto_pwhash_str_alg(hash, password, strlen(password),
				  ARGON2_PASSES, ARGON2_MEMORY,
				  crypto_pwhash_ALG_ARGON2ID13) < 0)
		return error_set_as(err_r, EX_OSERR,
				    "the password can't be hashed: Argon2 "
				    "takes 64 MiB of memory");
	*hash_r = mem_printf("{ARGON2ID}%s", hash);
	return 0;
}

static const struct {
	const char *name;
	int (*hash)(char **hash_r, const char *password, struct error *err_r);
} hashes[] = {
	[PASSWORD_YESCRYPT] = { "yescrypt", yescrypt },
	[PASSWORD_ARGON2ID] = { "argon2id", argon2id },
};

int password_hash_parse(enum password_hash *hash_r, const char *name,
			struct error *err_r)
{
	size_t i;

	for (i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++) {
		if (strcmp(name, hashes[i].name) == 0) {
			*hash_r = (enum password_hash)i;
			return 0;
		}
	}
	return error_set_as(err_r, EX_USAGE,
			    "\"%s\" is not a scheme that passwords are hashed "
			    "with here: yescrypt, argon2id",
			    name);
}

int password_hash(char **text_r, const char *password, enum password_hash hash,
		  struct error *err_r)
{
	*text_r = NULL;
	return hashes[hash].hash(text_r, password, err_r);
}
