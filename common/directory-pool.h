#ifndef COMMON_DIRECTORY_POOL_H
#define COMMON_DIRECTORY_POOL_H

struct directory;
struct error;

/*
 * Directory handles for threads: libmilter moves one session between threads,
 * so a handle is checked out for one decision and put back. Meanwhile it is
 * held: directory_hold().
 */
struct directory_pool;

int directory_pool_new(struct directory_pool **pool_r, const char *uri,
		       struct error *err_r);

/* Only when every handle is back. */
void directory_pool_free(struct directory_pool **pool);

/*
 * NULL if no handle could be made; err_r says why: an outage. rather is one
 * that was given back and is preferred, for it may remember an answer; NULL
 * for any.
 */
struct directory *directory_pool_take(struct directory_pool *pool,
				      const struct directory *rather,
				      struct error *err_r);
void directory_pool_give(struct directory_pool *pool, struct directory **dir);

#endif
