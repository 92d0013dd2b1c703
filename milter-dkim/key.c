#include "milter-dkim/key.h"

#include "common/dkim-table.h"
#include "common/error.h"
#include "common/mem.h"
#include "milter-dkim/secrets.h"
#include "milter-dkim/signing-key.h"

#include <openssl/evp.h>

#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/*
 * Keys whose private key is kept, linked from the one wanted last. The lock is
 * never held while a file is read, a key parsed or freed, or a message signed.
 */
static struct {
	pthread_mutex_t lock;
	struct key *newest, *oldest;
	size_t count;
} kept = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
};

static void keep(struct key *key, struct signing_key *private)
{
	key->private = private;
	key->newer = NULL;
	key->older = kept.newest;
	if (kept.newest != NULL)
		kept.newest->newer = key;
	else
		kept.oldest = key;
	kept.newest = key;
	kept.count++;
}

/* NULL if it is not kept. */
static struct signing_key *unkeep(struct key *key)
{
	struct signing_key *private = key->private;

	if (private == NULL)
		return NULL;
	if (key->newer != NULL)
		key->newer->older = key->older;
	else
		kept.newest = key->older;
	if (key->older != NULL)
		key->older->newer = key->newer;
	else
		kept.oldest = key->newer;
	key->private = NULL;
	kept.count--;
	return private;
}

/* NULL if it is not kept; else it is the newest, and held once more. */
static struct signing_key *hold_kept(struct key *key)
{
	struct signing_key *private = unkeep(key);

	if (private == NULL)
		return NULL;
	keep(key, private);
	return signing_key_hold(private);
}

static void free_key(struct shared *shared)
{
	struct key *key = (struct key *)shared;
	struct signing_key *private;

	(void)pthread_mutex_lock(&kept.lock);
	private = unkeep(key);
	(void)pthread_mutex_unlock(&kept.lock);
	signing_key_release(&private);
	mem_free_string(&key->domain);
	mem_free_string(&key->selector);
	mem_free_string(&key->path);
	free(key);
}

static char *steal(char **text)
{
	char *stolen = *text;

	*text = NULL;
	return stolen;
}

static int set_whose(const struct key *key, struct error *err_r)
{
	return error_prefix(err_r, "selector %s of %s", key->selector,
			    key->domain);
}

int key_new(struct key **key_r, struct dkim_table_entry *entry,
	    const char *table_path, struct error *err_r)
{
	struct key *key = mem_alloc(sizeof(*key));

	shared_init(&key->shared, free_key);
	key->path = dkim_table_key_path(table_path, entry);
	key->domain = steal(&entry->domain);
	key->selector = steal(&entry->selector);
	key->algorithm = entry->algorithm;
	key->active = entry->state == DKIM_ACTIVE;
	key->subdomains = entry->subdomains;
	if (dkim_key_check_file(&key->file, key->path, err_r) < 0) {
		set_whose(key, err_r);
		key_release(&key);
		return -1;
	}
	*key_r = key;
	return 0;
}

void key_release(struct key **key)
{
	if (*key != NULL)
		shared_release(&(*key)->shared);
	*key = NULL;
}

int key_compare(const struct key *a, const struct key *b)
{
	int order = strcmp(a->domain, b->domain);

	if (order == 0)
		order = (int)b->active - (int)a->active;
	if (order == 0)
		order = (int)a->algorithm - (int)b->algorithm;
	return order != 0 ? order : strcmp(a->selector, b->selector);
}

bool key_is_unchanged(const struct key *a, const struct key *b)
{
	return key_compare(a, b) == 0 && a->subdomains == b->subdomains &&
	       strcmp(a->path, b->path) == 0 &&
	       dkim_key_file_is_same(&a->file, &b->file);
}

static int read_key(struct signing_key **private_r, const struct key *key,
		    struct error *err_r)
{
	EVP_PKEY *pkey = NULL;
	int result = dkim_key_load(&pkey, key->path, key->algorithm, err_r);

	if (result == 0)
		result =
			signing_key_new(private_r, pkey, key->algorithm, err_r);
	EVP_PKEY_free(pkey);
	secrets_forget();
	return result < 0 ? set_whose(key, err_r) : 0;
}

int key_take(struct signing_key **private_r, struct key *key,
	     struct error *err_r)
{
	struct signing_key *private, *unwanted;

	(void)pthread_mutex_lock(&kept.lock);
	private = hold_kept(key);
	(void)pthread_mutex_unlock(&kept.lock);
	if (private != NULL) {
		*private_r = private;
		return 0;
	}
	if (read_key(&private, key, err_r) < 0)
		return -1;
	(void)pthread_mutex_lock(&kept.lock);
	*private_r = hold_kept(key);
	if (*private_r != NULL) {
		/* Another thread has read it meanwhile. */
		unwanted = private;
	} else {
		unwanted =
			kept.count >= KEY_KEPT_MAX ? unkeep(kept.oldest) : NULL;
		keep(key, private);
		*private_r = hold_kept(key);
	}
	(void)pthread_mutex_unlock(&kept.lock);
	signing_key_release(&unwanted);
	return 0;
}

int key_check(const struct key *key, struct error *err_r)
{
	struct signing_key *private;

	if (read_key(&private, key, err_r) < 0)
		return -1;
	signing_key_release(&private);
	return 0;
}
