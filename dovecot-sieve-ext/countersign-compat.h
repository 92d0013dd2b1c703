#ifndef DOVECOT_SIEVE_EXT_COUNTERSIGN_COMPAT_H
#define DOVECOT_SIEVE_EXT_COUNTERSIGN_COMPAT_H

/*
 * What differs between releases of Pigeonhole: 0.5 is that of Dovecot 2.3, and
 * since Dovecot 2.4 they have one number. Stands first in a .c file of the
 * plugin. What is more than a line or two is a pair of files, NAME-2.3.c and
 * NAME-2.4.c, of which CMake takes one.
 */
#include "lib.h"
#include "sieve-common.h"
#include "sieve-extensions.h"
#include "sieve-ext-copy.h"
#include "sieve-ext-variables.h"

/* What an extension's load function returns. */
#if DOVECOT_PREREQ(2, 4, 0)
typedef int countersign_load_result;
#define COUNTERSIGN_LOADED 0
#define COUNTERSIGN_NOT_LOADED -1
#else
typedef bool countersign_load_result;
#define COUNTERSIGN_LOADED TRUE
#define COUNTERSIGN_NOT_LOADED FALSE
#endif

/*
 * Known to every script at once, without a line in sieve_extensions. -1 if the
 * extension can't be loaded, which 0.5 does not tell.
 */
static inline int
countersign_extension_register(struct sieve_instance *svinst,
			       const struct sieve_extension_def *def,
			       const struct sieve_extension **ext_r)
{
#if DOVECOT_PREREQ(2, 4, 0)
	return sieve_extension_register(svinst, def, TRUE, ext_r);
#else
	*ext_r = sieve_extension_register(svinst, def, TRUE);
	return 0;
#endif
}

/* NULL if there is none. */
static inline const struct sieve_extension *
countersign_copy_extension(struct sieve_instance *svinst)
{
#if DOVECOT_PREREQ(2, 4, 0)
	const struct sieve_extension *ext;

	return sieve_ext_copy_get_extension(svinst, &ext) < 0 ? NULL : ext;
#else
	return sieve_ext_copy_get_extension(svinst);
#endif
}

/* NULL if there is none. */
static inline const struct sieve_extension *
countersign_variables_extension(struct sieve_instance *svinst)
{
#if DOVECOT_PREREQ(2, 4, 0)
	const struct sieve_extension *ext;

	return sieve_ext_variables_get_extension(svinst, &ext) < 0 ? NULL : ext;
#else
	return sieve_ext_variables_get_extension(svinst);
#endif
}

#endif
