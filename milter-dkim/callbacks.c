#include "milter-dkim/callbacks.h"

#include "common/milter-callbacks.h"
#include "common/path.h"
#include "common/shared.h"
#include "milter-dkim/edit.h"
#include "milter-dkim/session.h"
#include "milter-dkim/settings.h"

#include <stddef.h>
#include <time.h>

#include <libmilter/mfapi.h>

static struct shared_place place = SHARED_PLACE_INIT;

void callbacks_use(struct settings *settings)
{
	shared_place_put(&place, settings != NULL ? &settings->shared : NULL);
}

struct settings *callbacks_hold_settings(void)
{
	return (struct settings *)shared_place_hold(&place);
}

/*
 * The end of the header is answered, so that a body that is not to be signed is
 * not read.
 */
unsigned long callbacks_steps(void)
{
	return SMFIP_NORCPT | SMFIP_NR_BODY;
}

static struct session *session_of(SMFICTX *ctx)
{
	struct session *session = smfi_getpriv(ctx);

	if (session == NULL) {
		session = session_new();
		(void)smfi_setpriv(ctx, session);
	}
	return session;
}

static sfsistat
status_from(SMFICTX *ctx, struct session *session, enum session_result result)
{
	sfsistat status = SMFIS_TEMPFAIL;

	switch (result) {
	case SESSION_GO_ON:
		return SMFIS_CONTINUE;
	case SESSION_LEAVE:
		status = SMFIS_ACCEPT;
		break;
	case SESSION_ANSWER:
		status = milter_answer(ctx, session_verdict(session));
		break;
	}
	session_reset(session);
	return status;
}

static sfsistat on_mail(SMFICTX *ctx, char **args)
{
	const struct path_client client = {
		.login = milter_login(ctx),
		.address = milter_client_address(ctx),
		.port = milter_client_port(ctx),
	};

	return session_mail(session_of(ctx), callbacks_hold_settings(), &client,
			    milter_host(ctx), milter_reverse_path(args))
		       ? SMFIS_CONTINUE
		       : SMFIS_ACCEPT;
}

static sfsistat on_header(SMFICTX *ctx, char *name, char *value)
{
	session_header(session_of(ctx), name, value);
	return SMFIS_NOREPLY;
}

static sfsistat on_end_of_header(SMFICTX *ctx)
{
	struct session *session = session_of(ctx);

	return status_from(ctx, session,
			   session_end_of_header(session, milter_queue_id(ctx),
						 time(NULL)));
}

static sfsistat on_body(SMFICTX *ctx, unsigned char *data, size_t len)
{
	session_body(session_of(ctx), data, len);
	return SMFIS_NOREPLY;
}

static sfsistat on_end_of_message(SMFICTX *ctx)
{
	struct session *session = session_of(ctx);

	return status_from(ctx, session,
			   session_end(session, &edit_milter, ctx));
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

const unsigned long callbacks_actions =
	SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_CHGBODY;

const struct smfiDesc callbacks = {
	.xxfi_envfrom = on_mail,
	.xxfi_header = on_header,
	.xxfi_eoh = on_end_of_header,
	.xxfi_body = on_body,
	.xxfi_eom = on_end_of_message,
	.xxfi_abort = on_abort,
	.xxfi_close = on_close,
};
