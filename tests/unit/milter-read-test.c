#include "tests/unit/test.h"

#include "common/milter-read.h"

#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#define LARGE 20000

/* The MTA's end and the milter's. */
struct connection {
	int mta;
	int milter;
};

static struct connection open_connection(void)
{
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	milter_read_watch(ends[1]);
	return (struct connection){ .mta = ends[0], .milter = ends[1] };
}

static void close_connection(const struct connection *connection)
{
	assert_int_equal(close(connection->mta), 0);
	assert_int_equal(close(connection->milter), 0);
}

static void send_text(int fd, const char *text)
{
	size_t len = strlen(text);

	assert_int_equal(write(fd, text, len), (ssize_t)len);
}

static bool is_ready(int fd)
{
	struct pollfd polled = { .fd = fd, .events = POLLIN | POLLPRI };
	int count = poll(&polled, 1, 0);

	assert_true(count >= 0);
	assert_int_equal(count, (polled.revents & POLLIN) != 0);
	return count == 1;
}

/* What the system still holds for it. */
static int left(int fd)
{
	int octets;

	assert_int_equal(ioctl(fd, FIONREAD, &octets), 0);
	return octets;
}

/* Where the buffer's size is known, a fortified call goes past our read(). */
static ssize_t __attribute__((noinline))
read_some(int fd, char *data_r, size_t size)
{
	return read(fd, data_r, size);
}

static void expect(int fd, const char *text)
{
	char data[64];
	size_t len = strlen(text);

	assert_int_equal(read_some(fd, data, len), (ssize_t)len);
	assert_memory_equal(data, text, len);
}

static void one_call_takes_all_that_is_there(void **state)
{
	struct connection connection = open_connection();

	(void)state;
	send_text(connection.mta, "abcdef");
	assert_true(is_ready(connection.milter));
	expect(connection.milter, "ab");
	assert_int_equal(left(connection.milter), 0);
	assert_true(is_ready(connection.milter));
	expect(connection.milter, "cdef");
	assert_false(is_ready(connection.milter));
	send_text(connection.mta, "gh");
	assert_true(is_ready(connection.milter));
	expect(connection.milter, "gh");
	close_connection(&connection);
}

static void a_read_has_no_more_than_is_there(void **state)
{
	struct connection connection = open_connection();
	char data[64];

	(void)state;
	send_text(connection.mta, "abc");
	assert_true(is_ready(connection.milter));
	expect(connection.milter, "a");
	send_text(connection.mta, "def");
	assert_int_equal(read_some(connection.milter, data, sizeof(data)), 2);
	assert_memory_equal(data, "bc", 2);
	assert_true(is_ready(connection.milter));
	expect(connection.milter, "def");
	close_connection(&connection);
}

static void a_large_read_goes_past_it(void **state)
{
	static char sent[LARGE], got[LARGE];
	struct connection connection = open_connection();

	(void)state;
	memset(sent, 'x', sizeof(sent));
	assert_int_equal(write(connection.mta, sent, sizeof(sent)),
			 sizeof(sent));
	assert_true(is_ready(connection.milter));
	assert_int_equal(read_some(connection.milter, got, sizeof(got)),
			 sizeof(got));
	assert_memory_equal(got, sent, sizeof(sent));
	close_connection(&connection);
}

static void the_end_comes_behind_what_was_read_ahead(void **state)
{
	struct connection connection = open_connection();
	char data[8];

	(void)state;
	send_text(connection.mta, "abc");
	assert_int_equal(shutdown(connection.mta, SHUT_WR), 0);
	assert_true(is_ready(connection.milter));
	expect(connection.milter, "ab");
	assert_true(is_ready(connection.milter));
	expect(connection.milter, "c");
	assert_true(is_ready(connection.milter));
	assert_int_equal(read_some(connection.milter, data, sizeof(data)), 0);
	close_connection(&connection);
}

static void nothing_is_taken_for_the_next_connection_s(void **state)
{
	struct connection first = open_connection(), second;

	(void)state;
	send_text(first.mta, "MAIL anna");
	assert_true(is_ready(first.milter));
	expect(first.milter, "M");
	close_connection(&first);
	second = open_connection();
	assert_int_equal(second.milter, first.milter);
	assert_false(is_ready(second.milter));
	send_text(second.mta, "bert");
	assert_true(is_ready(second.milter));
	expect(second.milter, "bert");
	close_connection(&second);
}

/* Even if the descriptor is given away without close(). */
static void nothing_is_taken_for_what_takes_its_place(void **state)
{
	struct connection first = open_connection();
	struct connection second = open_connection();

	(void)state;
	send_text(first.mta, "anna");
	assert_true(is_ready(first.milter));
	expect(first.milter, "a");
	assert_int_equal(dup2(second.milter, first.milter), first.milter);
	milter_read_watch(first.milter);
	assert_false(is_ready(first.milter));
	send_text(second.mta, "bert");
	assert_true(is_ready(first.milter));
	expect(first.milter, "bert");
	close_connection(&first);
	close_connection(&second);
}

static void two_in_turn_keep_their_own(void **state)
{
	struct connection first = open_connection();
	struct connection second = open_connection();

	(void)state;
	send_text(first.mta, "anna");
	send_text(second.mta, "bert");
	assert_true(is_ready(first.milter));
	expect(first.milter, "anna");
	assert_true(is_ready(second.milter));
	expect(second.milter, "bert");
	assert_false(is_ready(first.milter));
	send_text(first.mta, "anna");
	assert_true(is_ready(first.milter));
	expect(first.milter, "a");
	send_text(second.mta, "bert");
	assert_true(is_ready(second.milter));
	expect(second.milter, "be");
	expect(first.milter, "nna");
	expect(second.milter, "rt");
	close_connection(&first);
	close_connection(&second);
}

static void any_other_descriptor_is_read_as_ever(void **state)
{
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	send_text(ends[1], "abc");
	assert_true(is_ready(ends[0]));
	expect(ends[0], "a");
	assert_int_equal(left(ends[0]), 2);
	expect(ends[0], "bc");
	assert_false(is_ready(ends[0]));
	(void)close(ends[0]);
	(void)close(ends[1]);
}

static void without_a_poll_nothing_is_read_ahead(void **state)
{
	struct connection connection = open_connection();

	(void)state;
	send_text(connection.mta, "abc");
	expect(connection.milter, "a");
	assert_int_equal(left(connection.milter), 2);
	expect(connection.milter, "bc");
	close_connection(&connection);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_call_takes_all_that_is_there),
		cmocka_unit_test(a_read_has_no_more_than_is_there),
		cmocka_unit_test(a_large_read_goes_past_it),
		cmocka_unit_test(the_end_comes_behind_what_was_read_ahead),
		cmocka_unit_test(nothing_is_taken_for_the_next_connection_s),
		cmocka_unit_test(nothing_is_taken_for_what_takes_its_place),
		cmocka_unit_test(two_in_turn_keep_their_own),
		cmocka_unit_test(any_other_descriptor_is_read_as_ever),
		cmocka_unit_test(without_a_poll_nothing_is_read_ahead),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
