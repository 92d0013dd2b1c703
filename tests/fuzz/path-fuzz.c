#include "tests/fuzz/fuzz.h"

#include "common/error.h"
#include "common/mem.h"
#include "common/network.h"
#include "common/path.h"
#include "common/policy.h"

#include <string.h>

/* A network holds itself; a client's address is the network of one host. */
static void take_as_network(const char *text)
{
	struct network network, host;
	struct error err;
	bool parsed = network_parse(&network, text, &err) == 0;

	MUST(!parsed || network.bits <= 128);
	MUST(!parsed || network_contains(&network, &network));
	if (!network_parse_client(&host, text))
		return;
	MUST(host.bits == 128);
	if (parsed)
		MUST(memcmp(&network.address, &host.address,
			    sizeof(host.address)) == 0 &&
		     network.bits == host.bits);
}

static void take_as_field(const char *value)
{
	const struct policy_field from = { "From", value, strlen(value) };
	struct path_marks marks = { .sieve = false };

	path_read_field(&marks, "mail.example.org", "Received", value);
	MUST(!marks.sieve);
	MUST(!marks.returned || strcasestr(value, "mail.example.org") != NULL);
	MUST(!path_is_bounce("", &from, 1) || strchr(value, '@') != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_strndup((const char *)data, size);

	take_as_network(text);
	take_as_field(text);
	mem_free_string(&text);
	return 0;
}
