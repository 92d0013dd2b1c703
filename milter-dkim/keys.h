#ifndef MILTER_DKIM_KEYS_H
#define MILTER_DKIM_KEYS_H

#include "common/dkim-key.h"

#include <stddef.h>

struct error;

/* An active key. */
struct key {
	char *domain;
	char *selector;
	enum dkim_algorithm algorithm;
	EVP_PKEY *pkey;
};

/* The key table with its keys parsed; never changed once loaded. */
struct keys;

/*
 * All or nothing. Active and pending keys are read and checked; a fault of any
 * is an error that names its file.
 */
int keys_load(struct keys **keys_r, const char *table_path,
	      struct error *err_r);
void keys_free(struct keys **keys);

/*
 * The active keys of exactly this domain (A-labels, lower case), RSA first;
 * returns how many. Valid as long as keys.
 */
size_t keys_find(const struct keys *keys, const char *domain,
		 const struct key **first_r);

size_t keys_count(const struct keys *keys);

#endif
