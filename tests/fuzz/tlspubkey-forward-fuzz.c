#include "tests/fuzz/fuzz.h"

#include "common/login-secret.h"
#include "common/mem.h"
#include "dovecot-auth-tlspubkey/tlspubkey-forward.h"
#include "dovecot-auth-tlspubkey/tlspubkey-replay.h"

#include <string.h>

#define NOW ((time_t)1800000000)

static const struct login_secrets secrets = {
	.secret = { { .key = "what the input does not know",
		      .id = "0badcafe" } },
	.count = 1,
};
static const struct tlspubkey_session session = {
	.id = "session",
	.remote_address = "192.0.2.7",
	.remote_port = 50143,
	.protocol = "imap",
};

static enum tlspubkey_forward_result
verify(const char *text, struct tlspubkey_replay *replay)
{
	struct fingerprint fingerprint;

	return tlspubkey_forward_verify(&fingerprint, text, &secrets, &session,
					NOW, replay);
}

/* Whatever the input is, and wherever it stands in a good field: not good. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tlspubkey_replay *replay = tlspubkey_replay_new(65, 16);
	struct fingerprint key = { .sha256 = { 0 } };
	char good[TLSPUBKEY_FORWARD_SIZE], mixed[TLSPUBKEY_FORWARD_SIZE];
	char *text = mem_strndup((const char *)data, size);
	size_t len, at;

	MUST(verify(text, replay) != TLSPUBKEY_FORWARD_GOOD);
	MUST(tlspubkey_forward_sign(good, &secrets.secret[0], &session, &key,
				    NOW, NULL) == 0);
	len = strlen(good);
	if (size > 1 && size - 1 < len) {
		at = data[0] % (len - size + 2);
		memcpy(mixed, good, sizeof(mixed));
		memcpy(mixed + at, data + 1, size - 1);
		if (strcmp(mixed, good) != 0)
			MUST(verify(mixed, replay) != TLSPUBKEY_FORWARD_GOOD);
	}
	MUST(verify(good, replay) == TLSPUBKEY_FORWARD_GOOD);
	MUST(verify(good, replay) == TLSPUBKEY_FORWARD_REPLAYED);
	mem_free_string(&text);
	tlspubkey_replay_free(&replay);
	return 0;
}
