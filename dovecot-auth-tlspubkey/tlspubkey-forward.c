#include "dovecot-auth-tlspubkey/tlspubkey-forward.h"

#include "common/buffer.h"
#include "common/error.h"
#include "common/login-secret.h"
#include "dovecot-auth-tlspubkey/tlspubkey-replay.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#define VERSION "1"
#define NONCE_SIZE 16
#define MAC_SIZE 32
#define TIME_DIGITS_MAX 12

struct field {
	char secret_id[LOGIN_SECRET_ID_SIZE];
	uint64_t time;
	unsigned char nonce[NONCE_SIZE];
	struct fingerprint fingerprint;
	unsigned char mac[MAC_SIZE];
};

/* Length first, so that no two lists of values are the same octets. */
static void append(struct buffer *message, const void *data, size_t len)
{
	unsigned char prefix[4] = { (unsigned char)(len >> 24),
				    (unsigned char)(len >> 16),
				    (unsigned char)(len >> 8),
				    (unsigned char)len };

	buffer_append_bytes(message, prefix, sizeof(prefix));
	buffer_append_bytes(message, data, len);
}

static void append_text(struct buffer *message, const char *text)
{
	append(message, text, strlen(text));
}

static void append_number(struct buffer *message, uint64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, number);
	append_text(message, text);
}

static void append_hop(struct buffer *message, const struct tlspubkey_hop *hop)
{
	append_text(message, hop->from);
	append_number(message, hop->from_port);
	append_text(message, hop->to);
	append_number(message, hop->to_port);
}

static bool compute_mac(unsigned char mac_r[MAC_SIZE],
			const struct field *field,
			const struct login_secret *secret,
			const struct tlspubkey_session *session)
{
	struct buffer message = BUFFER_INIT;
	bool done;

	append_text(&message, session->hop == NULL
				      ? "tlspubkey-forward-" VERSION
				      : "tlspubkey-proxy-" VERSION);
	append_text(&message, field->secret_id);
	append_number(&message, field->time);
	append(&message, field->nonce, sizeof(field->nonce));
	append(&message, field->fingerprint.sha256,
	       sizeof(field->fingerprint.sha256));
	append_text(&message, session->id);
	append_text(&message, session->remote_address);
	append_number(&message, session->remote_port);
	append_text(&message, session->protocol);
	if (session->hop != NULL)
		append_hop(&message, session->hop);
	done = HMAC(EVP_sha256(), secret->key, sizeof(secret->key),
		    (const unsigned char *)message.data, message.len, mac_r,
		    NULL) != NULL;
	buffer_release(&message);
	return done;
}

static char *put_hex(char *at, const unsigned char *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	*at++ = ':';
	for (i = 0; i < len; i++) {
		*at++ = digits[data[i] >> 4];
		*at++ = digits[data[i] & 0xf];
	}
	return at;
}

int tlspubkey_forward_sign(char text_r[TLSPUBKEY_FORWARD_SIZE],
			   const struct login_secret *secret,
			   const struct tlspubkey_session *session,
			   const struct fingerprint *fingerprint, time_t now,
			   struct error *err_r)
{
	struct field field = { .time = (uint64_t)now,
			       .fingerprint = *fingerprint };
	char *at;

	memcpy(field.secret_id, secret->id, sizeof(field.secret_id));
	if (RAND_bytes(field.nonce, sizeof(field.nonce)) != 1)
		return error_set(err_r, "OpenSSL has no random numbers");
	if (!compute_mac(field.mac, &field, secret, session))
		return error_set(err_r, "HMAC-SHA256 failed");
	at = text_r + snprintf(text_r, TLSPUBKEY_FORWARD_SIZE,
			       VERSION ":%s:%" PRIu64, field.secret_id,
			       field.time);
	at = put_hex(at, field.nonce, sizeof(field.nonce));
	at = put_hex(at, field.fingerprint.sha256,
		     sizeof(field.fingerprint.sha256));
	at = put_hex(at, field.mac, sizeof(field.mac));
	*at = '\0';
	return 0;
}

static bool take(const char **text, const char *expected)
{
	size_t len = strlen(expected);

	if (strncmp(*text, expected, len) != 0)
		return false;
	*text += len;
	return true;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

static bool take_hex(const char **text, unsigned char *data_r, size_t len)
{
	size_t i;

	if (!take(text, ":"))
		return false;
	for (i = 0; i < len; i++) {
		int high = hex_value(**text), low;

		if (high < 0)
			return false;
		low = hex_value((*text)[1]);
		if (low < 0)
			return false;
		data_r[i] = (unsigned char)(high << 4 | low);
		*text += 2;
	}
	return true;
}

/* One spelling of each: no sign, no zero in front, no more than fits. */
static bool take_time(const char **text, uint64_t *time_r)
{
	size_t digits;

	if (!take(text, ":"))
		return false;
	digits = strspn(*text, "0123456789");
	if (digits == 0 || digits > TIME_DIGITS_MAX || **text == '0')
		return false;
	*time_r = 0;
	for (; digits > 0; digits--)
		*time_r = *time_r * 10 + (uint64_t)(*(*text)++ - '0');
	return true;
}

static bool parse(struct field *field_r, const char *text)
{
	unsigned char id[(LOGIN_SECRET_ID_SIZE - 1) / 2];

	if (!take(&text, VERSION) || !take_hex(&text, id, sizeof(id)))
		return false;
	snprintf(field_r->secret_id, sizeof(field_r->secret_id),
		 "%02x%02x%02x%02x", id[0], id[1], id[2], id[3]);
	return take_time(&text, &field_r->time) &&
	       take_hex(&text, field_r->nonce, sizeof(field_r->nonce)) &&
	       take_hex(&text, field_r->fingerprint.sha256,
			sizeof(field_r->fingerprint.sha256)) &&
	       take_hex(&text, field_r->mac, sizeof(field_r->mac)) &&
	       *text == '\0';
}

static uint64_t replay_value(const unsigned char mac[MAC_SIZE])
{
	uint64_t value;

	memcpy(&value, mac, sizeof(value));
	return value;
}

static enum tlspubkey_forward_result
remember(struct tlspubkey_replay *replay, const struct field *field, time_t now)
{
	switch (tlspubkey_replay_see(replay, replay_value(field->mac), now)) {
	case TLSPUBKEY_REPLAY_NEW:
		return TLSPUBKEY_FORWARD_GOOD;
	case TLSPUBKEY_REPLAY_SEEN:
		return TLSPUBKEY_FORWARD_REPLAYED;
	case TLSPUBKEY_REPLAY_FULL:
		break;
	}
	return TLSPUBKEY_FORWARD_FULL;
}

enum tlspubkey_forward_result
tlspubkey_forward_verify(struct fingerprint *fingerprint_r, const char *text,
			 const struct login_secrets *secrets,
			 const struct tlspubkey_session *session, time_t now,
			 struct tlspubkey_replay *replay)
{
	const struct login_secret *secret;
	struct field field;
	unsigned char mac[MAC_SIZE];
	enum tlspubkey_forward_result result;

	if (!parse(&field, text))
		return TLSPUBKEY_FORWARD_MALFORMED;
	secret = login_secrets_accepted(secrets, field.secret_id, now);
	if (secret == NULL)
		return TLSPUBKEY_FORWARD_UNKNOWN_SECRET;
	if (!compute_mac(mac, &field, secret, session) ||
	    CRYPTO_memcmp(mac, field.mac, sizeof(mac)) != 0)
		return TLSPUBKEY_FORWARD_FORGED;
	if (field.time + TLSPUBKEY_FORWARD_WINDOW < (uint64_t)now ||
	    field.time > (uint64_t)now + TLSPUBKEY_FORWARD_AHEAD)
		return TLSPUBKEY_FORWARD_STALE;
	result = remember(replay, &field, now);
	if (result == TLSPUBKEY_FORWARD_GOOD)
		*fingerprint_r = field.fingerprint;
	return result;
}

const char *tlspubkey_forward_reason(enum tlspubkey_forward_result result)
{
	switch (result) {
	case TLSPUBKEY_FORWARD_GOOD:
		return "good";
	case TLSPUBKEY_FORWARD_MALFORMED:
		return "malformed";
	case TLSPUBKEY_FORWARD_FORGED:
		return "not signed with our secret for this session";
	case TLSPUBKEY_FORWARD_REPLAYED:
		return "used before";
	case TLSPUBKEY_FORWARD_UNKNOWN_SECRET:
		return "signed with a secret that auth does not know: reload "
		       "Dovecot, and see \"countersign secret list\" on each "
		       "host";
	case TLSPUBKEY_FORWARD_STALE:
		return "made more than a minute ago";
	case TLSPUBKEY_FORWARD_FULL:
		return "one too many within a minute";
	}
	return "unknown";
}

bool tlspubkey_forward_temporary(enum tlspubkey_forward_result result)
{
	return result == TLSPUBKEY_FORWARD_UNKNOWN_SECRET ||
	       result == TLSPUBKEY_FORWARD_STALE ||
	       result == TLSPUBKEY_FORWARD_FULL;
}
