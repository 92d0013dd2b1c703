#include "common/directory.h"

#include "common/directory-backend.h"
#include "common/error.h"
#include "common/mem.h"

#include <string.h>
#include <sysexits.h>

/* Longer than any account name or address: nobody's. */
#define LOGIN_MAX 1024

static const struct directory_backend *const backends[] = {
	&directory_sqlite,
};

int directory_open(struct directory **dir_r, const char *uri,
		   struct error *err_r)
{
	size_t i;

	*dir_r = NULL;
	for (i = 0; i < sizeof(backends) / sizeof(backends[0]); i++) {
		size_t len = strlen(backends[i]->scheme);

		if (strncmp(uri, backends[i]->scheme, len) == 0 &&
		    uri[len] == ':')
			return backends[i]->open(dir_r, uri + len + 1, err_r);
	}
	return error_set_as(err_r, EX_CONFIG,
			    "\"%s\" is not a directory; write sqlite:/FOLDER",
			    uri);
}

void directory_close(struct directory **dir)
{
	if (*dir != NULL)
		(*dir)->backend->close(*dir);
	*dir = NULL;
}

void directory_hold(struct directory *dir)
{
	dir->held = true;
	dir->looked = false;
}

void directory_let_go(struct directory *dir)
{
	dir->held = false;
	dir->looked = false;
}

enum directory_result
directory_key(struct directory *dir, const struct fingerprint *fingerprint,
	      time_t now, struct directory_key *key_r, struct error *err_r)
{
	*key_r = (struct directory_key){ .account = NULL };
	return dir->backend->key(dir, fingerprint, now, key_r, err_r);
}

void directory_key_release(struct directory_key *key)
{
	mem_free_string(&key->account);
	mem_free_string(&key->name);
	mem_free_string(&key->login);
}

enum directory_result directory_login(struct directory *dir, const char *login,
				      struct directory_account *account_r,
				      struct error *err_r)
{
	*account_r = (struct directory_account){ .name = NULL };
	if (strnlen(login, LOGIN_MAX + 1) > LOGIN_MAX)
		return DIRECTORY_NO;
	return dir->backend->login(dir, login, account_r, err_r);
}

void directory_account_release(struct directory_account *account)
{
	mem_free_string(&account->name);
}

enum directory_result directory_owns(struct directory *dir, const char *account,
				     const struct address *address,
				     struct error *err_r)
{
	return dir->backend->owns(dir, account, address, err_r);
}

enum directory_result
directory_is_member(struct directory *dir, const char *account,
		    const char *group, struct error *err_r)
{
	return dir->backend->is_member(dir, account, group, err_r);
}

enum directory_permission directory_may_send_as(struct directory *dir,
						const char *account,
						const struct address *address,
						time_t now, struct error *err_r)
{
	return dir->backend->may_send_as(dir, account, address, now, err_r);
}
