#include "milter-sender-check/callbacks.h"

#include "common/log.h"
#include "common/mem.h"
#include "common/milter-callbacks.h"
#include "common/path.h"
#include "common/policy.h"
#include "common/shared.h"
#include "milter-sender-check/rate-check.h"
#include "milter-sender-check/rate.h"
#include "milter-sender-check/session.h"
#include "milter-sender-check/settings.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include <libmilter/mfapi.h>

/* libmilter takes no const. */
static char field_name[] = "Sender";

static struct shared_place place = SHARED_PLACE_INIT;

/* Of all connections, and whatever settings come and go. */
static struct rate *rate;

void callbacks_use(struct settings *settings)
{
	if (settings == NULL)
		rate_free(&rate);
	else if (rate == NULL)
		rate = rate_new();
	shared_place_put(&place, settings != NULL ? &settings->shared : NULL);
}

static struct settings *hold_settings(void)
{
	return (struct settings *)shared_place_hold(&place);
}

/* Recipients are told where they are limited only. */
unsigned long callbacks_steps(void)
{
	struct settings *settings = hold_settings();
	bool counted = rate_counts_recipients(&settings->limits);

	settings_release(&settings);
	return SMFIP_NOBODY | (counted ? SMFIP_NR_RCPT : SMFIP_NORCPT);
}

static struct session *session_of(SMFICTX *ctx)
{
	struct session *session = smfi_getpriv(ctx);

	if (session == NULL) {
		session = session_new(rate);
		(void)smfi_setpriv(ctx, session);
	}
	return session;
}

static sfsistat on_mail(SMFICTX *ctx, char **args)
{
	struct session *session = session_of(ctx);
	const struct path_client client = {
		.login = milter_login(ctx),
		.address = milter_client_address(ctx),
		.port = milter_client_port(ctx),
	};
	struct policy_verdict *verdict = session_mail(
		session, hold_settings(), &client, milter_host(ctx),
		milter_reverse_path(args), time(NULL));

	if (verdict != NULL)
		return milter_answer(ctx, verdict);
	return session_is_open(session) ? SMFIS_CONTINUE : SMFIS_ACCEPT;
}

static sfsistat on_recipient(SMFICTX *ctx, char **args)
{
	(void)args;
	session_recipient(session_of(ctx));
	return SMFIS_NOREPLY;
}

static sfsistat on_header(SMFICTX *ctx, char *name, char *value)
{
	session_header(session_of(ctx), name, value);
	return SMFIS_NOREPLY;
}

/* A field can be added at the end of the message only. */
static sfsistat on_end_of_header(SMFICTX *ctx)
{
	struct session *session = session_of(ctx);
	struct policy_verdict *verdict = session_end_of_header(
		session, milter_queue_id(ctx), time(NULL));
	sfsistat status =
		verdict != NULL ? milter_answer(ctx, verdict) : SMFIS_ACCEPT;

	if (verdict == NULL && session_added_sender(session) != NULL)
		return SMFIS_CONTINUE;
	session_reset(session);
	return status;
}

static sfsistat add_sender(SMFICTX *ctx, const char *sender)
{
	/* Fields come with their leading space here, and go with it. */
	char *value = mem_printf(" %s", sender);
	int result = smfi_addheader(ctx, field_name, value);

	mem_free_string(&value);
	if (result == MI_SUCCESS)
		return SMFIS_ACCEPT;
	log_error("%s: the MTA does not take the Sender field to be added",
		  milter_queue_id(ctx));
	return SMFIS_TEMPFAIL;
}

/* Comes after the end of the header where a field is to be added, or without
 * that at all. */
static sfsistat on_end_of_message(SMFICTX *ctx)
{
	struct session *session = session_of(ctx);
	const char *sender = session_added_sender(session);
	sfsistat status;

	if (sender == NULL)
		return on_end_of_header(ctx);
	status = add_sender(ctx, sender);
	session_reset(session);
	return status;
}

static sfsistat on_abort(SMFICTX *ctx)
{
	session_reset(session_of(ctx));
	return SMFIS_CONTINUE;
}

static sfsistat on_close(SMFICTX *ctx)
{
	struct session *session = smfi_getpriv(ctx);

	session_free(&session);
	(void)smfi_setpriv(ctx, NULL);
	return SMFIS_CONTINUE;
}

const unsigned long callbacks_actions = SMFIF_ADDHDRS;

const struct smfiDesc callbacks = {
	.xxfi_envfrom = on_mail,
	.xxfi_envrcpt = on_recipient,
	.xxfi_header = on_header,
	.xxfi_eoh = on_end_of_header,
	.xxfi_eom = on_end_of_message,
	.xxfi_abort = on_abort,
	.xxfi_close = on_close,
};
