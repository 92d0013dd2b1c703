#include "admin/commands.h"

#include "admin/call.h"
#include "admin/cmd-key.h"
#include "admin/key-new.h"
#include "admin/master.h"
#include "admin/output.h"
#include "admin/password.h"
#include "admin/work.h"
#include "common/error.h"
#include "common/mem.h"

#include <stdbool.h>
#include <string.h>

#define GUIDE "/usr/share/doc/countersign/clients.md"

struct making {
	struct master_key key;
	struct key_new made;
	const char *stem;
	bool written;
};

static int add(struct master *master, const struct call *call, void *context,
	       struct error *err_r)
{
	struct making *making = context;

	(void)call;
	/* What is refused leaves no files, not even for a moment. */
	if (master_key_add(master, &making->key, err_r) < 0 ||
	    key_new_write(&making->made, making->stem, err_r) < 0)
		return -1;
	making->written = true;
	return 0;
}

static void note(void *context, const struct master_key *key)
{
	(void)context;
	(void)key;
}

static int find(struct master *master, const struct call *call, void *context,
		struct error *err_r)
{
	const struct making *making = context;

	(void)call;
	return master_key_get(master, &making->key.fingerprint, note, NULL,
			      err_r);
}

static void show_file(struct output *out, const char *stem, const char *suffix)
{
	char *path = mem_printf("%s%s", stem, suffix);

	output_string(out, path);
	mem_free_string(&path);
}

/* The tests of real clients, tests/clients, do what these lines say. */
static void show_steps(FILE *file, const struct making *making)
{
	(void)fprintf(
		file,
		"\n"
		"Bring the files to the device by a safe way and delete them "
		"here. Then it reads\n"
		"mail by key. It sends by key through Dovecot's submission "
		"service; to Postfix's\n"
		"own with the password.\n"
		"\n"
		"Thunderbird  Settings, Privacy & Security, Manage "
		"Certificates, Your\n"
		"             Certificates, Import: %1$s.p12 and its password."
		"\n"
		"             Account Settings, Server Settings: user name "
		"%2$s, SSL/TLS,\n"
		"             authentication method \"TLS Certificate\".\n"
		"mutt         (umask 077 && cat %1$s.key %1$s.crt >%1$s.pem)\n"
		"             and in the muttrc\n"
		"             set ssl_client_cert = \"%1$s.pem\"\n"
		"             set imap_authenticators = \"external\"\n"
		"             set imap_user = \"%2$s\"\n"
		"             set spoolfile = \"imaps://HOST/INBOX\"\n"
		"mbsync       in the section IMAPAccount of the mbsyncrc\n"
		"             Host HOST\n"
		"             SSLType IMAPS\n"
		"             AuthMechs EXTERNAL\n"
		"             User \"%2$s\"\n"
		"             ClientCertificate \"%1$s.crt\"\n"
		"             ClientKey \"%1$s.key\"\n"
		"curl         curl --cert %1$s.crt --key %1$s.key --user %2$s: "
		"\\\n"
		"                  --login-options AUTH=EXTERNAL "
		"imaps://HOST/INBOX\n",
		making->stem, making->key.account);
	(void)fputs("\n"
		    "Sending, and more clients: " GUIDE "\n",
		    file);
	if (strcmp(making->key.type, "Ed25519") == 0)
		(void)fputs("\n"
			    "Ed25519: curl, mutt, neomutt and mbsync "
			    "take this key. Thunderbird\n"
			    "does not import it; make it one of type p256.\n",
			    file);
}

static int show(const struct call *call, const struct making *making,
		const char *password, struct error *err_r)
{
	static const char *const columns[] = {
		"fingerprint", "account",     "name", "type",	      "until",
		"key",	       "certificate", "p12",  "p12_password", NULL
	};
	char fingerprint[FINGERPRINT_TEXT_SIZE];
	struct output *out = call->out;

	fingerprint_format(fingerprint, &making->key.fingerprint);
	output_record(out, columns);
	output_string(out, fingerprint);
	output_string(out, making->key.account);
	output_string(out, making->key.name);
	output_string(out, making->key.type);
	output_end_date(out, making->key.until);
	show_file(out, making->stem, ".key");
	show_file(out, making->stem, ".crt");
	show_file(out, making->stem, ".p12");
	output_string(out, password);
	if (output_end(out, err_r) < 0)
		return -1;
	if (!output_is_json(out))
		show_steps(output_file(out), making);
	return 0;
}

static int make(const struct call *call, const char *password, bool given,
		struct making *making, struct error *err_r)
{
	struct key_new_request request = { .type = KEY_NEW_P256,
					   .name = making->key.name,
					   .from = making->key.created,
					   .until = making->key.until,
					   .password = password };
	const char *type = call_option(call, "type");
	struct error shown;
	int status;

	if (type != NULL && key_new_type_parse(&request.type, type, err_r) < 0)
		return -1;
	if (request.until == 0)
		request.until = key_new_default_end(request.from);
	if (key_new_make(&making->made, &request, err_r) < 0)
		return -1;
	making->key.fingerprint = making->made.public_key.fingerprint;
	making->key.type = making->made.public_key.type;
	status = work_change(call, add, making, err_r);
	/* It failed, but when? The key may be kept and only not published. */
	if (status < 0 && making->written &&
	    work_read(call, find, making, &shown) < 0) {
		key_new_remove(making->stem);
		making->written = false;
	}
	if (making->written &&
	    show(call, making, given ? NULL : password, &shown) < 0 &&
	    status == 0) {
		*err_r = shown;
		status = -1;
	}
	key_new_release(&making->made);
	return status;
}

int cmd_key_new(const struct call *call, struct error *err_r)
{
	bool given = call_option(call, "p12-password-stdin") != NULL;
	struct making making = {
		.key = { .name = call_option(call, "name") },
		.stem = call_option(call, "out"),
	};
	char *password;
	int status;

	if (cmd_key_options(&making.key, call, err_r) < 0)
		return -1;
	if (!given)
		password = key_new_password();
	else if (password_read(&password, err_r) < 0)
		return -1;
	status = make(call, password, given, &making, err_r);
	mem_wipe_string(&password);
	return status;
}
