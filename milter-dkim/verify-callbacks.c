#include "milter-dkim/verify-callbacks.h"

#include "common/log.h"
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

/*
 * Whose mail is passed over must not depend on the MTA's configuration: login
 * and client are asked for here. Without the leading space "simple" could not
 * be verified. Body replies tell when no more of it is wanted.
 */
static sfsistat
on_negotiate(SMFICTX *ctx, unsigned long mta_actions, unsigned long mta_steps,
	     unsigned long mta_2, unsigned long mta_3, unsigned long *actions_r,
	     unsigned long *steps_r, unsigned long *reserved_2_r,
	     unsigned long *reserved_3_r)
{
	const unsigned long needed = SMFIP_HDR_LEADSPC | SMFIP_SKIP;

	(void)mta_2;
	(void)mta_3;
	if ((mta_actions & verify_callbacks_actions) !=
		    verify_callbacks_actions ||
	    (mta_steps & needed) != needed ||
	    !milter_ask_macros(ctx, mta_actions)) {
		log_error("the MTA lacks what verifying needs (SMFIF_ADDHDRS, "
			  "SMFIF_CHGHDRS, SMFIF_SETSYMLIST, SMFIP_SKIP, "
			  "SMFIP_HDR_LEADSPC); Postfix 2.6 or later has it, "
			  "with its default milter_protocol");
		return SMFIS_REJECT;
	}
	*actions_r = verify_callbacks_actions;
	*steps_r = SMFIP_NOCONNECT | SMFIP_NOHELO | SMFIP_NORCPT |
		   SMFIP_NODATA | SMFIP_NOUNKNOWN | SMFIP_NR_HDR | needed;
	*reserved_2_r = 0;
	*reserved_3_r = 0;
	return SMFIS_CONTINUE;
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

const unsigned long verify_callbacks_actions =
	SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_SETSYMLIST;

const struct smfiDesc verify_callbacks = {
	.xxfi_negotiate = on_negotiate,
	.xxfi_envfrom = on_mail,
	.xxfi_header = on_header,
	.xxfi_eoh = on_end_of_header,
	.xxfi_body = on_body,
	.xxfi_eom = on_end_of_message,
	.xxfi_abort = on_abort,
	.xxfi_close = on_close,
};
