#include "admin/postfix-check.h"

#include "admin/master-cf.h"
#include "admin/postfix-conf.h"
#include "admin/postfix-milters.h"
#include "admin/setup.h"
#include "common/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>

static int refuse(const char *path, const struct master_cf_service *service,
		  const char *setting, const char *why, struct error *err_r)
{
	return error_set_as(err_r, EX_CONFIG, "%s: %s has %s, %s", path,
			    service->name, setting, why);
}

static bool is_yes(const char *value)
{
	return strcasecmp(value, "yes") == 0;
}

/* What would let mail past the milters, whatever smtpd_milters says. */
static int check_service(struct setup *setup, const char *path,
			 const struct master_cf_service *service,
			 struct error *err_r)
{
	static const char *const names[] = { "smtpd_proxy_filter",
					     "smtpd_milter_maps",
					     "receive_override_options",
					     "smtpd_sasl_auth_enable", NULL };
	struct postfix_conf answers;
	int result = 0;

	if (service->has_arguments)
		return refuse(path, service, "an argument that is no option",
			      "with which smtpd(8) does not start: take it out",
			      err_r);
	if (postfix_conf(&answers, "-hx", service, names, err_r) < 0)
		return -1;
	if (answers.value[0][0] != '\0')
		result = refuse(path, service, names[0],
				"and with it no milter sees a message's "
				"content: use a content_filter or a milter for "
				"it, or a service of its own",
				err_r);
	else if (answers.value[1][0] != '\0')
		result = refuse(path, service, names[1],
				"which says for some clients that other "
				"milters are used, or none: set it to nothing "
				"for this service, with -o smtpd_milter_maps=",
				err_r);
	else if (strstr(answers.value[2], "no_milters") != NULL)
		result =
			refuse(path, service,
			       "receive_override_options with no_milters",
			       "so that no milter is used: take it out", err_r);
	else if (!is_yes(answers.value[3]))
		setup_note(setup,
			   "Nobody can log in to %s: smtpd_sasl_auth_enable is "
			   "not yes there. The milters leave mail without a "
			   "login alone.",
			   service->name);
	postfix_conf_release(&answers);
	return result;
}

/* Logins elsewhere, behind postscreen(8) too, send unchecked and unsigned. */
static int look_for_logins(struct setup *setup,
			   const struct master_cf_service *service,
			   struct error *err_r)
{
	static const char *const names[] = { "smtpd_sasl_auth_enable", NULL };
	struct postfix_conf answers;

	if (strcmp(service->command, "smtpd") != 0)
		return 0;
	if (postfix_conf(&answers, "-hx", service, names, err_r) < 0)
		return -1;
	if (is_yes(answers.value[0]))
		setup_note(setup,
			   "Users can log in to %s too, where their mail is "
			   "neither checked nor signed: let them use a "
			   "submission service alone, and set -o "
			   "smtpd_sasl_auth_enable=no for %s.",
			   service->name, service->name);
	postfix_conf_release(&answers);
	return 0;
}

int postfix_check(struct setup *setup, const char *path,
		  const struct master_cf *cf, struct error *err_r)
{
	size_t submissions = 0, i;

	for (i = 0; i < cf->count; i++) {
		const struct master_cf_service *service = &cf->services[i];

		if (postfix_is_submission(service)) {
			submissions++;
			if (check_service(setup, path, service, err_r) < 0)
				return -1;
		} else if (look_for_logins(setup, service, err_r) < 0) {
			return -1;
		}
	}
	if (submissions > 0)
		return 0;
	return error_set_as(
		err_r, EX_CONFIG,
		"%s: no submission service is on, and port 25 is for other "
		"servers; take away the # before submissions (port 465) or "
		"submission (587) and its -o lines, but for those with "
		"$mua_, or: postconf -M submissions/inet='submissions inet n - "
		"y - - smtpd' && postconf -P "
		"submissions/inet/syslog_name=postfix/submissions "
		"submissions/inet/smtpd_tls_wrappermode=yes "
		"submissions/inet/smtpd_sasl_auth_enable=yes "
		"submissions/inet/smtpd_relay_restrictions="
		"permit_sasl_authenticated,reject",
		path);
}
