#include "milter-dkim/settings.h"

#include "common/conf.h"
#include "common/directory-pool.h"
#include "common/directory.h"
#include "common/dkim-table.h"
#include "common/error.h"
#include "common/mem.h"
#include "milter-dkim/authors.h"
#include "milter-dkim/identity.h"
#include "milter-dkim/keys.h"

#include <stddef.h>
#include <stdlib.h>

static const char *const sign_fors[] = {
	[SIGN_FOR_OWNER] = "owner",
	[SIGN_FOR_AUTHENTICATED] = "authenticated",
	NULL,
};

static const char *const several_authors[] = {
	[AUTHORS_FIRST] = "first",
	[AUTHORS_SENDER] = "sender",
	NULL,
};

static const char *const identities[] = {
	[IDENTITY_NONE] = "none",
	[IDENTITY_DOMAIN] = "domain",
	[IDENTITY_ADDRESS] = "address",
	NULL,
};

static const char *const canonicalizations[] = {
	[CANONICALIZATION_RELAXED_SIMPLE] = "relaxed/simple",
	[CANONICALIZATION_RELAXED_RELAXED] = "relaxed/relaxed",
	[CANONICALIZATION_SIMPLE_SIMPLE] = "simple/simple",
	[CANONICALIZATION_SIMPLE_RELAXED] = "simple/relaxed",
	NULL,
};

const struct conf_setting settings_table[] = {
	{ .name = "directory",
	  .type = CONF_STRING,
	  .offset = offsetof(struct settings, directory),
	  .value = DIRECTORY_DEFAULT_URI },
	{ .name = "socket",
	  .type = CONF_STRING,
	  .offset = offsetof(struct settings, socket),
	  .value = "unix:/var/spool/postfix/countersign/dkim/milter" },
	{ .name = "key_table",
	  .type = CONF_STRING,
	  .offset = offsetof(struct settings, key_table),
	  .value = DKIM_TABLE_DEFAULT },
	{ .name = "sign_for",
	  .type = CONF_CHOICE,
	  .offset = offsetof(struct settings, sign_for),
	  .value = "owner",
	  .choices = sign_fors },
	SIGN_RULES_SETTINGS(offsetof(struct settings, rules)),
	{ .name = "several_authors",
	  .type = CONF_CHOICE,
	  .offset = offsetof(struct settings, several_authors),
	  .value = "first",
	  .choices = several_authors },
	{ .name = "identity",
	  .type = CONF_CHOICE,
	  .offset = offsetof(struct settings, identity),
	  .value = "none",
	  .choices = identities },
	{ .name = "canonicalization",
	  .type = CONF_CHOICE,
	  .offset = offsetof(struct settings, canonicalization),
	  .value = "relaxed/simple",
	  .choices = canonicalizations },
	{ .name = "convert_8bit",
	  .type = CONF_BOOL,
	  .offset = offsetof(struct settings, convert_8bit),
	  .value = "yes" },
	{ .name = "signature_days",
	  .type = CONF_UINT,
	  .offset = offsetof(struct settings, signature_days),
	  .value = "0",
	  .max = 3650 },
#include "elsewhere/milter-dkim-verify.inc"
	{ .name = NULL },
};

static void free_settings(struct shared *shared)
{
	struct settings *settings = (struct settings *)shared;

	directory_pool_free(&settings->pool);
	keys_free(&settings->keys);
	sign_rules_release(&settings->rules);
	conf_release(settings, settings_table);
	free(settings);
}

int settings_load(struct settings **settings_r, const char *path,
		  const struct settings *old, struct error *err_r)
{
	struct settings *settings = mem_alloc(sizeof(*settings));

	if (conf_load(settings, settings_table, path, err_r) < 0) {
		free(settings);
		return -1;
	}
	shared_init(&settings->shared, free_settings);
	if (sign_rules_finish(&settings->rules, err_r) < 0) {
		error_prefix(err_r, "%s", path);
		goto fail;
	}
	if (directory_pool_new(&settings->pool, settings->directory, err_r) <
	    0) {
		error_prefix(err_r, "%s: directory", path);
		goto fail;
	}
	if (keys_load(&settings->keys, settings->key_table,
		      old != NULL ? old->keys : NULL, err_r) < 0)
		goto fail;
	*settings_r = settings;
	return 0;
fail:
	settings_release(&settings);
	return -1;
}

void settings_release(struct settings **settings)
{
	if (*settings != NULL)
		shared_release(&(*settings)->shared);
	*settings = NULL;
}
