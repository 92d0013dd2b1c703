#include "common/directory-pool.h"

#include "common/directory.h"
#include "common/mem.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

/* What more threads at once need is made for them, and not kept. */
#define IDLE_MAX 16

struct directory_pool {
	char *uri;
	pthread_mutex_t lock;
	struct directory *idle[IDLE_MAX]; /* the last one was given last */
	size_t idle_count;
	size_t taken;
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
	mem_free_string(&old->uri);
	free(old);
	*pool = NULL;
}

/* The last one if rather is none of them. */
static size_t
choose_idle(const struct directory_pool *pool, const struct directory *rather)
{
	size_t i;

	for (i = 0; i < pool->idle_count; i++) {
		if (pool->idle[i] == rather)
			return i;
	}
	return pool->idle_count - 1;
}

static struct directory *
take_idle(struct directory_pool *pool, const struct directory *rather)
{
	struct directory *dir = NULL;

	(void)pthread_mutex_lock(&pool->lock);
	if (pool->idle_count > 0) {
		size_t chosen = choose_idle(pool, rather);

		dir = pool->idle[chosen];
		pool->idle[chosen] = pool->idle[--pool->idle_count];
		pool->taken++;
	}
	(void)pthread_mutex_unlock(&pool->lock);
	return dir;
}

struct directory *directory_pool_take(struct directory_pool *pool,
				      const struct directory *rather,
				      struct error *err_r)
{
	struct directory *dir = take_idle(pool, rather);

	if (dir == NULL) {
		if (directory_open(&dir, pool->uri, err_r) < 0)
			return NULL;
		(void)pthread_mutex_lock(&pool->lock);
		pool->taken++;
		(void)pthread_mutex_unlock(&pool->lock);
	}
	directory_hold(dir);
	return dir;
}

void directory_pool_give(struct directory_pool *pool, struct directory **dir)
{
	if (*dir == NULL)
		return;
	directory_let_go(*dir);
	(void)pthread_mutex_lock(&pool->lock);
	assert(pool->taken > 0);
	pool->taken--;
	if (pool->idle_count < IDLE_MAX) {
		pool->idle[pool->idle_count++] = *dir;
		*dir = NULL;
	}
	(void)pthread_mutex_unlock(&pool->lock);
	directory_close(dir);
}
