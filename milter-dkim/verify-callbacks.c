#include "milter-dkim/verify-callbacks.h"

#include "common/milter-callbacks.h"
#include "common/shared.h"
#include "milter-dkim/verify-session.h"
#include "milter-dkim/verify-settings.h"

#include <stddef.h>
#include <time.h>

#include <libmilter/mfapi.h>

/* libmilter takes no const. */
static char field_name[] = "Authentication-Results";

static struct shared_place place = SHARED_PLACE_INIT;

void verify_callbacks_use(struct verify_settings *settings)
{
	shared_place_put(&place, settings != NULL ? &settings->shared : NULL);
}

/* Body replies tell when no more of it is wanted. */
unsigned long verify_callbacks_steps(void)
{
	return SMFIP_NORCPT | SMFIP_SKIP;
}

static struct verify_session *session_of(SMFICTX *ctx)
{
	struct verify_session *session = smfi_getpriv(ctx);

	if (session == NULL) {
		session = verify_session_new();
		(void)smfi_setpriv(ctx, session);
	}
	return session;
}

static sfsistat status_from(SMFICTX *ctx, struct verify_session *session,
			    enum verify_session_result result)
{
	sfsistat status = SMFIS_TEMPFAIL;

	switch (result) {
	case VERIFY_SESSION_GO_ON:
		return SMFIS_CONTINUE;
	case VERIFY_SESSION_LEAVE:
		status = SMFIS_ACCEPT;
		break;
	case VERIFY_SESSION_ANSWER:
		status = milter_answer(ctx, verify_session_verdict(session));
		break;
	}
	verify_session_reset(session);
	return status;
}

static sfsistat on_mail(SMFICTX *ctx, char **args)
{
	struct verify_session *session = session_of(ctx);
	struct verify_settings *settings =
		(struct verify_settings *)shared_place_hold(&place);

	(void)args;
	return status_from(ctx, session,
			   verify_session_mail(session, settings,
					       milter_login(ctx),
					       milter_client_address(ctx),
					       milter_host(ctx)));
}

static sfsistat on_header(SMFICTX *ctx, char *name, char *value)
{
	verify_session_header(session_of(ctx), name, value);
	return SMFIS_NOREPLY;
}

static sfsistat on_end_of_header(SMFICTX *ctx)
{
	struct verify_session *session = session_of(ctx);

	return status_from(ctx, session,
			   verify_session_end_of_header(
				   session, milter_queue_id(ctx), time(NULL)));
}

static sfsistat on_body(SMFICTX *ctx, unsigned char *data, size_t len)
{
	return verify_session_body(session_of(ctx), data, len) ? SMFIS_CONTINUE
							       : SMFIS_SKIP;
}

static int remove_field(void *context, int number)
{
	return smfi_chgheader(context, field_name, number, NULL) == MI_SUCCESS
		       ? 0
		       : -1;
}

/* Above the Received: that Postfix has put on top. */
static int insert_field(void *context, char *value)
{
	return smfi_insheader(context, 0, field_name, value) == MI_SUCCESS ? 0
									   : -1;
}

static sfsistat on_end_of_message(SMFICTX *ctx)
{
	struct verify_session *session = session_of(ctx);
	const struct verify_session_edit edit = { .remove = remove_field,
						  .insert = insert_field,
						  .context = ctx };

	return status_from(ctx, session, verify_session_end(session, &edit));
}

static sfsistat on_abort(SMFICTX *ctx)
{
	verify_session_reset(session_of(ctx));
	return SMFIS_CONTINUE;
}

static sfsistat on_close(SMFICTX *ctx)
{
	struct verify_session *session = smfi_getpriv(ctx);

	verify_session_free(&session);
	(void)smfi_setpriv(ctx, NULL);
	return SMFIS_CONTINUE;
}

const unsigned long verify_callbacks_actions = SMFIF_ADDHDRS | SMFIF_CHGHDRS;

const struct smfiDesc verify_callbacks = {
	.xxfi_envfrom = on_mail,
	.xxfi_header = on_header,
	.xxfi_eoh = on_end_of_header,
	.xxfi_body = on_body,
	.xxfi_eom = on_end_of_message,
	.xxfi_abort = on_abort,
	.xxfi_close = on_close,
};
