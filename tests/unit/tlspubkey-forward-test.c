#include "tests/unit/test.h"

#include "common/error.h"
#include "common/login-secret.h"
#include "dovecot-auth-tlspubkey/tlspubkey-forward.h"
#include "dovecot-auth-tlspubkey/tlspubkey-replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOW ((time_t)1800000000)

#define KEY "0123456789abcdef0123456789abcde"

static const struct login_secrets secrets = {
	.secret = { { .key = KEY, .id = "0badcafe" } },
	.count = 1,
};
static const struct login_secrets rotated = {
	.secret = { { .key = KEY, .id = "0badcafe" },
		    { .key = "another", .id = "feedcafe", .since = NOW + 5 } },
	.count = 2,
};
static const struct login_secret *const secret = &secrets.secret[0];
static const struct tlspubkey_session session = {
	.id = "S3ssion+/id",
	.remote_address = "192.0.2.7",
	.remote_port = 50143,
	.protocol = "imap",
};
static const struct fingerprint key = { .sha256 = { 1, 2, 3, 0xfe, 0xff } };

static int new_replay(void **state)
{
	*state = tlspubkey_replay_new(65, 100000);
	return 0;
}

static int free_replay(void **state)
{
	struct tlspubkey_replay *replay = *state;

	tlspubkey_replay_free(&replay);
	return 0;
}

static void sign(char text[TLSPUBKEY_FORWARD_SIZE])
{
	struct error err;

	assert_int_equal(
		tlspubkey_forward_sign(text, secret, &session, &key, NOW, &err),
		0);
	assert_true(strlen(text) < TLSPUBKEY_FORWARD_SIZE);
}

static enum tlspubkey_forward_result
verify(void **state, const char *text, time_t now)
{
	struct fingerprint got = { .sha256 = { 0 } };
	enum tlspubkey_forward_result result = tlspubkey_forward_verify(
		&got, text, &secrets, &session, now, *state);

	/* The key is told only when the field is good. */
	assert_int_equal(memcmp(&got, &key, sizeof(key)) == 0,
			 result == TLSPUBKEY_FORWARD_GOOD);
	return result;
}

static void a_field_is_good_once(void **state)
{
	char text[TLSPUBKEY_FORWARD_SIZE];

	sign(text);
	assert_int_equal(verify(state, text, NOW), TLSPUBKEY_FORWARD_GOOD);
	assert_int_equal(verify(state, text, NOW), TLSPUBKEY_FORWARD_REPLAYED);
	assert_int_equal(verify(state, text, NOW + 60),
			 TLSPUBKEY_FORWARD_REPLAYED);
}

static void two_fields_of_one_second_are_both_good(void **state)
{
	char one[TLSPUBKEY_FORWARD_SIZE], other[TLSPUBKEY_FORWARD_SIZE];

	sign(one);
	sign(other);
	assert_string_not_equal(one, other);
	assert_int_equal(verify(state, one, NOW), TLSPUBKEY_FORWARD_GOOD);
	assert_int_equal(verify(state, other, NOW), TLSPUBKEY_FORWARD_GOOD);
}

static void a_field_has_its_form(void **state)
{
	char text[TLSPUBKEY_FORWARD_SIZE], nonce[33], mac[65];
	int end = 0;

	(void)state;
	sign(text);
	assert_int_equal(
		sscanf(text,
		       "1:0badcafe:1800000000:%32[0-9a-f]:010203feff%*54[0]:"
		       "%64[0-9a-f]%n",
		       nonce, mac, &end),
		2);
	assert_int_equal(strlen(nonce), 32);
	assert_int_equal(strlen(mac), 64);
	assert_int_equal(text[end], '\0');
}

static const struct {
	const char *name;
	int age;
	enum tlspubkey_forward_result result;
} ages[] = {
	{ "of now", 0, TLSPUBKEY_FORWARD_GOOD },
	{ "at the window's end", 60, TLSPUBKEY_FORWARD_GOOD },
	{ "a second older", 61, TLSPUBKEY_FORWARD_STALE },
	{ "of last year", 31536000, TLSPUBKEY_FORWARD_STALE },
	{ "of a clock a little ahead", -5, TLSPUBKEY_FORWARD_GOOD },
	{ "of the future", -6, TLSPUBKEY_FORWARD_STALE },
	{ "of the far future", -1700000000, TLSPUBKEY_FORWARD_STALE },
};

static void a_field_is_good_for_a_minute(void **state)
{
	char text[TLSPUBKEY_FORWARD_SIZE];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ages); i++) {
		struct tlspubkey_replay *replay = tlspubkey_replay_new(65, 100);

		sign(text);
		if (verify((void **)&replay, text, NOW + ages[i].age) !=
		    ages[i].result)
			fail_msg("%s", ages[i].name);
		tlspubkey_replay_free(&replay);
	}
	(void)state;
}

static const struct tlspubkey_hop hop = {
	.from = "192.0.2.1",
	.from_port = 40123,
	.to = "192.0.2.2",
	.to_port = 143,
};

static const struct {
	const char *name;
	struct tlspubkey_session session;
} others[] = {
	{ "another session",
	  { "S3ssion+/iD", "192.0.2.7", "imap", 50143, NULL } },
	{ "no session", { "", "192.0.2.7", "imap", 50143, NULL } },
	{ "another address",
	  { "S3ssion+/id", "192.0.2.8", "imap", 50143, NULL } },
	{ "another port", { "S3ssion+/id", "192.0.2.7", "imap", 50144, NULL } },
	{ "another protocol",
	  { "S3ssion+/id", "192.0.2.7", "pop3", 50143, NULL } },
	{ "the same octets cut elsewhere",
	  { "S3ssion+/id1", "92.0.2.7", "imap", 50143, NULL } },
	{ "what comes from a proxy",
	  { "S3ssion+/id", "192.0.2.7", "imap", 50143, &hop } },
};

static void a_field_is_good_for_its_own_session_alone(void **state)
{
	struct fingerprint got;
	char text[TLSPUBKEY_FORWARD_SIZE];
	size_t i;

	sign(text);
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		if (tlspubkey_forward_verify(&got, text, &secrets,
					     &others[i].session, NOW, *state) !=
		    TLSPUBKEY_FORWARD_FORGED)
			fail_msg("%s", others[i].name);
	}
	assert_int_equal(verify(state, text, NOW), TLSPUBKEY_FORWARD_GOOD);
}

static const struct {
	const char *name;
	struct tlspubkey_hop hop;
} other_hops[] = {
	{ "another proxy", { "192.0.2.3", "192.0.2.2", 40123, 143 } },
	{ "another connection", { "192.0.2.1", "192.0.2.2", 40124, 143 } },
	{ "another backend", { "192.0.2.1", "192.0.2.3", 40123, 143 } },
	{ "another service", { "192.0.2.1", "192.0.2.2", 40123, 993 } },
	{ "the way back", { "192.0.2.2", "192.0.2.1", 143, 40123 } },
};

static void a_proxys_field_is_good_for_its_own_connection_alone(void **state)
{
	struct tlspubkey_session proxied = session;
	char text[TLSPUBKEY_FORWARD_SIZE];
	struct fingerprint got;
	struct error err;
	size_t i;

	proxied.hop = &hop;
	assert_int_equal(
		tlspubkey_forward_sign(text, secret, &proxied, &key, NOW, &err),
		0);
	for (i = 0; i < ARRAY_SIZE(other_hops); i++) {
		proxied.hop = &other_hops[i].hop;
		if (tlspubkey_forward_verify(&got, text, &secrets, &proxied,
					     NOW, *state) !=
		    TLSPUBKEY_FORWARD_FORGED)
			fail_msg("%s", other_hops[i].name);
	}
	assert_int_equal(verify(state, text, NOW), TLSPUBKEY_FORWARD_FORGED);
	proxied.hop = &hop;
	assert_int_equal(tlspubkey_forward_verify(&got, text, &secrets,
						  &proxied, NOW, *state),
			 TLSPUBKEY_FORWARD_GOOD);
	assert_memory_equal(&got, &key, sizeof(key));
}

static const struct {
	const char *name;
	size_t secret;
	int age;
	enum tlspubkey_forward_result result;
} rotation[] = {
	{ "the old one until the new one signs", 0, 5, TLSPUBKEY_FORWARD_GOOD },
	{ "the old one in the overlap", 0, 5 + LOGIN_SECRET_OVERLAP,
	  TLSPUBKEY_FORWARD_GOOD },
	{ "the old one behind it", 0, 6 + LOGIN_SECRET_OVERLAP,
	  TLSPUBKEY_FORWARD_UNKNOWN_SECRET },
	{ "the new one ahead of its time", 1, 0, TLSPUBKEY_FORWARD_GOOD },
	{ "the new one for good", 1, 31536000, TLSPUBKEY_FORWARD_GOOD },
};

static void two_secrets_are_accepted_while_they_overlap(void **state)
{
	char text[TLSPUBKEY_FORWARD_SIZE];
	struct fingerprint got;
	struct error err;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rotation); i++) {
		const time_t now = NOW + rotation[i].age;

		assert_int_equal(tlspubkey_forward_sign(
					 text,
					 &rotated.secret[rotation[i].secret],
					 &session, &key, now, &err),
				 0);
		if (tlspubkey_forward_verify(&got, text, &rotated, &session,
					     now, *state) != rotation[i].result)
			fail_msg("%s", rotation[i].name);
	}
}

static void another_secret_does_not_sign_for_ours(void **state)
{
	struct login_secret other = *secret;
	char text[TLSPUBKEY_FORWARD_SIZE];
	struct error err;

	other.key[0] ^= 1;
	assert_int_equal(
		tlspubkey_forward_sign(text, &other, &session, &key, NOW, &err),
		0);
	assert_int_equal(verify(state, text, NOW), TLSPUBKEY_FORWARD_FORGED);
	memcpy(other.id, "feedbeef", sizeof(other.id));
	assert_int_equal(
		tlspubkey_forward_sign(text, &other, &session, &key, NOW, &err),
		0);
	assert_int_equal(verify(state, text, NOW),
			 TLSPUBKEY_FORWARD_UNKNOWN_SECRET);
}

static void every_cut_is_malformed(void **state)
{
	char text[TLSPUBKEY_FORWARD_SIZE], *copy;
	size_t len;

	sign(text);
	for (len = 0; len < strlen(text); len++) {
		/* On the heap, so that a sanitizer sees a step too far. */
		copy = strndup(text, len);
		assert_int_equal(verify(state, copy, NOW),
				 TLSPUBKEY_FORWARD_MALFORMED);
		free(copy);
	}
	assert_int_equal(verify(state, text, NOW), TLSPUBKEY_FORWARD_GOOD);
}

static void every_changed_octet_spoils_it(void **state)
{
	static const char octets[] = "0a:F \x80";
	char text[TLSPUBKEY_FORWARD_SIZE], changed[TLSPUBKEY_FORWARD_SIZE];
	size_t at, i;

	sign(text);
	for (at = 0; at < strlen(text); at++) {
		for (i = 0; i < sizeof(octets) - 1; i++) {
			memcpy(changed, text, sizeof(changed));
			if (changed[at] == octets[i])
				continue;
			changed[at] = octets[i];
			assert_int_not_equal(verify(state, changed, NOW),
					     TLSPUBKEY_FORWARD_GOOD);
		}
	}
	assert_int_equal(verify(state, text, NOW), TLSPUBKEY_FORWARD_GOOD);
}

#define HEX16 "00112233445566778899aabbccddeeff"
#define HEX32 HEX16 HEX16

static const struct {
	const char *name, *text;
} bad_forms[] = {
	{ "nothing", "" },
	{ "another version", "2:0badcafe:1:" HEX16 ":" HEX32 ":" HEX32 },
	{ "no version", ":0badcafe:1:" HEX16 ":" HEX32 ":" HEX32 },
	{ "a short id", "1:badcafe:1:" HEX16 ":" HEX32 ":" HEX32 },
	{ "a long id", "1:00badcafe:1:" HEX16 ":" HEX32 ":" HEX32 },
	{ "upper case", "1:0BADCAFE:1:" HEX16 ":" HEX32 ":" HEX32 },
	{ "no time", "1:0badcafe::" HEX16 ":" HEX32 ":" HEX32 },
	{ "time with a sign", "1:0badcafe:+1:" HEX16 ":" HEX32 ":" HEX32 },
	{ "negative time", "1:0badcafe:-1:" HEX16 ":" HEX32 ":" HEX32 },
	{ "time with a zero", "1:0badcafe:01:" HEX16 ":" HEX32 ":" HEX32 },
	{ "time zero", "1:0badcafe:0:" HEX16 ":" HEX32 ":" HEX32 },
	{ "time beyond numbers",
	  "1:0badcafe:99999999999999999999:" HEX16 ":" HEX32 ":" HEX32 },
	{ "space in the time", "1:0badcafe: 1:" HEX16 ":" HEX32 ":" HEX32 },
	{ "no nonce", "1:0badcafe:1::" HEX32 ":" HEX32 },
	{ "a short key", "1:0badcafe:1:" HEX16 ":" HEX16 ":" HEX32 },
	{ "a short MAC", "1:0badcafe:1:" HEX16 ":" HEX32 ":" HEX16 },
	{ "more behind it", "1:0badcafe:1:" HEX16 ":" HEX32 ":" HEX32 ":" },
	{ "a newline behind it",
	  "1:0badcafe:1:" HEX16 ":" HEX32 ":" HEX32 "\n" },
};

static void other_forms_are_malformed(void **state)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad_forms); i++) {
		if (verify(state, bad_forms[i].text, NOW) !=
		    TLSPUBKEY_FORWARD_MALFORMED)
			fail_msg("%s", bad_forms[i].name);
	}
}

static void a_forged_field_is_not_remembered(void **state)
{
	char text[TLSPUBKEY_FORWARD_SIZE], forged[TLSPUBKEY_FORWARD_SIZE];
	size_t last;

	sign(text);
	memcpy(forged, text, sizeof(forged));
	last = strlen(forged) - 1;
	forged[last] = forged[last] == '0' ? '1' : '0';
	assert_int_equal(verify(state, forged, NOW), TLSPUBKEY_FORWARD_FORGED);
	assert_int_equal(verify(state, text, NOW), TLSPUBKEY_FORWARD_GOOD);
}

static void what_is_nobodys_fault_is_temporary(void **state)
{
	(void)state;
	assert_true(tlspubkey_forward_temporary(TLSPUBKEY_FORWARD_STALE));
	assert_true(tlspubkey_forward_temporary(TLSPUBKEY_FORWARD_FULL));
	assert_true(
		tlspubkey_forward_temporary(TLSPUBKEY_FORWARD_UNKNOWN_SECRET));
	assert_false(tlspubkey_forward_temporary(TLSPUBKEY_FORWARD_MALFORMED));
	assert_false(tlspubkey_forward_temporary(TLSPUBKEY_FORWARD_FORGED));
	assert_false(tlspubkey_forward_temporary(TLSPUBKEY_FORWARD_REPLAYED));
}

#define with_replay(test)                                                      \
	cmocka_unit_test_setup_teardown(test, new_replay, free_replay)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_replay(a_field_is_good_once),
		with_replay(two_fields_of_one_second_are_both_good),
		cmocka_unit_test(a_field_has_its_form),
		cmocka_unit_test(a_field_is_good_for_a_minute),
		with_replay(a_field_is_good_for_its_own_session_alone),
		with_replay(
			a_proxys_field_is_good_for_its_own_connection_alone),
		with_replay(two_secrets_are_accepted_while_they_overlap),
		with_replay(another_secret_does_not_sign_for_ours),
		with_replay(every_cut_is_malformed),
		with_replay(every_changed_octet_spoils_it),
		with_replay(other_forms_are_malformed),
		with_replay(a_forged_field_is_not_remembered),
		cmocka_unit_test(what_is_nobodys_fault_is_temporary),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
