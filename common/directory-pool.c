#include "common/directory-pool.h"

#include "common/directory.h"
#include "common/mem.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

struct directory_pool {
	char *uri;
	pthread_mutex_t lock;
	struct directory **idle; /* the last one given is taken first */
	size_t idle_count;
	size_t taken;
	size_t size; /* room in idle: never less than all handles there are */
};

int directory_pool_new(struct directory_pool **pool_r, const char *uri,
		       struct error *err_r)
{
	struct directory_pool *pool;
	struct directory *dir;

	*pool_r = NULL;
	if (directory_open(&dir, uri, err_r) < 0)
		return -1;
	pool = mem_alloc(sizeof(*pool));
	pool->uri = mem_strdup(uri);
	pool->size = 8;
	pool->idle = mem_array(pool->size, sizeof(struct directory *));
	pool->idle[pool->idle_count++] = dir;
	(void)pthread_mutex_init(&pool->lock, NULL);
	*pool_r = pool;
	return 0;
}

void directory_pool_free(struct directory_pool **pool)
{
	struct directory_pool *old = *pool;

	if (old == NULL)
		return;
	assert(old->taken == 0);
	while (old->idle_count > 0)
		directory_close(&old->idle[--old->idle_count]);
	(void)pthread_mutex_destroy(&old->lock);
	free(old->idle);
	mem_free_string(&old->uri);
	free(old);
	*pool = NULL;
}

struct directory *
directory_pool_take(struct directory_pool *pool, struct error *err_r)
{
	struct directory *dir = NULL;

	(void)pthread_mutex_lock(&pool->lock);
	if (pool->idle_count > 0) {
		dir = pool->idle[--pool->idle_count];
		pool->taken++;
	}
	(void)pthread_mutex_unlock(&pool->lock);
	if (dir != NULL)
		return dir;
	if (directory_open(&dir, pool->uri, err_r) < 0)
		return NULL;
	(void)pthread_mutex_lock(&pool->lock);
	pool->taken++;
	(void)pthread_mutex_unlock(&pool->lock);
	return dir;
}

void directory_pool_give(struct directory_pool *pool, struct directory **dir)
{
	if (*dir == NULL)
		return;
	(void)pthread_mutex_lock(&pool->lock);
	if (pool->idle_count == pool->size) {
		pool->size *= 2;
		pool->idle = mem_resize(pool->idle, pool->size,
					sizeof(struct directory *));
	}
	pool->idle[pool->idle_count++] = *dir;
	assert(pool->taken > 0);
	pool->taken--;
	(void)pthread_mutex_unlock(&pool->lock);
	*dir = NULL;
}
