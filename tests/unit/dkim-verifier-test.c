#include "tests/unit/test.h"

#include "common/buffer.h"
#include "common/error.h"
#include "common/mem.h"
#include "milter-dkim/signer.h"
#include "milter-dkim/verifier.h"
#include "milter-dkim/verify-signature.h"
#include "tests/dkim/keys.h"
#include "tests/dkim/message.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FIELDS_MAX 3000
#define SIGNATURES_MAX 20

/* libopendkim keeps OpenSSL from cleaning up at exit. */
__attribute__((visibility("default"))) const char *
__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libcrypto\n";
}

static struct test_keys keys;

/* What comes in. */
struct mail {
	struct policy_field fields[FIELDS_MAX];
	size_t count;
	struct buffer body;
	char *owned[FIELDS_MAX]; /* values made here */
	size_t owned_count;
};

static void add(struct mail *mail, const char *name, const char *value)
{
	assert_true(mail->count < FIELDS_MAX);
	mail->fields[mail->count++] = (struct policy_field){
		.name = name, .value = value, .value_len = strlen(value)
	};
}

static void add_owned(struct mail *mail, const char *name, char *value)
{
	mail->owned[mail->owned_count++] = value;
	add(mail, name, value);
}

static struct mail *mail_new(const char *body)
{
	struct mail *mail = mem_alloc(sizeof(*mail));

	add(mail, "From", " Anna <anna@example.org>");
	add(mail, "To", " bert@example.net");
	add(mail, "Subject", " hello\n\tfolded  ");
	add(mail, "X-Other", " x");
	buffer_append_string(&mail->body, body);
	return mail;
}

static void mail_free(struct mail **mail)
{
	while ((*mail)->owned_count > 0)
		mem_free_string(&(*mail)->owned[--(*mail)->owned_count]);
	buffer_release(&(*mail)->body);
	free(*mail);
	*mail = NULL;
}

static void keep(void *context, const void *data, size_t len)
{
	buffer_append_bytes(context, data, len);
}

static char *encode(const void *data, size_t len)
{
	unsigned char *text = mem_alloc((len + 2) / 3 * 4 + 1);

	(void)EVP_EncodeBlock(text, data, (int)len);
	return (char *)text;
}

/* Of the first octets of the canonical body, or of all. */
static char *body_hash(const struct mail *mail, enum canon canon, size_t length)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	struct buffer text = BUFFER_INIT;
	struct canon_body body;
	unsigned int len;

	canon_body_init(&body, canon, keep, &text);
	canon_body_update(&body, buffer_string(&mail->body), mail->body.len);
	canon_body_finish(&body);
	if (length == 0)
		length = text.len;
	assert_int_equal(EVP_Digest(buffer_string(&text), length, digest, &len,
				    EVP_sha256(), NULL),
			 1);
	buffer_release(&text);
	return encode(digest, len);
}

/* What a signature is to say, and how. */
struct making {
	const char *tags;  /* besides a b bh d h s v; "" for none */
	const char *names; /* h= */
	const char *b;	   /* "b=" */
	enum dkim_algorithm algorithm;
	enum canon header_canon, body_canon;
	size_t length; /* of what is hashed of the body; 0: all */
};

static size_t find_covered(const struct mail *mail, const char *names,
			   const struct policy_field **covered)
{
	bool used[FIELDS_MAX] = { false };
	size_t count = 0, len, i;

	for (; *names != '\0'; names += len + (names[len] == ':')) {
		len = strcspn(names, ":");
		for (i = mail->count; i-- > 0;) {
			const struct policy_field *field = &mail->fields[i];

			if (used[i] || strlen(field->name) != len ||
			    strncasecmp(field->name, names, len) != 0)
				continue;
			used[i] = true;
			covered[count++] = field;
			break;
		}
	}
	return count;
}

/* Signs by hand, as no signer of ours would. */
static char *make(const struct mail *mail, const struct making *making)
{
	static const struct policy_field *covered[FIELDS_MAX];
	struct signer_request request =
		test_request(&keys, making->algorithm, making->header_canon,
			     making->body_canon);
	size_t count = find_covered(mail, making->names, covered);
	char *bh = body_hash(mail, making->body_canon, making->length);
	struct buffer raw = BUFFER_INIT;
	struct error err;
	char *value = mem_printf(
		" v=1; a=%s-sha256; c=%s/%s; d=%s; s=%s;\n\th=%s; %sbh=%s; %s",
		request.selector, canon_name(making->header_canon),
		canon_name(making->body_canon), request.domain,
		request.selector, making->names, making->tags, bh,
		making->b != NULL ? making->b : "b=");
	char *b, *signature;

	assert_int_equal(
		signer_signature(&raw, &request, covered, count, value, &err),
		0);
	b = encode(raw.data, raw.len);
	signature = mem_printf("%s%s", value, b);
	mem_free_string(&b);
	mem_free_string(&bh);
	mem_free_string(&value);
	buffer_release(&raw);
	return signature;
}

/* On top, as signers do. */
static void sign(struct mail *mail, const struct making *making)
{
	char *value = make(mail, making);

	add_owned(mail, "DKIM-Signature", value);
	memmove(mail->fields + 1, mail->fields,
		(mail->count - 1) * sizeof(mail->fields[0]));
	mail->fields[0] = (struct policy_field){ .name = "DKIM-Signature",
						 .value = value,
						 .value_len = strlen(value) };
}

/* The first field of that name, with another value. */
static struct policy_field *
change(struct mail *mail, const char *name, const char *value)
{
	size_t i;

	for (i = 0; strcmp(mail->fields[i].name, name) != 0; i++)
		assert_true(i < mail->count);
	mail->fields[i].value = value;
	mail->fields[i].value_len = strlen(value);
	return &mail->fields[i];
}

static const struct making usual = { .tags = "", .names = "from:to:subject" };

static const char *record_of(const struct verify_signature *signature)
{
	return keys.records[signature->algorithm];
}

/* As the milter does it, the body in pieces of that size. */
static size_t verify(struct mail *mail, struct verify_signature *signatures,
		     const char *record, size_t piece)
{
	const char *records[SIGNATURES_MAX] = { NULL };
	struct verifier *verifier;
	size_t count = 0, i;
	struct error err;

	for (i = 0; i < mail->count; i++) {
		if (strcasecmp(mail->fields[i].name, "DKIM-Signature") != 0)
			continue;
		assert_true(count < SIGNATURES_MAX);
		verify_signature_read(&signatures[count], mail->fields[i].value,
				      TEST_TIME);
		verify_signature_check_header(&signatures[count++],
					      mail->fields, mail->count);
	}
	if (verifier_new(&verifier, signatures, count, mail->fields,
			 mail->count, &err) < 0)
		fail_msg("%s", err.text);
	for (i = 0; i < mail->body.len; i += piece)
		verifier_body(verifier, mail->body.data + i,
			      mail->body.len - i < piece ? mail->body.len - i
							 : piece);
	for (i = 0; i < count; i++) {
		if (signatures[i].result != VERIFY_UNDECIDED)
			continue;
		records[i] =
			record != NULL ? record : record_of(&signatures[i]);
		verify_signature_check_record(&signatures[i], records[i]);
	}
	verifier_finish(verifier, records, 1024);
	verifier_free(&verifier);
	return count;
}

static void expect(struct mail *mail, const char *record,
		   enum verify_result result, const char *reason)
{
	static const size_t pieces[] = { 65535, 1, 7 };
	size_t k;

	for (k = 0; k < ARRAY_SIZE(pieces); k++) {
		struct verify_signature signatures[SIGNATURES_MAX];
		size_t count, i;

		if (pieces[k] == 1 && mail->body.len > 100000)
			continue;
		count = verify(mail, signatures, record, pieces[k]);
		assert_int_not_equal(count, 0);
		for (i = 0; i < count; i++) {
			if (signatures[i].result != result ||
			    strcmp(signatures[i].reason, reason) != 0)
				fail_msg("%s: \"%s\"",
					 verify_result_name(
						 signatures[i].result),
					 signatures[i].reason);
			verify_signature_release(&signatures[i]);
		}
	}
}

/* Every body that the signer's oracle has trouble with, and plain ones. */
static const char *const bodies[] = {
	"",
	"\r\n",
	"Hi.\r\n",
	"Hi.",
	"\r\n\r\n\r\n",
	"Hi.\r\n\r\n\r\n",
	"  a \t b  \t\r\n\t\r\n c\t\r\n",
	".\r\n..\r\n.a\r\n",
	"\xc3\xa4\xff\x80\r\n",
	" \r\n \r\nx",
	"ends in space ",
};

static void honest_signatures_pass(void **state)
{
	size_t i;
	int a, h, b;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bodies); i++) {
		struct mail *mail = mail_new(bodies[i]);

		print_message("body %zu\n", i);
		for (a = 0; a < DKIM_ALGORITHM_COUNT; a++)
			for (h = 0; h < CANON_COUNT; h++)
				for (b = 0; b < CANON_COUNT; b++) {
					struct making making = usual;

					making.algorithm =
						(enum dkim_algorithm)a;
					making.header_canon = (enum canon)h;
					making.body_canon = (enum canon)b;
					sign(mail, &making);
				}
		expect(mail, NULL, VERIFY_PASS, "");
		mail_free(&mail);
	}
}

static void what_was_changed_fails(void **state)
{
	static const char header[] =
		"the header was changed, or the key is another";
	struct mail *mail = mail_new("Hi.\r\n");
	struct making making = usual;

	(void)state;
	making.names = "from:from:to:subject:reply-to";
	sign(mail, &making);
	expect(mail, NULL, VERIFY_PASS, "");
	buffer_append_string(&mail->body, "More.\r\n");
	expect(mail, NULL, VERIFY_FAIL, "the body was changed");
	mail->body.len = 5;
	change(mail, "Subject", " hello");
	expect(mail, NULL, VERIFY_FAIL, header);
	change(mail, "Subject", " hello\n\tfolded  ");
	change(mail, "X-Other", " bert@example.com")->name = "To";
	expect(mail, NULL, VERIFY_POLICY, "1 of 2 To fields are signed");
	mail->fields[4].name = "Reply-To";
	expect(mail, NULL, VERIFY_FAIL, header);
	mail->fields[4].name = "X-Another";
	expect(mail, NULL, VERIFY_PASS, "");
	mail_free(&mail);
}

/* How one signature of a message is judged where libopendkim would err. */
static void what_is_wrong_with_a_signature_is_said(void **state)
{
	static const struct {
		const char *name;
		struct making making;
		enum verify_result result;
		const char *reason;
	} cases[] = {
		{ "a heap overflow: every field is named, and one more",
		  { .tags = "",
		    .names = "from:to:subject:x-other:dkim-signature:cc" },
		  VERIFY_NEUTRAL,
		  "it signs signatures that are not there or malformed" },
		{ "as many again",
		  { .tags = "",
		    .names = "from:to:subject:x-other:from:to:subject:x-other:"
			     "from:to:subject:x-other:from:to:subject" },
		  VERIFY_PASS,
		  "" },
		{ "b= with space before its sign",
		  { .tags = "", .names = "from", .b = "b =" },
		  VERIFY_NEUTRAL,
		  "b= can't be told apart" },
		{ "another tag that ends in b",
		  { .tags = "zb=1; ", .names = "from" },
		  VERIFY_NEUTRAL,
		  "b= can't be told apart" },
		{ "a conditional tag",
		  { .tags = "!cd=example.net; ", .names = "from" },
		  VERIFY_NEUTRAL,
		  "malformed field" },
		{ "a tag that stands twice",
		  { .tags = "d=example.org; ", .names = "from" },
		  VERIFY_NEUTRAL,
		  "malformed field" },
		{ "a tag without a value",
		  { .tags = "x; ", .names = "from" },
		  VERIFY_NEUTRAL,
		  "malformed field" },
		{ "8-bit text in an unknown tag",
		  { .tags = "n=\xc3\xa4; ", .names = "from" },
		  VERIFY_NEUTRAL,
		  "malformed field" },
		{ "VT in a tag",
		  { .tags = "n=\v; ", .names = "from" },
		  VERIFY_NEUTRAL,
		  "malformed field" },
		{ "an unknown tag",
		  { .tags = "n=x; ", .names = "from" },
		  VERIFY_PASS,
		  "" },
		{ "copied fields, which dkim_ohdrs() overflows with",
		  { .tags = "z=From:=7C|=|==|=0|Subject:a|; ",
		    .names = "from" },
		  VERIFY_PASS,
		  "" },
		{ "an identity below the domain",
		  { .tags = "i=a.b@sub.example.org; ", .names = "from" },
		  VERIFY_PASS,
		  "" },
		{ "an identity that is quoted",
		  { .tags = "i=a=20b@example.org; ", .names = "from" },
		  VERIFY_PASS,
		  "" },
		{ "an identity elsewhere",
		  { .tags = "i=a@example.net; ", .names = "from" },
		  VERIFY_NEUTRAL,
		  "i= is not of the domain d=" },
		{ "an identity that only ends like it",
		  { .tags = "i=a@notexample.org; ", .names = "from" },
		  VERIFY_NEUTRAL,
		  "i= is not of the domain d=" },
		{ "an identity without a domain",
		  { .tags = "i=example.org; ", .names = "from" },
		  VERIFY_NEUTRAL,
		  "i= without a domain" },
		{ "From is not signed",
		  { .tags = "", .names = "to:subject" },
		  VERIFY_PERMERROR,
		  "From is not signed" },
		{ "expired",
		  { .tags = "x=1763700000; ", .names = "from" },
		  VERIFY_POLICY,
		  "expired" },
		{ "signed in the future",
		  { .tags = "t=1863772947; ", .names = "from" },
		  VERIFY_POLICY,
		  "signed in the future" },
		{ "ends before it begins",
		  { .tags = "t=1763772947; x=1763772947; ", .names = "from" },
		  VERIFY_NEUTRAL,
		  "t= or x= is no time" },
		{ "a negative time",
		  { .tags = "t=-1; ", .names = "from" },
		  VERIFY_NEUTRAL,
		  "t= or x= is no time" },
		{ "a time beyond all numbers",
		  { .tags = "x=99999999999999999999; ", .names = "from" },
		  VERIFY_NEUTRAL,
		  "t= or x= is no time" },
		{ "a time near the beginning, which underflows",
		  { .tags = "t=1; ", .names = "from" },
		  VERIFY_NEUTRAL,
		  "t= or x= is no time" },
		{ "all of the body by its length",
		  { .tags = "l=5; ", .names = "from" },
		  VERIFY_PASS,
		  "" },
		{ "part of the body",
		  { .tags = "l=2; ", .names = "from", .length = 2 },
		  VERIFY_POLICY,
		  "only 2 octets of the body are signed" },
		{ "more than the body",
		  { .tags = "l=6; ", .names = "from" },
		  VERIFY_FAIL,
		  "the body was cut" },
		{ "a length beyond all numbers",
		  { .tags = "l=99999999999999999999; ", .names = "from" },
		  VERIFY_NEUTRAL,
		  "l= is no length" },
		{ "another way to the key",
		  { .tags = "q=file/txt; ", .names = "from" },
		  VERIFY_NEUTRAL,
		  "the key is not in DNS" },
		{ "one of two ways to the key",
		  { .tags = "q=x/y:dns/txt; ", .names = "from" },
		  VERIFY_PASS,
		  "" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct mail *mail = mail_new("Hi.\r\n");

		print_message("%s\n", cases[i].name);
		sign(mail, &cases[i].making);
		expect(mail, NULL, cases[i].result, cases[i].reason);
		mail_free(&mail);
	}
}

#define TAGS(d, s) " v=1; a=rsa-sha256; d=" d "; s=" s "; h=from; bh=x; b=y"
#define TEN "0123456789"
#define LABEL TEN TEN TEN TEN TEN TEN "012"

static void a_field_that_no_signer_makes_never_passes(void **state)
{
	static const struct {
		const char *name;
		const char *value;
		enum verify_result result;
		const char *reason;
	} cases[] = {
		{ "nothing", "", VERIFY_NEUTRAL, "malformed field" },
		{ "a semicolon", ";", VERIFY_NEUTRAL, "malformed field" },
		{ "two semicolons", " v=1;; a=b", VERIFY_NEUTRAL,
		  "malformed field" },
		{ "no tag but one", " v=1", VERIFY_NEUTRAL, "a= is missing" },
		{ "an empty d=", TAGS("", "s"), VERIFY_NEUTRAL,
		  "d= is missing" },
		{ "an empty s=", TAGS("example.org", ""), VERIFY_NEUTRAL,
		  "s= is missing" },
		{ "a U-label in d=", TAGS("m\xc3\xbcller.example", "s"),
		  VERIFY_NEUTRAL, "malformed field" },
		{ "a U-label in s=", TAGS("example.org", "\xc3\xbc"),
		  VERIFY_NEUTRAL, "malformed field" },
		{ "an empty label", TAGS("example..org", "s"), VERIFY_NEUTRAL,
		  "d= or s= is no domain name in ASCII" },
		{ "a last dot", TAGS("example.org.", "s"), VERIFY_NEUTRAL,
		  "d= or s= is no domain name in ASCII" },
		{ "a percent sign in s=", TAGS("example.org", "%n%s"),
		  VERIFY_NEUTRAL, "d= or s= is no domain name in ASCII" },
		{ "a label of 64 octets", TAGS("a" LABEL ".example", "s"),
		  VERIFY_NEUTRAL, "d= or s= is no domain name in ASCII" },
		{ "a name of 256 octets",
		  TAGS(LABEL "." LABEL "." LABEL, LABEL), VERIFY_NEUTRAL,
		  "d= or s= is no domain name in ASCII" },
		{ "an unknown algorithm",
		  " v=1; a=rsa-md5; d=example.org; s=s; h=from; bh=x; b=y",
		  VERIFY_NEUTRAL, "unknown algorithm" },
		{ "SHA-1",
		  " v=1; a=rsa-sha1; d=example.org; s=s; h=from; bh=x; b=y",
		  VERIFY_POLICY, "rsa-sha1 is no longer good enough" },
		{ "another version",
		  " v=2; a=rsa-sha256; d=example.org; s=s; h=from; bh=x; b=y",
		  VERIFY_NEUTRAL, "unknown version" },
		{ "an unknown canonicalization",
		  TAGS("example.org", "s") "; c=simple/simple/simple",
		  VERIFY_NEUTRAL, "unknown canonicalization" },
		{ "a b= that is no base64",
		  " v=1; a=rsa-sha256; d=example.org; s=s; h=from; bh=x; "
		  "b=!!!",
		  VERIFY_FAIL,
		  "the header was changed, or the key is another" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct mail *mail = mail_new("Hi.\r\n");

		print_message("%s\n", cases[i].name);
		add(mail, "DKIM-Signature", cases[i].value);
		expect(mail, NULL, cases[i].result, cases[i].reason);
		mail_free(&mail);
	}
}

static void fields_beyond_the_librarys_bounds_never_reach_it(void **state)
{
	static const struct {
		const char *name;
		const char *tag;
		size_t len;
		char filler;
		const char *reason;
	} cases[] = {
		{ "a long field", "z=", 20000, 'x', "the field is too long" },
		{ "a long h=", "h=from:", 5000, 'x', "h= too long" },
		{ "h= of colons", "h=from:", 4500, ':', "h= too long" },
		{ "a long i=", "i=@example.org@", 300, 'a', "i= too long" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct mail *mail = mail_new("Hi.\r\n");
		char *filler = mem_alloc(cases[i].len + 1);

		print_message("%s\n", cases[i].name);
		memset(filler, cases[i].filler, cases[i].len);
		add_owned(mail, "DKIM-Signature",
			  mem_printf(" v=1; a=rsa-sha256; d=example.org; s=s; "
				     "bh=x; b=y; %s%s%s",
				     cases[i].tag[0] == 'h' ? "" : "h=from; ",
				     cases[i].tag, filler));
		expect(mail, NULL, VERIFY_NEUTRAL, cases[i].reason);
		mem_free_string(&filler);
		mail_free(&mail);
	}
}

static void a_message_with_not_one_from_is_a_permanent_error(void **state)
{
	struct mail *mail = mail_new("Hi.\r\n");

	(void)state;
	sign(mail, &usual);
	add(mail, "from", " mallory@example.net");
	expect(mail, NULL, VERIFY_PERMERROR, "2 From fields");
	change(mail, "From", " a@example.org")->name = "X-From";
	change(mail, "from", " a@example.org")->name = "X-From";
	expect(mail, NULL, VERIFY_PERMERROR, "0 From fields");
	mail_free(&mail);
}

static void any_from_field_that_is_signed_passes(void **state)
{
	static const char *const values[] = {
		"",
		" ",
		" undisclosed:;",
		" <>",
		" (((((((((",
		" \"",
		" \xff\xfe <a@example.org>",
		" @,@,@:a@example.org",
		"\n\n <a@example.org>",
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(values); i++) {
		struct mail *mail = mail_new("Hi.\r\n");

		print_message("\"%s\"\n", values[i]);
		change(mail, "From", values[i]);
		sign(mail, &usual);
		expect(mail, NULL, VERIFY_PASS, "");
		mail_free(&mail);
	}
}

static void what_verifiers_read_in_different_ways_is_neutral(void **state)
{
	static const char stray[] = "the body has a CR or LF on its own";
	static const char *const strays[] = { "a\rb\r\n", "a\nb\r\n", "a\n",
					      "a\r",	  "\r\r\n",   "\n" };
	static const char *const subjects[] = { " a \v b", " a\f", " a\rb",
						" a\r\n\tb\r" };
	struct mail *mail;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(strays); i++) {
		mail = mail_new(strays[i]);
		sign(mail, &usual);
		expect(mail, NULL, VERIFY_NEUTRAL, stray);
		mail_free(&mail);
	}
	for (i = 0; i < ARRAY_SIZE(subjects); i++) {
		mail = mail_new("Hi.\r\n");
		change(mail, "Subject", subjects[i]);
		sign(mail, &usual);
		expect(mail, NULL, VERIFY_NEUTRAL,
		       "the header has control characters");
		mail_free(&mail);
	}
	mail = mail_new("Hi.\r\n");
	change(mail, "Subject", " a\r\n\tb");
	sign(mail, &usual);
	expect(mail, NULL, VERIFY_PASS, "");
	mail_free(&mail);
}

static void a_word_beyond_the_bound_is_neutral_and_takes_no_memory(void **state)
{
	struct mail *mail = mail_new("");
	struct making making = usual;
	size_t i;

	(void)state;
	making.body_canon = CANON_RELAXED;
	for (i = 0; i < VERIFIER_WORD_MAX; i++)
		buffer_append_char(&mail->body, 'x');
	buffer_append_string(&mail->body, "\r\n");
	sign(mail, &making);
	expect(mail, NULL, VERIFY_PASS, "");
	mail->body.len -= 2;
	buffer_append_string(&mail->body, "x\r\n");
	expect(mail, NULL, VERIFY_NEUTRAL, "the body has a word of over 1 MiB");
	mail_free(&mail);
}

static void large_headers_and_odd_names_do_no_harm(void **state)
{
	struct mail *mail = mail_new("Hi.\r\n");
	struct making making = { .tags = "",
				 .names = "from:x-many:x-many:x-many:x-long" };
	char *name = mem_alloc(6000), *value = mem_alloc(900001);
	size_t i;

	(void)state;
	memset(name, 'n', 5999);
	memset(value, 'v', 900000);
	value[0] = ' ';
	add(mail, name, " x");
	add(mail, "X-Long", value);
	add(mail, "a;b", " x");
	add(mail, "\xc3\xa4", " x");
	add(mail, "", " x");
	for (i = 0; i < 1990; i++)
		add(mail, "X-Many", " x");
	sign(mail, &making);
	making.names = name;
	expect(mail, NULL, VERIFY_PASS, "");
	mem_free_string(&name);
	mem_free_string(&value);
	mail_free(&mail);
}

static void signatures_over_signatures_are_judged_with_care(void **state)
{
	struct verify_signature signatures[SIGNATURES_MAX];
	struct mail *mail = mail_new("Hi.\r\n");
	struct making over = { .tags = "", .names = "from:dkim-signature" };

	(void)state;
	sign(mail, &usual);
	sign(mail, &over);
	expect(mail, NULL, VERIFY_PASS, "");
	/* The first, which the second covers, has a=rsa-sha1 now. */
	mail->fields[1].value =
		" v=1; a=rsa-sha1; d=example.org; s=s; h=from; bh=x; b=y";
	mail->fields[1].value_len = strlen(mail->fields[1].value);
	assert_int_equal(verify(mail, signatures, NULL, 100), 2);
	assert_int_equal(signatures[1].result, VERIFY_POLICY);
	assert_int_equal(signatures[0].result, VERIFY_NEUTRAL);
	assert_string_equal(
		signatures[0].reason,
		"it signs signatures that are not there or malformed");
	verify_signature_release(&signatures[0]);
	verify_signature_release(&signatures[1]);
	mail_free(&mail);
}

static void what_is_wrong_with_a_key_is_said(void **state)
{
	static const struct {
		const char *name;
		const char *record; /* %s: the good one's p= */
		enum verify_result result;
		const char *reason;
	} cases[] = {
		{ "as it should be", "v=DKIM1; k=rsa; p=%s", VERIFY_PASS, "" },
		{ "only a key", "p=%s", VERIFY_PASS, "" },
		{ "the domain is testing", "v=DKIM1; t=y; p=%s", VERIFY_PASS,
		  "its domain is testing" },
		{ "of the hash", "v=DKIM1; h=sha1:sha256; p=%s", VERIFY_PASS,
		  "" },
		{ "of another hash", "v=DKIM1; h=sha1; p=%s", VERIFY_PERMERROR,
		  "the key: signature-key hash mismatch" },
		{ "for another service", "v=DKIM1; s=tlsrpt; p=%s",
		  VERIFY_PERMERROR, "the key: not an e-mail key" },
		{ "of another version", "v=DKIM2; p=%s", VERIFY_PERMERROR,
		  "the key: unknown key version" },
		{ "revoked", "v=DKIM1; p=", VERIFY_PERMERROR,
		  "the key was revoked" },
		{ "no key", "v=DKIM1; k=rsa", VERIFY_PERMERROR,
		  "the record has no key" },
		{ "no record of DKIM", "v=spf1 -all", VERIFY_PERMERROR,
		  "the record has no key" },
		{ "nothing", "", VERIFY_PERMERROR, "malformed key record" },
		{ "of another algorithm", "v=DKIM1; k=ed25519; p=%s",
		  VERIFY_PERMERROR, "the key is of another algorithm" },
		{ "of no algorithm", "v=DKIM1; k=x; p=%s", VERIFY_PERMERROR,
		  "the key is of another algorithm" },
		{ "no base64", "v=DKIM1; p=***", VERIFY_PERMERROR,
		  "the key: unable to apply public key" },
		{ "not a key", "v=DKIM1; p=QUJD", VERIFY_PERMERROR,
		  "the key: unable to apply public key" },
	};
	struct mail *mail = mail_new("Hi.\r\n");
	const char *good = strstr(keys.records[DKIM_RSA_SHA256], "p=") + 2;
	size_t i;

	(void)state;
	sign(mail, &usual);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *p = strstr(cases[i].record, "%s");
		char *record = p != NULL
				       ? mem_printf("%.*s%s",
						    (int)(p - cases[i].record),
						    cases[i].record, good)
				       : mem_strdup(cases[i].record);

		print_message("%s\n", cases[i].name);
		expect(mail, record, cases[i].result, cases[i].reason);
		mem_free_string(&record);
	}
	mail_free(&mail);
}

static void a_record_beyond_the_bound_is_a_permanent_error(void **state)
{
	struct mail *mail = mail_new("Hi.\r\n");
	char record[1100];

	(void)state;
	sign(mail, &usual);
	memset(record, 'A', sizeof(record));
	memcpy(record, "v=DKIM1; p=", 11);
	record[sizeof(record) - 1] = '\0';
	expect(mail, record, VERIFY_PERMERROR, "the key record is too long");
	mail_free(&mail);
}

/* RFC 8301 3.2. */
static void a_small_rsa_key_does_not_count(void **state)
{
	struct signing_key *good = keys.ready[DKIM_RSA_SHA256];
	struct mail *mail = mail_new("Hi.\r\n");
	EVP_PKEY *pkey = EVP_RSA_gen(768);
	unsigned char *der = NULL;
	char *p, *record;
	struct error err;
	int len;

	(void)state;
	assert_int_equal(signing_key_new(&keys.ready[DKIM_RSA_SHA256], pkey,
					 DKIM_RSA_SHA256, &err),
			 0);
	sign(mail, &usual);
	len = i2d_PUBKEY(pkey, &der);
	assert_true(len > 0);
	p = encode(der, (size_t)len);
	record = mem_printf("v=DKIM1; p=%s", p);
	expect(mail, record, VERIFY_POLICY, "the key has only 768 bits");
	OPENSSL_free(der);
	mem_free_string(&p);
	mem_free_string(&record);
	EVP_PKEY_free(pkey);
	signing_key_release(&keys.ready[DKIM_RSA_SHA256]);
	keys.ready[DKIM_RSA_SHA256] = good;
	mail_free(&mail);
}

static int prepare(void **state)
{
	struct error err;

	(void)state;
	test_keys_init(&keys);
	return verifier_prepare(&err);
}

static int clean_up(void **state)
{
	(void)state;
	test_keys_release(&keys);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(honest_signatures_pass),
		cmocka_unit_test(what_was_changed_fails),
		cmocka_unit_test(what_is_wrong_with_a_signature_is_said),
		cmocka_unit_test(a_field_that_no_signer_makes_never_passes),
		cmocka_unit_test(
			fields_beyond_the_librarys_bounds_never_reach_it),
		cmocka_unit_test(
			a_message_with_not_one_from_is_a_permanent_error),
		cmocka_unit_test(any_from_field_that_is_signed_passes),
		cmocka_unit_test(
			what_verifiers_read_in_different_ways_is_neutral),
		cmocka_unit_test(
			a_word_beyond_the_bound_is_neutral_and_takes_no_memory),
		cmocka_unit_test(large_headers_and_odd_names_do_no_harm),
		cmocka_unit_test(
			signatures_over_signatures_are_judged_with_care),
		cmocka_unit_test(what_is_wrong_with_a_key_is_said),
		cmocka_unit_test(
			a_record_beyond_the_bound_is_a_permanent_error),
		cmocka_unit_test(a_small_rsa_key_does_not_count),
	};

	return cmocka_run_group_tests(tests, prepare, clean_up);
}
