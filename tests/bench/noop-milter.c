/*
 * What any milter takes by being one: a libmilter that negotiates what it is
 * told to, so that it sees what another one sees, accepts every message where
 * its header ends, with -b where its body ends, and does nothing. With -l it
 * logs a line for each, as long as the sender check's.
 *
 * usage: noop-milter [-bl] ACTIONS STEPS SOCKET [MACROS]...
 *
 * MACROS are those to be told at connect, HELO, MAIL, RCPT, DATA, end of
 * message, end of header, in this order; "" for nothing special.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <syslog.h>
#include <unistd.h>

#include <libmilter/mfapi.h>

#define STAGES (SMFIM_LAST + 1)

static unsigned long actions, steps;
static char *macros[STAGES];
static bool reads_body, logs;

static sfsistat
on_negotiate(SMFICTX *ctx, unsigned long mta_actions, unsigned long mta_steps,
	     unsigned long mta_2, unsigned long mta_3, unsigned long *actions_r,
	     unsigned long *steps_r, unsigned long *reserved_2_r,
	     unsigned long *reserved_3_r)
{
	int stage;

	(void)mta_2;
	(void)mta_3;
	if ((mta_actions & actions) != actions || (mta_steps & steps) != steps)
		return SMFIS_REJECT;
	for (stage = 0; stage < STAGES; stage++) {
		if (macros[stage] != NULL && macros[stage][0] != '\0' &&
		    smfi_setsymlist(ctx, stage, macros[stage]) != MI_SUCCESS)
			return SMFIS_REJECT;
	}
	*actions_r = actions;
	*steps_r = steps;
	*reserved_2_r = 0;
	*reserved_3_r = 0;
	return SMFIS_CONTINUE;
}

static sfsistat go_on(unsigned long no_reply)
{
	return (steps & no_reply) != 0 ? SMFIS_NOREPLY : SMFIS_CONTINUE;
}

static sfsistat on_connect(SMFICTX *ctx, char *host, struct sockaddr *address)
{
	(void)ctx;
	(void)host;
	(void)address;
	return go_on(SMFIP_NR_CONN);
}

static sfsistat on_helo(SMFICTX *ctx, char *host)
{
	(void)ctx;
	(void)host;
	return go_on(SMFIP_NR_HELO);
}

static sfsistat on_mail(SMFICTX *ctx, char **args)
{
	(void)ctx;
	(void)args;
	return go_on(SMFIP_NR_MAIL);
}

static sfsistat on_recipient(SMFICTX *ctx, char **args)
{
	(void)ctx;
	(void)args;
	return go_on(SMFIP_NR_RCPT);
}

static sfsistat on_data(SMFICTX *ctx)
{
	(void)ctx;
	return go_on(SMFIP_NR_DATA);
}

static sfsistat on_header(SMFICTX *ctx, char *name, char *value)
{
	(void)ctx;
	(void)name;
	(void)value;
	return go_on(SMFIP_NR_HDR);
}

static sfsistat on_end_of_message(SMFICTX *ctx)
{
	(void)ctx;
	if (logs)
		syslog(LOG_INFO,
		       "queue_id=4bQ00000000zB verdict=pass mode=enforce "
		       "account=user100000 login=user100000 "
		       "mail_from=user100000@d00.example.org "
		       "from=user100000@d00.example.org");
	return SMFIS_ACCEPT;
}

static sfsistat on_end_of_header(SMFICTX *ctx)
{
	return reads_body ? go_on(SMFIP_NR_EOH) : on_end_of_message(ctx);
}

static sfsistat on_body(SMFICTX *ctx, unsigned char *data, size_t len)
{
	(void)ctx;
	(void)data;
	(void)len;
	return go_on(SMFIP_NR_BODY);
}

static sfsistat on_close(SMFICTX *ctx)
{
	(void)ctx;
	return SMFIS_CONTINUE;
}

static char name[] = "noop-milter";

static struct smfiDesc callbacks = {
	.xxfi_name = name,
	.xxfi_version = SMFI_VERSION,
	.xxfi_negotiate = on_negotiate,
	.xxfi_connect = on_connect,
	.xxfi_helo = on_helo,
	.xxfi_envfrom = on_mail,
	.xxfi_envrcpt = on_recipient,
	.xxfi_data = on_data,
	.xxfi_header = on_header,
	.xxfi_eoh = on_end_of_header,
	.xxfi_body = on_body,
	.xxfi_eom = on_end_of_message,
	.xxfi_close = on_close,
};

int main(int argc, char **argv)
{
	int option, i;

	while ((option = getopt(argc, argv, "bl")) == 'b' || option == 'l') {
		if (option == 'b')
			reads_body = true;
		else
			logs = true;
	}
	if (option >= 0 || argc - optind < 3 || argc - optind > 3 + STAGES) {
		(void)fputs("usage: noop-milter [-bl] ACTIONS STEPS SOCKET "
			    "[MACROS]...\n",
			    stderr);
		return EX_USAGE;
	}
	actions = strtoul(argv[optind], NULL, 0);
	steps = strtoul(argv[optind + 1], NULL, 0);
	for (i = optind + 3; i < argc; i++)
		macros[i - optind - 3] = argv[i];
	callbacks.xxfi_flags = actions;
	openlog(name, LOG_PID | LOG_NDELAY, LOG_MAIL);
	if (smfi_setconn(argv[optind + 2]) != MI_SUCCESS ||
	    smfi_register(callbacks) != MI_SUCCESS ||
	    smfi_opensocket(false) != MI_SUCCESS) {
		(void)fprintf(stderr, "%s: can't listen there\n",
			      argv[optind + 2]);
		return EX_CANTCREAT;
	}
	return smfi_main() == MI_SUCCESS ? EX_OK : EX_SOFTWARE;
}
