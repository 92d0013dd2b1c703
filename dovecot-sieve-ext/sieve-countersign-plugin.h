#ifndef DOVECOT_SIEVE_EXT_SIEVE_COUNTERSIGN_PLUGIN_H
#define DOVECOT_SIEVE_EXT_SIEVE_COUNTERSIGN_PLUGIN_H

struct sieve_instance;

/* What Pigeonhole looks up in lib90_sieve_countersign_plugin.so. */
extern const char *sieve_countersign_plugin_version;

/* 0.5 does not look at the result. */
int sieve_countersign_plugin_load(struct sieve_instance *svinst,
				  void **context);
void sieve_countersign_plugin_unload(struct sieve_instance *svinst,
				     void *context);
void sieve_countersign_plugin_init(void);
void sieve_countersign_plugin_deinit(void);

#endif
