#ifndef COMMON_RECENT_H
#define COMMON_RECENT_H

#define RECENT_SLOTS 256

/*
 * Some of what was asked for of late, by name. For answers that can't have
 * changed since: nothing here grows old by itself.
 */
struct recent {
	void (*release)(void *value);
	struct {
		char *name;
		void *value;
	} slots[RECENT_SLOTS];
};

/* A value that makes way is given to release. */
void recent_init(struct recent *recent, void (*release)(void *value));

/* NULL if it is not there; valid until the next put or clear. */
void *recent_find(const struct recent *recent, const char *name);

/* Maybe in place of another. The name is copied, the value taken over. */
void recent_put(struct recent *recent, const char *name, void *value);

void recent_clear(struct recent *recent);

#endif
