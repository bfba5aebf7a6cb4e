/* ip.c - claims about base/ip.h. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/ip.h"
#include "base/text.h"

static struct ip parsed(const char *text)
{
	struct ip ip;

	if (ip_parse(text, &ip) < 0)
		fail_msg("'%s' is an address", text);
	return ip;
}

static void assert_printed(const char *text, const char *expected)
{
	const struct ip ip = parsed(text);
	struct text printed = { 0 };

	ip_print(&printed, &ip);
	assert_string_equal(text_string(&printed), expected);
	text_done(&printed);
}

static void addresses_are_printed_as_rfc_5952_has_them(void **state)
{
	assert_printed("192.0.2.7", "192.0.2.7");
	assert_printed("2001:DB8:0:0::1", "2001:db8::1");
	assert_printed("::ffff:192.0.2.7", "::ffff:192.0.2.7");
	assert_printed("fe80::1%1", "fe80::1%1");
	assert_printed("fe80::1%lo", "fe80::1%1");
}

static void what_is_no_address_is_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"1.2.3",
		"1.2.3.4.5",
		"256.1.1.1",
		"01.2.3.4",
		"0x7f.1",
		"::1%",
		"::1%no-such-interface",
		"[::1]",
		"1.2.3.4 ",
		"1.2.3.4%1",
		"12345::1",
		"localhost",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	};
	struct ip ip;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (ip_parse(texts[i], &ip) != -EINVAL)
			fail_msg("'%s' is no address", texts[i]);
}

static void assert_port(const char *text, const char *expected)
{
	struct text printed = { 0 };
	struct ip ip;
	uint16_t port;

	if (ip_parse_port(text, 53, &ip, &port) < 0)
		fail_msg("'%s' is an address with a port", text);
	ip_print_port(&printed, &ip, port);
	assert_string_equal(text_string(&printed), expected);
	text_done(&printed);
}

static void a_port_may_stand_behind_an_address(void **state)
{
	static const char *const texts[] = { "1.2.3.4:",     "1.2.3.4:0", "1.2.3.4:65536",
					     "[::1",	     "[::1]53",	  "[::1]:",
					     "[1.2.3.4]:53", ":53",	  "1.2.3.4:5x" };
	struct ip ip;
	uint16_t port;

	assert_port("192.0.2.53", "192.0.2.53:53");
	assert_port("192.0.2.53:5353", "192.0.2.53:5353");
	assert_port("2001:db8::53", "[2001:db8::53]:53");
	assert_port("[2001:db8::53]", "[2001:db8::53]:53");
	assert_port("[2001:db8::53]:65535", "[2001:db8::53]:65535");
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (ip_parse_port(texts[i], 53, &ip, &port) != -EINVAL)
			fail_msg("'%s' is no address with a port", texts[i]);
}

static void private_places_are_known(void **state)
{
	static const char *const texts[] = {
		"0.0.0.0",
		"0.1.2.3",
		"10.0.0.1",
		"100.64.0.1",
		"100.127.255.255",
		"127.0.0.1",
		"127.255.255.254",
		"169.254.169.254",
		"172.16.0.1",
		"172.31.255.255",
		"192.0.0.8",
		"192.0.2.1",
		"192.88.99.1",
		"192.168.0.1",
		"198.18.0.1",
		"198.19.255.255",
		"198.51.100.1",
		"203.0.113.1",
		"224.0.0.1",
		"240.0.0.1",
		"255.255.255.255",
		"::",
		"::1",
		"::ffff:127.0.0.1",
		"::ffff:10.1.2.3",
		"::127.0.0.1",
		"64:ff9b::10.0.0.1",
		"64:ff9b:1::1",
		"100::1",
		"100:0:0:1::1",
		"2001::1",
		"2001:1::4",
		"2001:1:1::1",
		"2001:2::1",
		"2001:10::1",
		"2001:db8::1",
		"2002:a00:1::1",
		"2002:7f00:1::1",
		"3fff::1",
		"3fff:fff:ffff::1",
		"5f00::1",
		"fc00::1",
		"fdff::1",
		"fe80::1",
		"febf::1",
		"fec0::1",
		"ff02::1",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const struct ip ip = parsed(texts[i]);

		if (!ip_is_private(&ip))
			fail_msg("%s is private", texts[i]);
	}
}

static void public_places_are_known(void **state)
{
	static const char *const texts[] = {
		"1.1.1.1",	   "9.255.255.255",   "11.0.0.0",	 "100.63.255.255",
		"100.128.0.0",	   "126.255.255.255", "128.0.0.0",	 "169.253.255.255",
		"172.15.255.255",  "172.32.0.0",      "192.0.0.9",	 "192.0.0.10",
		"192.0.1.0",	   "192.31.196.1",    "192.167.255.255", "198.17.255.255",
		"198.20.0.0",	   "223.255.255.255", "::ffff:1.1.1.1",	 "64:ff9b::1.1.1.1",
		"2001:1::1",	   "2001:1::2",	      "2001:1::3",	 "2001:30::1",
		"2001:3::1",	   "2001:4:112::1",   "2001:20::1",	 "2001:200::1",
		"2002:101:101::1", "2606:4700::1111", "2a00:1450::1",	 "3ffe::1",
		"4000::1",	   "fbff::1",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const struct ip ip = parsed(texts[i]);

		if (ip_is_private(&ip))
			fail_msg("%s is public", texts[i]);
	}
}

static int within(const char *text, const char *network)
{
	const struct ip ip = parsed(text);

	return ip_is_within(&ip, network);
}

static void a_network_holds_what_shares_its_prefix(void **state)
{
	assert_int_equal(within("192.0.2.7", "192.0.2.0/24"), 1);
	assert_int_equal(within("192.0.3.7", "192.0.2.0/24"), 0);
	assert_int_equal(within("192.0.2.129", "192.0.2.128/25"), 1);
	assert_int_equal(within("192.0.2.127", "192.0.2.128/25"), 0);
	assert_int_equal(within("192.0.2.7", "0.0.0.0/0"), 1);
	assert_int_equal(within("192.0.2.7", "192.0.2.7"), 1);
	assert_int_equal(within("192.0.2.7", "192.0.2.7/32"), 1);
	assert_int_equal(within("192.0.2.8", "192.0.2.7/32"), 0);
	assert_int_equal(within("2001:db8::1", "2001:db8::/32"), 1);
	assert_int_equal(within("2001:db9::1", "2001:db8::/32"), 0);
	assert_int_equal(within("2001:db8::1", "0.0.0.0/0"), 0);
	assert_int_equal(within("192.0.2.7", "192.0.2.0/33"), -EINVAL);
	assert_int_equal(within("192.0.2.7", "192.0.2.0/"), -EINVAL);
	assert_int_equal(within("192.0.2.7", "192.0.2.0/-1"), -EINVAL);
	assert_int_equal(within("192.0.2.7", "net/8"), -EINVAL);
}

static void the_kernels_form_and_back_is_the_same(void **state)
{
	static const char *const texts[] = { "192.0.2.7", "2001:db8::1", "fe80::1%1" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const struct ip ip = parsed(texts[i]);
		struct sockaddr_storage address;
		struct ip back;
		uint16_t port;

		assert_int_not_equal(ip_to_socket(&ip, 443, &address), 0);
		ip_from_socket(&address, &back, &port);
		assert_true(ip_is_equal(&ip, &back));
		assert_int_equal(port, 443);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_printed_as_rfc_5952_has_them),
		cmocka_unit_test(what_is_no_address_is_refused),
		cmocka_unit_test(a_port_may_stand_behind_an_address),
		cmocka_unit_test(private_places_are_known),
		cmocka_unit_test(public_places_are_known),
		cmocka_unit_test(a_network_holds_what_shares_its_prefix),
		cmocka_unit_test(the_kernels_form_and_back_is_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
