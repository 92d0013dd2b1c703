#include "tests/unit/folder.h"
#include "tests/unit/must.h"

#include "common/attempt-spool.h"
#include "common/buffer.h"
#include "common/mem.h"
#include "common/spool.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MIB ((off_t)1 << 20)

struct fixture {
	char *folder;
	char *path;
	int fd;
	struct spool_place place;
	struct buffer taken; /* each followed by ';' */
};

static void take(void *context, const char *text)
{
	struct buffer *taken = context;

	buffer_append_string(taken, text);
	buffer_append_char(taken, ';');
}

static int set_up(void **state)
{
	struct fixture *test = mem_alloc(sizeof(*test));
	struct error err;

	test->folder = folder_make("spool");
	test->path = mem_printf("%s/spool", test->folder);
	must(spool_open(&test->fd, test->path, &err), &err);
	*state = test;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *test = *state;

	(void)close(test->fd);
	buffer_release(&test->taken);
	mem_free_string(&test->path);
	folder_remove(&test->folder);
	free(test);
	return 0;
}

static void append(struct fixture *test, const char *line)
{
	struct error err;

	must(spool_append(test->fd, line, SPOOL_OCTETS_MAX, &err), &err);
}

static void assert_read(struct fixture *test, const char *expected)
{
	struct error err;
	int found;

	buffer_clear(&test->taken);
	found = spool_read(test->path, &test->place, take, &test->taken, &err);
	if (found < 0)
		print_error("%s\n", err.text);
	assert_int_equal(found, 1);
	assert_string_equal(buffer_string(&test->taken), expected);
}

static void clear(struct fixture *test)
{
	struct error err;

	must(spool_clear(test->path, &test->place, &err), &err);
}

static struct stat status_of(const struct fixture *test)
{
	struct stat status;

	assert_int_equal(stat(test->path, &status), 0);
	return status;
}

static void what_is_appended_is_read_once(void **state)
{
	struct fixture *test = *state;

	assert_read(test, "");
	append(test, "one");
	append(test, "");
	append(test, "two 2");
	assert_read(test, "one;;two 2;");
	assert_read(test, "");
	append(test, "three");
	assert_read(test, "three;");
	assert_int_equal(status_of(test).st_mode & 07777, 0600);
}

static void a_place_that_was_not_kept_reads_the_same_again(void **state)
{
	struct fixture *test = *state;
	struct spool_place kept;

	append(test, "one");
	assert_read(test, "one;");
	kept = test->place;
	append(test, "two");
	assert_read(test, "two;");
	test->place = kept;
	clear(test);
	assert_read(test, "two;");
	clear(test);
	clear(test);
	assert_read(test, "");
	append(test, "three");
	assert_read(test, "three;");
}

static void what_was_read_is_given_back_to_the_disk(void **state)
{
	struct fixture *test = *state;
	off_t size;
	int i;

	for (i = 0; i < 10000; i++)
		append(test, "0123456789 0123456789 0123456789 0123456789");
	size = status_of(test).st_size;
	assert_true(status_of(test).st_blocks * 512 >= size);
	buffer_clear(&test->taken);
	assert_int_equal(
		spool_read(test->path, &test->place, take, &test->taken, NULL),
		1);
	assert_int_equal(test->taken.len, 10000 * 44);
	clear(test);
	assert_int_equal(status_of(test).st_size, size);
	assert_true(status_of(test).st_blocks * 512 <= 8192);
}

static void a_full_spool_takes_nothing_until_it_is_read(void **state)
{
	struct fixture *test = *state;
	char line[4000];
	struct error err;
	int appended = 0;

	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\0';
	while (spool_append(test->fd, line, (size_t)MIB, &err) == 0)
		appended++;
	assert_string_equal(err.text, "the spool is full");
	assert_in_range(appended, 250, 263);
	assert_true(status_of(test).st_blocks * 512 <= MIB + 8192);
	/* A larger share is left. */
	append(test, "one");
	assert_int_equal(
		spool_read(test->path, &test->place, take, &test->taken, NULL),
		1);
	clear(test);
	must(spool_append(test->fd, line, (size_t)MIB, &err), &err);
}

static void it_begins_anew_when_it_has_grown_long(void **state)
{
	struct fixture *test = *state;
	struct spool_place kept;
	struct error err;

	/* As after many lines that were read and given back. */
	assert_int_equal(ftruncate(test->fd, 4 * (off_t)SPOOL_OCTETS_MAX), 0);
	append(test, "one");
	assert_read(test, "one;");
	kept = test->place;
	assert_true(kept.offset > 4 * (off_t)SPOOL_OCTETS_MAX);
	clear(test);
	assert_int_equal(test->place.offset, 0);
	assert_int_equal(status_of(test).st_size, 0);
	append(test, "two");
	/* Killed before that was kept. */
	test->place = kept;
	assert_int_equal(spool_clear(test->path, &test->place, &err), -1);
	assert_read(test, "two;");
}

static void it_does_not_begin_anew_over_what_is_unread(void **state)
{
	struct fixture *test = *state;

	assert_int_equal(ftruncate(test->fd, 4 * (off_t)SPOOL_OCTETS_MAX), 0);
	append(test, "one");
	assert_read(test, "one;");
	append(test, "two");
	clear(test);
	assert_read(test, "two;");
}

static void while_it_begins_anew_nobody_waits(void **state)
{
	struct fixture *test = *state;
	struct error err;
	int other = open(test->path, O_RDONLY | O_CLOEXEC);

	assert_int_equal(flock(other, LOCK_EX), 0);
	assert_int_equal(spool_append(test->fd, "one", SPOOL_OCTETS_MAX, &err),
			 -1);
	(void)close(other);
	append(test, "two");
	assert_read(test, "two;");
}

static void another_file_is_read_from_its_begin(void **state)
{
	struct fixture *test = *state;
	char *away = mem_printf("%s.away", test->path);
	struct error err;

	append(test, "one");
	assert_read(test, "one;");
	assert_int_equal(rename(test->path, away), 0);
	(void)close(test->fd);
	must(spool_open(&test->fd, test->path, &err), &err);
	append(test, "two");
	assert_read(test, "two;");
	mem_free_string(&away);
}

static void a_removed_one_says_so(void **state)
{
	struct fixture *test = *state;
	struct error err;

	assert_int_equal(unlink(test->path), 0);
	assert_int_equal(spool_append(test->fd, "one", SPOOL_OCTETS_MAX, &err),
			 -1);
	assert_non_null(strstr(err.text, "removed"));
	assert_int_equal(
		spool_read(test->path, &test->place, take, &test->taken, &err),
		0);
}

static void what_was_cut_off_is_no_line(void **state)
{
	static const struct {
		const char *name;
		const char *written; /* behind the first */
		const char *read;    /* with the last behind it */
	} cases[] = {
		{ "in its text", "\n10 key=of-on", "first;last;" },
		{ "in its length", "\n", "first;last;" },
		{ "before its newline", "\n4 text", "first;text;last;" },
		{ "another length", "\n5 text\n", "first;last;" },
		{ "no length", "\ntext\n", "first;last;" },
		{ "a sign", "\n+4 text\n", "first;last;" },
		{ "no space", "\n4text\n", "first;last;" },
		{ "a length beyond all", "\n99999999999999999999 x\n",
		  "first;last;" },
		{ "nothing but newlines", "\n\n\n", "first;last;" },
	};
	struct fixture *test = *state;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		append(test, "first");
		assert_int_equal(write(test->fd, cases[i].written,
				       strlen(cases[i].written)),
				 strlen(cases[i].written));
		append(test, "last");
		buffer_clear(&test->taken);
		assert_int_equal(spool_read(test->path, &test->place, take,
					    &test->taken, NULL),
				 1);
		if (strcmp(buffer_string(&test->taken), cases[i].read) != 0)
			fail_msg("%s: %s", cases[i].name, test->taken.data);
	}
}

static void a_line_that_is_still_being_written_is_read_later(void **state)
{
	struct fixture *test = *state;

	append(test, "one");
	assert_int_equal(write(test->fd, "\n3 t", 4), 4);
	assert_read(test, "one;");
	assert_int_equal(write(test->fd, "wo\n", 3), 3);
	assert_read(test, "two;");
}

static void what_is_no_line_of_ours_is_passed_over(void **state)
{
	struct fixture *test = *state;
	char junk[100000];

	memset(junk, 'x', sizeof(junk));
	assert_int_equal(write(test->fd, junk, sizeof(junk)), sizeof(junk));
	append(test, "one");
	assert_read(test, "one;");
	memset(junk, '\0', sizeof(junk));
	assert_int_equal(write(test->fd, junk, sizeof(junk)), sizeof(junk));
	append(test, "two");
	assert_read(test, "two;");
}

static void lines_that_would_be_several_or_too_long_are_refused(void **state)
{
	struct fixture *test = *state;
	char line[SPOOL_LINE_MAX + 2];

	memset(line, 'x', sizeof(line));
	line[SPOOL_LINE_MAX + 1] = '\0';
	assert_int_equal(spool_append(test->fd, line, SPOOL_OCTETS_MAX, NULL),
			 -1);
	assert_int_equal(spool_append(test->fd, "a\nb", SPOOL_OCTETS_MAX, NULL),
			 -1);
	line[SPOOL_LINE_MAX] = '\0';
	append(test, line);
	line[SPOOL_LINE_MAX] = ';';
	assert_read(test, line);
}

static void several_lines_are_as_good_as_each_alone_or_all_refused(void **state)
{
	static const char *const lines[] = { "one", "", "two 2", "a\nb" };
	struct fixture *test = *state;
	struct error err;

	must(spool_append_lines(test->fd, lines, 3, SPOOL_OCTETS_MAX, &err),
	     &err);
	assert_int_equal(
		spool_append_lines(test->fd, lines, 4, SPOOL_OCTETS_MAX, NULL),
		-1);
	append(test, "three");
	assert_read(test, "one;;two 2;three;");
}

static void what_others_may_have_planted_is_refused(void **state)
{
	static const char *const names[] = { "link", "fifo", "hard", "open",
					     "folder" };
	struct fixture *test = *state;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		char *path = mem_printf("%s/%s", test->folder, names[i]);
		char *aim = mem_printf("%s/aim-%s", test->folder, names[i]);
		struct spool_place place = { 0 };
		int fd;

		fd = open(aim, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		assert_true(fd >= 0);
		switch (i) {
		case 0:
			assert_int_equal(symlink(aim, path), 0);
			break;
		case 1:
			assert_int_equal(mkfifo(path, 0600), 0);
			break;
		case 2:
			assert_int_equal(link(aim, path), 0);
			break;
		case 3:
			assert_int_equal(rename(aim, path), 0);
			assert_int_equal(chmod(path, 0622), 0);
			break;
		default:
			assert_int_equal(mkdir(path, 0700), 0);
			break;
		}
		(void)close(fd);
		if (spool_open(&fd, path, NULL) == 0 ||
		    spool_read(path, &place, take, &test->taken, NULL) >= 0)
			fail_msg("%s", names[i]);
		mem_free_string(&aim);
		mem_free_string(&path);
	}
}

/* Each child writes so many lines, of its own number; some are long. */
#define CHILDREN 8
#define LINES 500

static void write_many(const char *path, int child)
{
	char line[3000];
	int fd, i;

	if (spool_open(&fd, path, NULL) < 0)
		_exit(1);
	memset(line, 'a' + child, sizeof(line));
	for (i = 0; i < LINES; i++) {
		size_t len = (size_t)(1 + i * 37 % 2900);

		line[len] = '\0';
		if (spool_append(fd, line, SPOOL_OCTETS_MAX, NULL) < 0)
			_exit(2);
		line[len] = (char)('a' + child);
	}
	_exit(0);
}

struct counted {
	int lines[CHILDREN];
	int wrong;
};

static void count(void *context, const char *text)
{
	struct counted *counted = context;
	const char all[] = { text[0], '\0' };
	int child = text[0] - 'a';

	if (child < 0 || child >= CHILDREN || text[strspn(text, all)] != '\0')
		counted->wrong++;
	else
		counted->lines[child]++;
}

static void several_processes_write_while_one_reads(void **state)
{
	struct fixture *test = *state;
	struct counted counted = { .wrong = 0 };
	int running = CHILDREN, i, status;

	for (i = 0; i < CHILDREN; i++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0)
			write_many(test->path, i);
	}
	while (running > 0) {
		struct error err;

		while (waitpid(-1, &status, WNOHANG) > 0) {
			assert_int_equal(status, 0);
			running--;
		}
		assert_int_equal(spool_read(test->path, &test->place, count,
					    &counted, &err),
				 1);
		must(spool_clear(test->path, &test->place, &err), &err);
	}
	assert_int_equal(counted.wrong, 0);
	for (i = 0; i < CHILDREN; i++)
		assert_int_equal(counted.lines[i], LINES);
}

static void it_is_in_the_folder_of_the_directory(void **state)
{
	static const struct {
		const char *uri;
		const char *path;
	} cases[] = {
		{ "sqlite:/srv/mail", "/srv/mail/attempts.spool" },
		{ "ldap://localhost", "/var/lib/countersign/attempts.spool" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		char *path = attempt_spool_path(cases[i].uri);

		assert_string_equal(path, cases[i].path);
		mem_free_string(&path);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_appended_is_read_once),
		TEST(a_place_that_was_not_kept_reads_the_same_again),
		TEST(what_was_read_is_given_back_to_the_disk),
		TEST(a_full_spool_takes_nothing_until_it_is_read),
		TEST(it_begins_anew_when_it_has_grown_long),
		TEST(it_does_not_begin_anew_over_what_is_unread),
		TEST(while_it_begins_anew_nobody_waits),
		TEST(another_file_is_read_from_its_begin),
		TEST(a_removed_one_says_so),
		TEST(what_was_cut_off_is_no_line),
		TEST(a_line_that_is_still_being_written_is_read_later),
		TEST(what_is_no_line_of_ours_is_passed_over),
		TEST(lines_that_would_be_several_or_too_long_are_refused),
		TEST(several_lines_are_as_good_as_each_alone_or_all_refused),
		TEST(what_others_may_have_planted_is_refused),
		TEST(several_processes_write_while_one_reads),
		cmocka_unit_test(it_is_in_the_folder_of_the_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
