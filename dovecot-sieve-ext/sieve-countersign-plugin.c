#include "dovecot-sieve-ext/countersign-compat.h"
#include "dovecot-sieve-ext/ext-list.h"
#include "dovecot-sieve-ext/sieve-countersign-plugin.h"

/* The extensions are of a Sieve instance: one process may have several. */
struct plugin {
	const struct sieve_extension *list;
};

const char *sieve_countersign_plugin_version = PIGEONHOLE_ABI_VERSION;

int sieve_countersign_plugin_load(struct sieve_instance *svinst, void **context)
{
	const struct sieve_extension *list;
	struct plugin *plugin;

	if (countersign_extension_register(svinst, &ext_list, &list) < 0)
		return -1;
	plugin = i_new(struct plugin, 1);
	plugin->list = list;
	*context = plugin;
	return 0;
}

void sieve_countersign_plugin_unload(struct sieve_instance *svinst ATTR_UNUSED,
				     void *context)
{
	struct plugin *plugin = context;

	sieve_extension_unregister(plugin->list);
	i_free(plugin);
}

void sieve_countersign_plugin_init(void)
{
}

void sieve_countersign_plugin_deinit(void)
{
}
