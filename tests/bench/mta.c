#include "tests/bench/mta.h"

#include <err.h>
#include <stdbool.h>
#include <string.h>
#include <sysexits.h>

#include <arpa/inet.h>
#include <libmilter/mfapi.h>
#include <libmilter/mfdef.h>

/* Postfix 3.7 and 3.10. */
#define OFFERED_ACTIONS 0x1ffU
#define OFFERED_STEPS 0x1fffffU
#define BODY_PIECE 65535U

#define CLIENT_NAME "client.example.net"
#define CLIENT_ADDRESS "198.51.100.7"
#define RECIPIENT "max@example.net"

struct macro {
	const char *name;
	const char *value;
};

/* What Postfix knows; "i" only from the first recipient on. */
static const struct macro known[] = {
	{ "j", "mail.example.org" },
	{ "v", "Postfix 3.10.1" },
	{ "_", CLIENT_NAME " [" CLIENT_ADDRESS "]" },
	{ "{auth_type}", "PLAIN" },
	{ "{cipher}", "TLS_AES_256_GCM_SHA384" },
	{ "{cipher_bits}", "256" },
	{ "{client_addr}", CLIENT_ADDRESS },
	{ "{client_connections}", "1" },
	{ "{client_name}", CLIENT_NAME },
	{ "{client_port}", "49152" },
	{ "{client_ptr}", CLIENT_NAME },
	{ "{daemon_addr}", "192.0.2.1" },
	{ "{daemon_name}", "mail.example.org" },
	{ "{daemon_port}", "587" },
	{ "{mail_host}", "mail.example.org" },
	{ "{mail_mailer}", "local" },
	{ "{rcpt_addr}", RECIPIENT },
	{ "{rcpt_host}", "example.net" },
	{ "{rcpt_mailer}", "smtp" },
	{ "{tls_version}", "TLSv1.3" },
};

/* What it tells if the filter asks for nothing special at a stage. */
static const char *const default_macros[MTA_STAGES] = {
	[SMFIM_CONNECT] = "j {daemon_name} {daemon_addr} v _",
	[SMFIM_HELO] = "{tls_version} {cipher} {cipher_bits} {cert_subject} "
		       "{cert_issuer}",
	[SMFIM_ENVFROM] = "i {auth_type} {auth_authen} {auth_author} "
			  "{mail_addr} {mail_host} {mail_mailer}",
	[SMFIM_ENVRCPT] = "i {rcpt_addr} {rcpt_host} {rcpt_mailer}",
	[SMFIM_DATA] = "i",
	[SMFIM_EOM] = "i",
	[SMFIM_EOH] = "i",
};

/* A stage: its macros, and the bits by which a filter waives it. */
struct stage {
	int macros;
	char command;
	uint32_t skip;
	uint32_t no_reply;
};

static const struct stage stage_connect = { SMFIM_CONNECT, SMFIC_CONNECT,
					    SMFIP_NOCONNECT, SMFIP_NR_CONN };
static const struct stage stage_helo = { SMFIM_HELO, SMFIC_HELO, SMFIP_NOHELO,
					 SMFIP_NR_HELO };
static const struct stage stage_mail = { SMFIM_ENVFROM, SMFIC_MAIL,
					 SMFIP_NOMAIL, SMFIP_NR_MAIL };
static const struct stage stage_rcpt = { SMFIM_ENVRCPT, SMFIC_RCPT,
					 SMFIP_NORCPT, SMFIP_NR_RCPT };
static const struct stage stage_data = { SMFIM_DATA, SMFIC_DATA, SMFIP_NODATA,
					 SMFIP_NR_DATA };
static const struct stage stage_header = { -1, SMFIC_HEADER, SMFIP_NOHDRS,
					   SMFIP_NR_HDR };
static const struct stage stage_end_of_header = { SMFIM_EOH, SMFIC_EOH,
						  SMFIP_NOEOH, SMFIP_NR_EOH };
static const struct stage stage_body = { -1, SMFIC_BODY, SMFIP_NOBODY,
					 SMFIP_NR_BODY };
static const struct stage stage_end_of_message = { SMFIM_EOM, SMFIC_BODYEOB, 0,
						   0 };

static void get_macros(struct mta *mta, size_t at)
{
	while (at < mta->wire.in.len) {
		uint32_t stage = wire_get_number(&mta->wire, at);
		const char *names = mta->wire.in.data + at + sizeof(stage);
		size_t len = strlen(names);

		if (stage >= MTA_STAGES || len >= MTA_MACROS_SIZE)
			errx(EX_PROTOCOL, "the filter asks for macros that "
					  "Postfix does not have");
		memcpy(mta->macros[stage], names, len + 1);
		at += sizeof(stage) + len + 1;
	}
}

static void negotiate(struct mta *mta)
{
	size_t start = wire_begin(&mta->wire, SMFIC_OPTNEG);

	wire_put_number(&mta->wire, SMFI_PROT_VERSION);
	wire_put_number(&mta->wire, OFFERED_ACTIONS);
	wire_put_number(&mta->wire, OFFERED_STEPS);
	wire_end(&mta->wire, start);
	if (wire_receive(&mta->wire) != SMFIC_OPTNEG)
		errx(EX_PROTOCOL, "the filter does not negotiate");
	mta->actions = wire_get_number(&mta->wire, 5);
	mta->steps = wire_get_number(&mta->wire, 9);
	get_macros(mta, 13);
	if ((mta->actions & ~OFFERED_ACTIONS) != 0 ||
	    (mta->steps & ~OFFERED_STEPS) != 0)
		errx(EX_PROTOCOL, "the filter takes what is not offered");
}

/* NULL where Postfix does not know it then; message NULL before MAIL. */
static const char *
macro_value(const struct mta_message *message, int stage, const char *name)
{
	size_t i;

	if (message != NULL && strcmp(name, "{auth_authen}") == 0)
		return message->login;
	if (message != NULL && strcmp(name, "{mail_addr}") == 0)
		return message->mail_from;
	if (strcmp(name, "i") == 0)
		return stage > SMFIM_ENVFROM ? message->queue_id : NULL;
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(known[i].name, name) == 0)
			return known[i].value;
	}
	return NULL;
}

/* Sent whether or not the filter wants to see the stage itself. */
static void put_macros(struct mta *mta, const struct mta_message *message,
		       const struct stage *stage)
{
	const char *asked = mta->macros[stage->macros];
	char names[MTA_MACROS_SIZE], *rest = names, *name;
	size_t start = wire_begin(&mta->wire, SMFIC_MACRO);

	if (asked[0] == '\0')
		asked = default_macros[stage->macros];
	memcpy(names, asked, strlen(asked) + 1);
	buffer_append_char(&mta->wire.out, stage->command);
	while ((name = strsep(&rest, " ")) != NULL) {
		const char *value = macro_value(message, stage->macros, name);

		if (value == NULL)
			continue;
		wire_put_string(&mta->wire, name);
		wire_put_string(&mta->wire, value);
	}
	wire_end(&mta->wire, start);
}

/* False if the filter decides; *answer_r says what. */
static bool
goes_on(struct mta *mta, const struct stage *stage, enum mta_answer *answer_r)
{
	char command;

	if ((mta->steps & stage->no_reply) != 0)
		return true;
	do { /* it changes the message, or is not done yet */
		command = wire_receive(&mta->wire);
	} while (strchr("+-2behmip", command) != NULL);
	switch (command) {
	case SMFIR_CONTINUE:
		*answer_r = MTA_ACCEPTED;
		return true;
	case SMFIR_ACCEPT:
		*answer_r = MTA_ACCEPTED;
		return false;
	case SMFIR_REJECT:
		*answer_r = MTA_REJECTED;
		return false;
	case SMFIR_TEMPFAIL:
		*answer_r = MTA_DEFERRED;
		return false;
	case SMFIR_REPLYCODE:
		*answer_r = mta->wire.in.data[1] == '5' ? MTA_REJECTED
							: MTA_DEFERRED;
		return false;
	default:
		errx(EX_PROTOCOL, "the filter answers \"%c\"", command);
	}
}

/* One with its macros and one string, or NULL; as goes_on(). */
static bool tell(struct mta *mta, const struct mta_message *message,
		 const struct stage *stage, const char *text,
		 enum mta_answer *answer_r)
{
	size_t start;

	put_macros(mta, message, stage);
	if ((mta->steps & stage->skip) != 0)
		return true;
	start = wire_begin(&mta->wire, stage->command);
	if (text != NULL)
		wire_put_string(&mta->wire, text);
	wire_end(&mta->wire, start);
	return goes_on(mta, stage, answer_r);
}

static bool tell_header(struct mta *mta, const struct mta_message *message,
			enum mta_answer *answer_r)
{
	size_t i;

	if ((mta->steps & stage_header.skip) != 0)
		return true;
	for (i = 0; i < message->count; i++) {
		size_t start = wire_begin(&mta->wire, stage_header.command);

		wire_put_string(&mta->wire, message->fields[i].name);
		if ((mta->steps & SMFIP_HDR_LEADSPC) != 0)
			buffer_append_char(&mta->wire.out, ' ');
		wire_put_string(&mta->wire, message->fields[i].value);
		wire_end(&mta->wire, start);
		if (!goes_on(mta, &stage_header, answer_r))
			return false;
	}
	return true;
}

static bool tell_body(struct mta *mta, const struct mta_message *message,
		      enum mta_answer *answer_r)
{
	size_t at, len;

	if ((mta->steps & stage_body.skip) != 0)
		return true;
	for (at = 0; at < message->body_len; at += len) {
		size_t start = wire_begin(&mta->wire, stage_body.command);

		len = message->body_len - at;
		len = len < BODY_PIECE ? len : BODY_PIECE;
		buffer_append_bytes(&mta->wire.out, message->body + at, len);
		wire_end(&mta->wire, start);
		if (!goes_on(mta, &stage_body, answer_r))
			return false;
	}
	return true;
}

static bool tell_envelope(struct mta *mta, const struct mta_message *message,
			  enum mta_answer *answer_r)
{
	struct buffer path = BUFFER_INIT;
	bool on;

	buffer_printf(&path, "<%s>", message->mail_from);
	on = tell(mta, message, &stage_mail, buffer_string(&path), answer_r) &&
	     tell(mta, message, &stage_rcpt, "<" RECIPIENT ">", answer_r) &&
	     tell(mta, message, &stage_data, NULL, answer_r);
	buffer_release(&path);
	/* It is another process of Postfix that sends the rest. */
	wire_flush(&mta->wire);
	return on;
}

enum mta_answer mta_send(struct mta *mta, const struct mta_message *message)
{
	enum mta_answer answer = MTA_ACCEPTED;

	(void)(tell_envelope(mta, message, &answer) &&
	       tell_header(mta, message, &answer) &&
	       tell(mta, message, &stage_end_of_header, NULL, &answer) &&
	       tell_body(mta, message, &answer) &&
	       tell(mta, message, &stage_end_of_message, NULL, &answer));
	/* So Postfix ends each message; it goes out with what comes next. */
	wire_put_command(&mta->wire, SMFIC_ABORT);
	return answer;
}

static bool tell_client(struct mta *mta, enum mta_answer *answer_r)
{
	size_t start;

	put_macros(mta, NULL, &stage_connect);
	if ((mta->steps & stage_connect.skip) == 0) {
		uint16_t port = htons(49152);

		start = wire_begin(&mta->wire, stage_connect.command);
		wire_put_string(&mta->wire, CLIENT_NAME);
		buffer_append_char(&mta->wire.out, SMFIA_INET);
		buffer_append_bytes(&mta->wire.out, &port, sizeof(port));
		wire_put_string(&mta->wire, CLIENT_ADDRESS);
		wire_end(&mta->wire, start);
		if (!goes_on(mta, &stage_connect, answer_r))
			return false;
	}
	return tell(mta, NULL, &stage_helo, CLIENT_NAME, answer_r);
}

void mta_open(struct mta *mta_r, const char *socket_path)
{
	enum mta_answer answer;

	memset(mta_r, 0, sizeof(*mta_r));
	wire_open(&mta_r->wire, socket_path);
	negotiate(mta_r);
	if (!tell_client(mta_r, &answer))
		errx(EX_PROTOCOL, "the filter decides before MAIL");
}

void mta_close(struct mta *mta)
{
	wire_put_command(&mta->wire, SMFIC_QUIT);
	wire_flush(&mta->wire);
	wire_close(&mta->wire);
}
