#include "admin/submission-relay.h"

#include "admin/dovecot-parts.h"
#include "admin/files.h"
#include "admin/master-cf.h"
#include "admin/postfix-conf.h"
#include "admin/setup-file.h"
#include "admin/setup.h"
#include "common/buffer.h"
#include "common/error.h"
#include "common/mem.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#define FOLDER "/var/lib/countersign/relay"
#define PATH FOLDER "/relay.conf"
#define BESIDE PATH ".new"
#define SECRET_SIZE 32
#define TEXT_SIZE 1024

/* Of Postfix's lists. */
#define SEPARATORS ", \t\r\n"

#define SERVICE "127.0.0.1:" SUBMISSION_RELAY_PORT

/* How to have it; every setting is the service's own. */
static const char *const recipe[] = {
	"syslog_name=postfix/relay",
	"smtpd_sasl_auth_enable=yes",
	"smtpd_sasl_type=dovecot",
	"smtpd_sasl_path=private/auth",
	"smtpd_tls_security_level=none",
	"smtpd_tls_auth_only=no",
	"smtpd_authorized_xclient_hosts=",
	"smtpd_relay_restrictions=permit_sasl_authenticated,reject",
	"smtpd_recipient_restrictions=",
	"milter_macro_daemon_name=ORIGINATING",
};

static int say_how(struct error *err_r)
{
	struct buffer how = BUFFER_INIT;
	size_t i;

	for (i = 0; i < sizeof(recipe) / sizeof(recipe[0]); i++)
		buffer_printf(&how, " " SERVICE "/inet/%s", recipe[i]);
	error_set_as(err_r, EX_CONFIG,
		     "master.cf: has no service %s for what Dovecot submits: "
		     "postconf -M %s/inet='%s inet n - y - - smtpd' && "
		     "postconf -P%s",
		     SERVICE, SERVICE, SERVICE, buffer_string(&how));
	buffer_release(&how);
	return -1;
}

static bool is_relay(const struct master_cf_service *service)
{
	return strcmp(service->name, SERVICE) == 0 &&
	       strcmp(service->type, "inet") == 0;
}

static int refuse(const char *setting, const char *why, const char *is,
		  struct error *err_r)
{
	return error_set_as(err_r, EX_CONFIG,
			    "master.cf: %s: %s is \"%s\", %s: postconf -P "
			    "%s/inet/%s",
			    SERVICE, setting, is, why, SERVICE, setting);
}

static bool is_word(const char *at, size_t len, const char *word)
{
	return len == strlen(word) && strncasecmp(at, word, len) == 0;
}

/* Can it but refuse? Maps and classes may let in, warn_if_reject undoes. */
static bool is_refusal(const char *at)
{
	return strncasecmp(at, "reject", strlen("reject")) == 0 ||
	       strncasecmp(at, "defer", strlen("defer")) == 0;
}

/* Who has logged in may send, and nobody for where he connects from. */
static bool is_for_logins_alone(const char *restrictions)
{
	const char *at = restrictions;
	bool ends = false, lets_in = false;

	while (!ends && *(at += strspn(at, SEPARATORS)) != '\0') {
		size_t len = strcspn(at, SEPARATORS);

		if (is_word(at, len, "permit_sasl_authenticated"))
			lets_in = true;
		else if (!is_refusal(at))
			return false;
		ends = is_word(at, len, "reject");
		at += len;
	}
	return ends && lets_in;
}

static int check_service(struct setup *setup,
			 const struct master_cf_service *service,
			 struct error *err_r)
{
	static const char *const names[] = { "smtpd_authorized_xclient_hosts",
					     "smtpd_sasl_auth_enable",
					     "smtpd_relay_restrictions", NULL };
	struct postfix_conf answers;
	int result = 0;

	if (postfix_conf(&answers, "-hx", service, names, err_r) < 0)
		return -1;
	if (!is_relay(service)) {
		if (answers.value[0][0] != '\0')
			setup_note(setup,
				   "%s of Postfix believes XCLIENT from %s: "
				   "any program there can be any user.",
				   service->name, answers.value[0]);
	} else if (answers.value[0][0] != '\0') {
		result = refuse(names[0],
				"so that any program there could be "
				"any user; it must be empty",
				answers.value[0], err_r);
	} else if (strcasecmp(answers.value[1], "yes") != 0) {
		result = refuse(names[1],
				"and Dovecot must log in; it must be "
				"yes",
				answers.value[1], err_r);
	} else if (!is_for_logins_alone(answers.value[2])) {
		result = refuse(names[2],
				"so that any program on this host could send; "
				"it must be permit_sasl_authenticated,reject",
				answers.value[2], err_r);
	}
	postfix_conf_release(&answers);
	return result;
}

/* NULL: none of those that Dovecot's service may have. */
static const char *port_of(const struct master_cf_service *service)
{
	static const char *const ports[][2] = { { "submission", "587" },
						{ "587", "587" },
						{ "submissions", "465" },
						{ "smtps", "465" },
						{ "465", "465" } };
	const char *colon = strrchr(service->name, ':');
	const char *name = colon != NULL ? colon + 1 : service->name;
	size_t i;

	for (i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
		if (strcmp(service->type, "inet") == 0 &&
		    strcmp(name, ports[i][0]) == 0)
			return ports[i][1];
	}
	return NULL;
}

/* Of two that want a port the later one does not start. */
static int check_port(const struct master_cf_service *service, const char *conf,
		      struct error *err_r)
{
	const char *port = port_of(service);

	if (port == NULL || !dovecot_submission_has_port(conf, port))
		return 0;
	return error_set_as(err_r, EX_CONFIG,
			    "master.cf: %s has port %s, which Dovecot's "
			    "submission service listens on too: take it out "
			    "(postconf -MX %s/inet && postfix reload), or "
			    "give Dovecot another port or addresses (listen)",
			    service->name, port, service->name);
}

static int check_services(struct setup *setup, const struct master_cf *cf,
			  const char *conf, struct error *err_r)
{
	bool found = false;
	size_t i;

	for (i = 0; i < cf->count; i++) {
		if (strcmp(cf->services[i].command, "smtpd") != 0)
			continue;
		if (check_service(setup, &cf->services[i], err_r) < 0 ||
		    check_port(&cf->services[i], conf, err_r) < 0)
			return -1;
		found = found || is_relay(&cf->services[i]);
	}
	if (found)
		return 0;
	return say_how(err_r);
}

int submission_relay_check(struct setup *setup, const char *conf,
			   struct error *err_r)
{
	static const char *const names[] = { "config_directory", NULL };
	struct postfix_conf answers;
	struct master_cf cf;
	char *path, *text = NULL;
	int result;

	if (access(POSTFIX_CONF, X_OK) < 0)
		return error_set_as(err_r, EX_UNAVAILABLE,
				    "%s: Postfix is not installed",
				    POSTFIX_CONF);
	if (postfix_conf(&answers, "-h", NULL, names, err_r) < 0)
		return -1;
	path = mem_printf("%s/master.cf", answers.value[0]);
	postfix_conf_release(&answers);
	result = setup_file_read(&text, path, err_r);
	if (result == 0)
		result = master_cf_parse(&cf, text, err_r);
	if (result == 0) {
		result = check_services(setup, &cf, conf, err_r);
		master_cf_release(&cf);
	}
	mem_free_string(&text);
	mem_free_string(&path);
	return result;
}

/* Both Dovecots read the first setting; a passdb is spelled otherwise. */
static int write_file(const char *release, struct error *err_r)
{
	unsigned char secret[SECRET_SIZE];
	char hex[2 * SECRET_SIZE + 1], text[TEXT_SIZE];
	bool old = strcmp(release, "2.3") == 0;
	size_t i;
	int result;

	if (RAND_bytes(secret, sizeof(secret)) != 1)
		return error_set_as(err_r, EX_OSERR,
				    "OpenSSL has no random numbers");
	for (i = 0; i < sizeof(secret); i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", secret[i]);
	(void)snprintf(text, sizeof(text),
		       old ? "submission_relay_password = %s\n"
			     "passdb {\n"
			     "  driver = static\n"
			     "  master = yes\n"
			     "  mechanisms = plain\n"
			     "  username_filter = countersign-relay\n"
			     "  args = password=%s "
			     "allow_nets=127.0.0.0/8,::1/128\n"
			     "}\n"
			   : "submission_relay_password = %s\n"
			     "passdb countersign-relay {\n"
			     "  driver = static\n"
			     "  master = yes\n"
			     "  mechanisms_filter = plain\n"
			     "  username_filter = countersign-relay\n"
			     "  passdb_static_password = %s\n"
			     "  fields {\n"
			     "    allow_nets = 127.0.0.0/8,::1/128\n"
			     "  }\n"
			     "}\n",
		       hex, hex);
	result = files_remove(BESIDE, err_r);
	if (result == 0)
		result = files_write(BESIDE, text, strlen(text), err_r);
	if (result == 0)
		result = files_rename(BESIDE, PATH, err_r);
	OPENSSL_cleanse(secret, sizeof(secret));
	OPENSSL_cleanse(hex, sizeof(hex));
	OPENSSL_cleanse(text, sizeof(text));
	return result;
}

int submission_relay_make(const char *release, struct error *err_r)
{
	if (files_make_folder(FOLDER, 0700, err_r) < 0)
		return -1;
	return write_file(release, err_r);
}

int submission_relay_remove(struct error *err_r)
{
	return files_remove(PATH, err_r) < 0 ||
			       files_remove(BESIDE, err_r) < 0 ||
			       files_remove(FOLDER, err_r) < 0
		       ? -1
		       : 0;
}
