#include "dovecot-auth-tlspubkey/tlspubkey-secret.h"

#include "common/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#define HEX_LEN ((size_t)2 * TLSPUBKEY_SECRET_SIZE)

static int check_file(int fd, const char *path, struct error *err_r)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return error_set(err_r, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return error_set(err_r, "%s: not a regular file", path);
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return error_set(err_r, "%s: belongs to user %u: chown it root",
				 path, (unsigned int)st.st_uid);
	if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return error_set(err_r,
				 "%s: group or others may use it (mode %04o): "
				 "make a new one, mode 0600",
				 path, (unsigned int)(st.st_mode & 07777));
	return 0;
}

/* One octet more than a good file has, to see that there is no more. */
static int
read_text(int fd, char text_r[HEX_LEN + 3], const char *path, struct error *err)
{
	size_t len = 0;

	while (len < HEX_LEN + 2) {
		ssize_t got = read(fd, text_r + len, HEX_LEN + 2 - len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_set(err, "%s: %s", path, strerror(errno));
		if (got == 0)
			break;
		len += (size_t)got;
	}
	text_r[len] = '\0';
	return 0;
}

static int parse(struct tlspubkey_secret *secret, char *text, const char *path,
		 struct error *err_r)
{
	size_t len = strspn(text, "0123456789abcdefABCDEF"), key_len;

	if (text[len] == '\n' && text[len + 1] == '\0')
		text[len] = '\0';
	if (len != HEX_LEN || text[len] != '\0' ||
	    OPENSSL_hexstr2buf_ex(secret->key, sizeof(secret->key), &key_len,
				  text, '\0') != 1)
		return error_set(err_r, "%s: must be 64 hex digits", path);
	return 0;
}

static int name_secret(struct tlspubkey_secret *secret, struct error *err_r)
{
	static const unsigned char label[] = "tlspubkey secret id";
	unsigned char mac[EVP_MAX_MD_SIZE];

	if (HMAC(EVP_sha256(), secret->key, sizeof(secret->key), label,
		 sizeof(label) - 1, mac, NULL) == NULL)
		return error_set(err_r, "HMAC-SHA256 failed");
	snprintf(secret->id, sizeof(secret->id), "%02x%02x%02x%02x", mac[0],
		 mac[1], mac[2], mac[3]);
	return 0;
}

int tlspubkey_secret_load(struct tlspubkey_secret *secret_r, const char *path,
			  struct error *err_r)
{
	char text[HEX_LEN + 3];
	int fd, result = -1;

	memset(secret_r, 0, sizeof(*secret_r));
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return error_set(err_r, "%s: %s", path, strerror(errno));
	if (check_file(fd, path, err_r) == 0 &&
	    read_text(fd, text, path, err_r) == 0 &&
	    parse(secret_r, text, path, err_r) == 0)
		result = name_secret(secret_r, err_r);
	(void)close(fd);
	OPENSSL_cleanse(text, sizeof(text));
	if (result < 0)
		tlspubkey_secret_wipe(secret_r);
	return result;
}

void tlspubkey_secret_wipe(struct tlspubkey_secret *secret)
{
	OPENSSL_cleanse(secret, sizeof(*secret));
}
