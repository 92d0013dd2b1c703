#include "tests/unit/must.h"

#include "common/error.h"
#include "common/network.h"

#include <stdbool.h>
#include <string.h>

static void what_is_no_network_is_refused_with_the_reason(void **state)
{
	static const char none[] = "is no IP address or network";
	static const char bits[] = "has bits set behind the first";
	static const struct {
		const char *text;
		const char *complaint;
	} cases[] = {
		{ "", none },
		{ "/24", none },
		{ "192.0.2", none },
		{ "192.0.2.0.0/24", none },
		{ "192.0.02.1", none },
		{ "192.0.2.256", none },
		{ "0xc0000200/24", none },
		{ " 192.0.2.0/24", none },
		{ "[2001:db8::1]", none },
		{ "IPv6:2001:db8::1", none },
		{ "2001:db8::1%lo", none },
		{ "mail.example.org", none },
		{ "2001:0db8:0000:0000:0000:0000:0000:0000:0000:0001", none },

		{ "192.0.2.0/", "number from 0 to 32" },
		{ "192.0.2.0/33", "number from 0 to 32" },
		{ "192.0.2.0/-1", "number from 0 to 32" },
		{ "192.0.2.0/+8", "number from 0 to 32" },
		{ "192.0.2.0/024", "number from 0 to 32" },
		{ "192.0.2.0/24 ", "number from 0 to 32" },
		{ "192.0.2.0/24/24", "number from 0 to 32" },
		{ "192.0.2.0/4294967320", "number from 0 to 32" },
		{ "192.0.2.0/255.255.255.0", "number from 0 to 32" },
		{ "2001:db8::/129", "number from 0 to 128" },

		{ "192.0.2.1/24", bits },
		{ "192.0.2.0/22", bits },
		{ "128.0.0.0/0", bits },
		{ "2001:db8::1/64", bits },
		{ "2001:db8::/28", bits },
		{ "::ffff:0:0/90", bits },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct network network;
		struct error err = { .text = "" };

		if (network_parse(&network, cases[i].text, &err) >= 0 ||
		    strstr(err.text, cases[i].complaint) == NULL)
			fail_msg("\"%s\": %s", cases[i].text, err.text);
	}
}

static void a_network_holds_its_hosts_and_no_other(void **state)
{
	static const struct {
		const char *network;
		const char *host;
		bool held;
	} cases[] = {
		{ "192.0.2.0/24", "192.0.2.0", true },
		{ "192.0.2.0/24", "192.0.2.255", true },
		{ "192.0.2.0/24", "192.0.3.0", false },
		{ "192.0.2.0/23", "192.0.3.255", true },
		{ "192.0.2.0/23", "192.0.4.0", false },
		{ "192.0.2.128/25", "192.0.2.127", false },
		{ "192.0.2.128/25", "192.0.2.128", true },
		{ "192.0.2.7", "192.0.2.7", true },
		{ "192.0.2.7/32", "192.0.2.6", false },
		{ "0.0.0.0/0", "198.51.100.1", true },
		{ "0.0.0.0/0", "2001:db8::1", false },
		{ "0.0.0.0/1", "198.51.100.1", false },

		{ "2001:db8::/64", "2001:db8::1", true },
		{ "2001:db8::/64", "2001:DB8:0:0:ffff::1", true },
		{ "2001:db8::/64", "IPv6:2001:db8::1", true },
		{ "2001:db8::/64", "2001:db8:0:1::1", false },
		{ "2001:db8::/33", "2001:db8:7fff::1", true },
		{ "2001:db8::/33", "2001:db8:8000::1", false },
		{ "2001:db8::1", "2001:db8::1", true },
		{ "2001:db8::1", "2001:db8::", false },
		{ "::/0", "2001:db8::1", true },

		/* An IPv4 host is itself, mapped to IPv6 or not. */
		{ "192.0.2.0/24", "::ffff:192.0.2.1", true },
		{ "192.0.2.0/24", "IPv6:::ffff:192.0.2.1", true },
		{ "::ffff:192.0.2.0/120", "192.0.2.1", true },
		{ "::ffff:0:0/96", "192.0.2.1", true },
		{ "::/0", "192.0.2.1", false },
		{ "::/0", "::ffff:192.0.2.1", false },
		{ "::/8", "192.0.2.1", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct network network, host;
		struct error err;

		must(network_parse(&network, cases[i].network, &err), &err);
		assert_true(network_parse_client(&host, cases[i].host));
		if (network_contains(&network, &host) != cases[i].held)
			fail_msg("%s and %s", cases[i].network, cases[i].host);
	}
}

static void what_is_no_address_of_a_client_is_none(void **state)
{
	static const char *const texts[] = { "",
					     "unknown",
					     "IPv6:",
					     "IPv6:unknown",
					     "192.0.2",
					     "192.0.2.1/32",
					     "IPv6 ::1",
					     "[192.0.2.1]",
					     "IPv6:IPv6:::1",
					     " 192.0.2.1" };
	struct network host;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		if (network_parse_client(&host, texts[i]))
			fail_msg("\"%s\"", texts[i]);
	}
}

static void loopback_is_127_and_1_of_ipv6(void **state)
{
	static const struct {
		const char *host;
		bool loopback;
	} cases[] = {
		{ "127.0.0.1", true },
		{ "127.255.255.255", true },
		{ "::1", true },
		{ "IPv6:::1", true },
		{ "::ffff:127.0.0.1", true },
		{ "128.0.0.1", false },
		{ "::", false },
		{ "::2", false },
		{ "::127.0.0.1", false },
		{ "192.0.2.1", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct network host;

		assert_true(network_parse_client(&host, cases[i].host));
		if (network_is_loopback(&host) != cases[i].loopback)
			fail_msg("%s", cases[i].host);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_network_is_refused_with_the_reason),
		cmocka_unit_test(a_network_holds_its_hosts_and_no_other),
		cmocka_unit_test(what_is_no_address_of_a_client_is_none),
		cmocka_unit_test(loopback_is_127_and_1_of_ipv6),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
