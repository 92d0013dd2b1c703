#include "milter-dkim/verify-settings.h"

#include "common/authserv-id.h"
#include "common/error.h"
#include "common/mem.h"
#include "common/network.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static const char *const on_fails[] = {
	[VERIFY_ON_FAIL_ACCEPT] = "accept",
	[VERIFY_ON_FAIL_REJECT] = "reject",
	NULL,
};

static const char *const on_temperrors[] = {
	[VERIFY_ON_TEMPERROR_ACCEPT] = "accept",
	[VERIFY_ON_TEMPERROR_DEFER] = "defer",
	NULL,
};

const struct conf_setting settings_table[] = {
	{ .name = "socket",
	  .type = CONF_STRING,
	  .offset = offsetof(struct verify_settings, socket),
	  .value = "unix:/var/spool/postfix/countersign/dkim-verify/milter" },
	{ .name = "authserv_id",
	  .type = CONF_STRING,
	  .offset = offsetof(struct verify_settings, authserv_id),
	  .value = "" },
	{ .name = "trusted_networks",
	  .type = CONF_LIST,
	  .offset = offsetof(struct verify_settings, trusted_networks),
	  .value = "" },
	{ .name = "on_fail",
	  .type = CONF_CHOICE,
	  .offset = offsetof(struct verify_settings, on_fail),
	  .value = "accept",
	  .choices = on_fails },
	{ .name = "on_temperror",
	  .type = CONF_CHOICE,
	  .offset = offsetof(struct verify_settings, on_temperror),
	  .value = "accept",
	  .choices = on_temperrors },
	{ .name = "max_signatures",
	  .type = CONF_UINT,
	  .offset = offsetof(struct verify_settings, max_signatures),
	  .value = "5",
	  .min = 1,
	  .max = 20 },
	{ .name = "min_rsa_bits",
	  .type = CONF_UINT,
	  .offset = offsetof(struct verify_settings, min_rsa_bits),
	  .value = "1024",
	  .min = 1024,
	  .max = 4096 },
	{ .name = "dns_timeout",
	  .type = CONF_UINT,
	  .offset = offsetof(struct verify_settings, dns_timeout),
	  .value = "10",
	  .min = 1,
	  .max = 60 },
#include "elsewhere/milter-dkim.inc"
	{ .name = NULL },
};

static void free_settings(struct shared *shared)
{
	struct verify_settings *settings = (struct verify_settings *)shared;

	free(settings->networks);
	conf_release(settings, settings_table);
	free(settings);
}

/* As it is compared, and as it can be written without quotes. */
static int
read_authserv_id(struct verify_settings *settings, struct error *err_r)
{
	char *id;

	if (settings->authserv_id[0] == '\0')
		return 0;
	if (strpbrk(settings->authserv_id, "\"(; \t") != NULL ||
	    authserv_id_parse(&id, settings->authserv_id,
			      strlen(settings->authserv_id), err_r) < 0)
		return error_set_as(err_r, EX_CONFIG,
				    "authserv_id must be one word, best the "
				    "host's name, not \"%s\"",
				    settings->authserv_id);
	mem_free_string(&settings->authserv_id);
	settings->authserv_id = id;
	return 0;
}

static int read_networks(struct verify_settings *settings, struct error *err_r)
{
	size_t count = 0, i;

	while (settings->trusted_networks != NULL &&
	       settings->trusted_networks[count] != NULL)
		count++;
	settings->networks = mem_array(count + 1, sizeof(*settings->networks));
	settings->network_count = count;
	for (i = 0; i < count; i++) {
		if (network_parse(&settings->networks[i],
				  settings->trusted_networks[i], err_r) < 0) {
			err_r->sysexit = EX_CONFIG;
			return error_prefix(err_r, "trusted_networks");
		}
	}
	return 0;
}

int verify_settings_load(struct verify_settings **settings_r, const char *path,
			 struct error *err_r)
{
	struct verify_settings *settings = mem_alloc(sizeof(*settings));

	if (conf_load(settings, settings_table, path, err_r) < 0) {
		free(settings);
		return -1;
	}
	shared_init(&settings->shared, free_settings);
	if (read_authserv_id(settings, err_r) < 0 ||
	    read_networks(settings, err_r) < 0) {
		verify_settings_release(&settings);
		return error_prefix(err_r, "%s", path);
	}
	*settings_r = settings;
	return 0;
}

void verify_settings_release(struct verify_settings **settings)
{
	if (*settings != NULL)
		shared_release(&(*settings)->shared);
	*settings = NULL;
}
