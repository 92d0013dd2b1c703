#include "common/dkim-key.h"

#include "common/buffer.h"
#include "common/error.h"
#include "common/mem.h"
#include "common/openssl-error.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#define KEY_FILE_MAX 65536
#define RSA_BITS_NEW 2048
#define RSA_BITS_MIN 2048
#define RSA_BITS_MAX 8192

static const struct {
	const char *name;
	const char *label;
	int type;
} algorithms[DKIM_ALGORITHM_COUNT] = {
	[DKIM_RSA_SHA256] = { "rsa", "RSA", EVP_PKEY_RSA },
	[DKIM_ED25519_SHA256] = { "ed25519", "Ed25519", EVP_PKEY_ED25519 },
};

const char *dkim_algorithm_name(enum dkim_algorithm algorithm)
{
	return algorithms[algorithm].name;
}

int dkim_algorithm_parse(enum dkim_algorithm *algorithm_r, const char *name,
			 struct error *err_r)
{
	int i;

	for (i = 0; i < DKIM_ALGORITHM_COUNT; i++) {
		if (strcmp(algorithms[i].name, name) == 0) {
			*algorithm_r = (enum dkim_algorithm)i;
			return 0;
		}
	}
	return error_set(err_r, "algorithm must be rsa or ed25519, not \"%s\"",
			 name);
}

/* By its owner or the group, which is ours. */
static bool is_readable(const struct stat *file, uid_t us)
{
	if (us == 0)
		return true;
	return (file->st_mode & (file->st_uid == us ? S_IRUSR : S_IRGRP)) != 0;
}

/* Whoever reads a key can sign as the domain. */
static int
check_file(const struct stat *file, const char *path, struct error *err_r)
{
	unsigned int mode = (unsigned int)file->st_mode & 07777;
	uid_t us = geteuid();

	if (!S_ISREG(file->st_mode))
		return error_set(err_r, "%s: not a regular file", path);
	if ((mode & S_IRWXO) != 0)
		return error_set(err_r,
				 "%s: mode %04o lets others at the key; "
				 "run chmod o= on it",
				 path, mode);
	if ((mode & S_IWGRP) != 0)
		return error_set(err_r,
				 "%s: mode %04o lets a group write the key; "
				 "run chmod g-w on it",
				 path, mode);
	if ((mode & S_IRGRP) != 0 && us != 0 && file->st_gid != getegid() &&
	    !group_member(file->st_gid))
		return error_set(err_r,
				 "%s: readable by group %u, which is not "
				 "this program's; run chgrp on it",
				 path, (unsigned)file->st_gid);
	if (us != 0 && file->st_uid != 0 && file->st_uid != us)
		return error_set(err_r,
				 "%s: belongs to user %u, who can change it; "
				 "run chown on it",
				 path, (unsigned)file->st_uid);
	if (!is_readable(file, us))
		return error_set_as(err_r, EX_NOINPUT,
				    "%s: mode %04o does not let this program "
				    "read the key; run chgrp and chmod g+r on "
				    "it",
				    path, mode);
	if (file->st_size > KEY_FILE_MAX)
		return error_set(err_r, "%s: too large for a key", path);
	return 0;
}

int dkim_key_check_file(struct dkim_key_file *file_r, const char *path,
			struct error *err_r)
{
	struct stat file;

	if (stat(path, &file) < 0)
		return error_set_as(err_r, EX_NOINPUT,
				    "%s: can't be opened: %s", path,
				    strerror(errno));
	if (check_file(&file, path, err_r) < 0)
		return -1;
	*file_r = (struct dkim_key_file){
		.device = file.st_dev,
		.number = file.st_ino,
		.size = file.st_size,
		.modified = file.st_mtim,
		.changed = file.st_ctim,
	};
	return 0;
}

static bool is_same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

bool dkim_key_file_is_same(const struct dkim_key_file *a,
			   const struct dkim_key_file *b)
{
	return a->device == b->device && a->number == b->number &&
	       a->size == b->size && is_same_time(a->modified, b->modified) &&
	       is_same_time(a->changed, b->changed);
}

static ssize_t read_whole(int fd, char *data, size_t size)
{
	size_t len = 0;

	while (len < size) {
		ssize_t got = read(fd, data + len, size - len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		len += (size_t)got;
	}
	return (ssize_t)len;
}

/* pem_r has KEY_FILE_MAX octets. */
static ssize_t read_key_file(char *pem_r, const char *path, struct error *err_r)
{
	/* Not to hang on a FIFO, which check_file() refuses. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat file;
	ssize_t len = -1;

	if (fd < 0)
		return error_set_as(err_r, EX_NOINPUT,
				    "%s: can't be opened: %s", path,
				    strerror(errno));
	if (fstat(fd, &file) < 0)
		error_set_as(err_r, EX_NOINPUT, "%s: %s", path,
			     strerror(errno));
	else if (check_file(&file, path, err_r) == 0) {
		len = read_whole(fd, pem_r, KEY_FILE_MAX);
		if (len < 0)
			error_set_as(err_r, EX_NOINPUT, "%s: can't be read: %s",
				     path, strerror(errno));
	}
	(void)close(fd);
	return len;
}

/* An encrypted key must not ask at a terminal. */
static int no_password(char *buffer, int size, int writing, void *context)
{
	(void)buffer;
	(void)size;
	(void)writing;
	(void)context;
	return -1;
}

static EVP_PKEY *parse_pem(const char *pem, size_t len)
{
	BIO *bio = BIO_new_mem_buf(pem, (int)len);
	EVP_PKEY *pkey = NULL;

	if (bio != NULL)
		pkey = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
	BIO_free(bio);
	ERR_clear_error();
	return pkey;
}

static int check_key(const EVP_PKEY *pkey, const char *path,
		     enum dkim_algorithm algorithm, struct error *err_r)
{
	const char *label = algorithms[algorithm].label;
	int bits;

	if (pkey == NULL)
		return error_set(err_r,
				 "%s: holds no unencrypted private key in PEM",
				 path);
	if (EVP_PKEY_get_base_id(pkey) != algorithms[algorithm].type)
		return error_set(err_r, "%s: is a key of type %s, not %s", path,
				 EVP_PKEY_get0_type_name(pkey), label);
	bits = EVP_PKEY_get_bits(pkey);
	if (algorithm == DKIM_RSA_SHA256 &&
	    (bits < RSA_BITS_MIN || bits > RSA_BITS_MAX))
		return error_set(err_r,
				 "%s: an RSA key must have %d to %d bits, "
				 "this one has %d",
				 path, RSA_BITS_MIN, RSA_BITS_MAX, bits);
	return 0;
}

int dkim_key_load(EVP_PKEY **pkey_r, const char *path,
		  enum dkim_algorithm algorithm, struct error *err_r)
{
	char *pem = mem_alloc(KEY_FILE_MAX);
	ssize_t len = read_key_file(pem, path, err_r);
	EVP_PKEY *pkey = NULL;
	int result = -1;

	if (len < 0)
		goto out;
	pkey = parse_pem(pem, (size_t)len);
	if (check_key(pkey, path, algorithm, err_r) < 0)
		goto out;
	*pkey_r = pkey;
	pkey = NULL;
	result = 0;
out:
	EVP_PKEY_free(pkey);
	OPENSSL_cleanse(pem, KEY_FILE_MAX);
	free(pem);
	return result;
}

int dkim_key_generate(EVP_PKEY **pkey_r, enum dkim_algorithm algorithm,
		      struct error *err_r)
{
	EVP_PKEY_CTX *context =
		EVP_PKEY_CTX_new_id(algorithms[algorithm].type, NULL);
	EVP_PKEY *pkey = NULL;
	int result = 0;

	if (context == NULL || EVP_PKEY_keygen_init(context) != 1 ||
	    (algorithm == DKIM_RSA_SHA256 &&
	     EVP_PKEY_CTX_set_rsa_keygen_bits(context, RSA_BITS_NEW) != 1) ||
	    EVP_PKEY_keygen(context, &pkey) != 1)
		result = openssl_error_set(err_r, "making a key");
	else
		*pkey_r = pkey;
	EVP_PKEY_CTX_free(context);
	return result;
}

int dkim_key_pem(char **pem_r, EVP_PKEY *pkey, struct error *err_r)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	char *data = NULL;
	int result = 0;
	long len;

	if (bio == NULL ||
	    PEM_write_bio_PKCS8PrivateKey(bio, pkey, NULL, NULL, 0, NULL,
					  NULL) != 1 ||
	    (len = BIO_get_mem_data(bio, &data)) <= 0)
		result = openssl_error_set(err_r, "writing a key");
	else
		*pem_r = mem_strndup(data, (size_t)len);
	BIO_free(bio);
	return result;
}

static void
append_base64(struct buffer *out, const unsigned char *data, size_t len)
{
	unsigned char *text = mem_alloc(len / 3 * 4 + 5);

	EVP_EncodeBlock(text, data, (int)len);
	buffer_append_string(out, (const char *)text);
	free(text);
}

int dkim_key_record(char **record_r, EVP_PKEY *pkey,
		    enum dkim_algorithm algorithm, struct error *err_r)
{
	struct buffer record = BUFFER_INIT;
	unsigned char *spki = NULL, raw[32];
	size_t raw_len = sizeof(raw);
	int len;

	buffer_printf(&record, "v=DKIM1; k=%s; h=sha256; p=",
		      algorithms[algorithm].name);
	switch (algorithm) {
	case DKIM_RSA_SHA256:
		len = i2d_PUBKEY(pkey, &spki);
		if (len <= 0)
			goto failed;
		append_base64(&record, spki, (size_t)len);
		OPENSSL_free(spki);
		break;
	case DKIM_ED25519_SHA256:
		/* RFC 8463 4.2: the 32 octets, no SubjectPublicKeyInfo. */
		if (EVP_PKEY_get_raw_public_key(pkey, raw, &raw_len) != 1)
			goto failed;
		append_base64(&record, raw, raw_len);
		break;
	}
	*record_r = buffer_steal(&record);
	return 0;
failed:
	buffer_release(&record);
	return openssl_error_set(err_r, "reading the public key");
}
