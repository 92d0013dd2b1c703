#ifndef DOVECOT_SIEVE_EXT_COUNTERSIGN_COMPAT_H
#define DOVECOT_SIEVE_EXT_COUNTERSIGN_COMPAT_H

/*
 * What differs between releases of Pigeonhole, and nothing else knows. Built
 * for 0.5 on Dovecot 2.3: settings are those of plugin { }, and registering an
 * extension cannot fail.
 */
#include "lib.h"
#include "sieve-common.h"
#include "sieve-extensions.h"
#include "sieve-settings.h"

/* NULL if it isn't set. */
static inline const char *
countersign_setting_get(struct sieve_instance *svinst, const char *name)
{
	return sieve_setting_get(svinst, name);
}

/* Known to every script at once, without a line in sieve_extensions. */
static inline const struct sieve_extension *
countersign_extension_register(struct sieve_instance *svinst,
			       const struct sieve_extension_def *def)
{
	return sieve_extension_register(svinst, def, TRUE);
}

#endif
