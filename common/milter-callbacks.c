#include "common/milter-callbacks.h"

#include "common/log.h"
#include "common/policy.h"

#include <stddef.h>
#include <string.h>

#include <libmilter/mfapi.h>

/* libmilter takes no const. */
static char macro_login[] = "{auth_authen}";
static char macro_client_address[] = "{client_addr}";
static char macro_client_port[] = "{client_port}";
static char macro_host[] = "j";
static char macro_queue_id[] = "i";
static char macros_mail[] = "{auth_authen} {client_addr} {client_port} j";

bool milter_ask_macros(struct smfi_str *ctx)
{
	return smfi_setsymlist(ctx, SMFIM_ENVFROM, macros_mail) == MI_SUCCESS &&
	       smfi_setsymlist(ctx, SMFIM_EOH, macro_queue_id) == MI_SUCCESS;
}

const char *milter_login(struct smfi_str *ctx)
{
	const char *login = smfi_getsymval(ctx, macro_login);

	return login != NULL && login[0] != '\0' ? login : NULL;
}

const char *milter_client_address(struct smfi_str *ctx)
{
	return smfi_getsymval(ctx, macro_client_address);
}

const char *milter_client_port(struct smfi_str *ctx)
{
	return smfi_getsymval(ctx, macro_client_port);
}

const char *milter_host(struct smfi_str *ctx)
{
	return smfi_getsymval(ctx, macro_host);
}

const char *milter_reverse_path(char **args)
{
	char *path = args[0];
	size_t len = strlen(path);

	if (len < 2 || path[0] != '<' || path[len - 1] != '>')
		return path;
	path[len - 1] = '\0';
	return path + 1;
}

const char *milter_queue_id(struct smfi_str *ctx)
{
	const char *queue_id = smfi_getsymval(ctx, macro_queue_id);

	return queue_id != NULL ? queue_id : "NOQUEUE";
}

int milter_answer(struct smfi_str *ctx, struct policy_verdict *verdict)
{
	char text[2 * sizeof(verdict->text)];
	size_t used = 0;
	const char *c;

	if (verdict->result == POLICY_PASS)
		return SMFIS_CONTINUE;
	/* The MTA takes it as a format, and libmilter at most 980 octets. */
	for (c = verdict->text; *c != '\0' && used < 960; c++) {
		text[used++] = *c;
		if (*c == '%')
			text[used++] = '%';
	}
	text[used] = '\0';
	if (smfi_setreply(ctx, verdict->code, verdict->status, text) !=
	    MI_SUCCESS)
		log_error("libmilter refuses the reply \"%s %s %s\"",
			  verdict->code, verdict->status, text);
	return verdict->result == POLICY_REJECT ? SMFIS_REJECT : SMFIS_TEMPFAIL;
}
