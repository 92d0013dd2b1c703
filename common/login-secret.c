#include "common/login-secret.h"

#include "common/date.h"
#include "common/error.h"
#include "common/span.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#define HEX_LEN ((size_t)2 * LOGIN_SECRET_SIZE)
#define LINE_LEN (HEX_LEN + DATE_TEXT_SIZE)
#define TEXT_MAX (LOGIN_SECRETS_MAX * (LINE_LEN + 1))

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
static int read_text(int fd, char text_r[TEXT_MAX + 2], const char *path,
		     struct error *err_r)
{
	size_t len = 0;

	while (len < TEXT_MAX + 1) {
		ssize_t got = read(fd, text_r + len, TEXT_MAX + 1 - len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_set(err_r, "%s: %s", path,
					 strerror(errno));
		if (got == 0)
			break;
		len += (size_t)got;
	}
	text_r[len] = '\0';
	if (len > TEXT_MAX)
		return error_set(err_r, "%s: is too long for %d secrets", path,
				 LOGIN_SECRETS_MAX);
	if (strlen(text_r) != len)
		return error_set(err_r, "%s: a NUL stands in it", path);
	return 0;
}

static int name_secret(struct login_secret *secret, struct error *err_r)
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

static int parse_key(struct login_secret *secret, const struct span *line,
		     struct error *err_r)
{
	char hex[HEX_LEN + 1];
	size_t len;
	int result = 0;

	if (line->len < HEX_LEN ||
	    (line->len > HEX_LEN && line->at[HEX_LEN] != ' '))
		return error_set(err_r, "must be 64 hex digits");
	memcpy(hex, line->at, HEX_LEN);
	hex[HEX_LEN] = '\0';
	if (strspn(hex, "0123456789abcdefABCDEF") != HEX_LEN ||
	    OPENSSL_hexstr2buf_ex(secret->key, sizeof(secret->key), &len, hex,
				  '\0') != 1)
		result = error_set(err_r, "must be 64 hex digits");
	OPENSSL_cleanse(hex, sizeof(hex));
	return result;
}

static int parse_since(struct login_secret *secret, const struct span *line,
		       struct error *err_r)
{
	char text[DATE_TEXT_SIZE];

	secret->since = 0;
	if (line->len == HEX_LEN)
		return 0;
	if (line->len > LINE_LEN)
		return error_set(err_r, "has more than a secret and a time");
	memcpy(text, line->at + HEX_LEN + 1, line->len - HEX_LEN - 1);
	text[line->len - HEX_LEN - 1] = '\0';
	return date_parse(&secret->since, text, err_r);
}

static int
add(struct login_secrets *secrets, const struct span *line, struct error *err_r)
{
	struct login_secret *secret = &secrets->secret[secrets->count];
	size_t i;

	if (secrets->count == LOGIN_SECRETS_MAX)
		return error_set(err_r, "is one more than %d secrets",
				 LOGIN_SECRETS_MAX);
	if (parse_key(secret, line, err_r) < 0 ||
	    parse_since(secret, line, err_r) < 0 ||
	    name_secret(secret, err_r) < 0)
		return -1;
	for (i = 0; i < secrets->count; i++) {
		if (strcmp(secret->id, secrets->secret[i].id) == 0)
			return error_set(err_r, "is there twice");
	}
	if (i > 0 && secret->since <= secrets->secret[i - 1].since)
		return error_set(err_r, "must have a later time than the one "
					"before it");
	secrets->count++;
	return 0;
}

int login_secrets_parse(struct login_secrets *secrets_r, const char *text,
			struct error *err_r)
{
	struct span rest = { text, strlen(text) };
	unsigned int number = 0;
	int result = 0;

	memset(secrets_r, 0, sizeof(*secrets_r));
	do {
		struct span line = span_take_line(&rest);

		number++;
		result = add(secrets_r, &line, err_r);
	} while (result == 0 && rest.len > 0);
	if (result == 0)
		return 0;
	login_secrets_wipe(secrets_r);
	return error_prefix(err_r, "line %u", number);
}

int login_secrets_load(struct login_secrets *secrets_r, const char *path,
		       struct error *err_r)
{
	char text[TEXT_MAX + 2];
	int fd, result = -1;

	memset(secrets_r, 0, sizeof(*secrets_r));
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return error_set(err_r, "%s: %s", path, strerror(errno));
	if (check_file(fd, path, err_r) == 0 &&
	    read_text(fd, text, path, err_r) == 0) {
		result = login_secrets_parse(secrets_r, text, err_r);
		if (result < 0)
			(void)error_prefix(err_r, "%s", path);
	}
	(void)close(fd);
	OPENSSL_cleanse(text, sizeof(text));
	return result;
}

const struct login_secret *
login_secrets_signing(const struct login_secrets *secrets, time_t now)
{
	size_t i;

	if (secrets->count == 0)
		return NULL;
	for (i = secrets->count - 1; i > 0; i--) {
		if (secrets->secret[i].since <= now)
			break;
	}
	return &secrets->secret[i];
}

time_t login_secrets_end(const struct login_secrets *secrets, size_t number)
{
	if (number + 1 >= secrets->count)
		return 0;
	return secrets->secret[number + 1].since + LOGIN_SECRET_OVERLAP;
}

const struct login_secret *
login_secrets_accepted(const struct login_secrets *secrets, const char *id,
		       time_t now)
{
	size_t i;

	for (i = 0; i < secrets->count; i++) {
		time_t end = login_secrets_end(secrets, i);

		if (strcmp(secrets->secret[i].id, id) == 0)
			return end == 0 || now <= end ? &secrets->secret[i]
						      : NULL;
	}
	return NULL;
}

void login_secrets_wipe(struct login_secrets *secrets)
{
	OPENSSL_cleanse(secrets, sizeof(*secrets));
}
