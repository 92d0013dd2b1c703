#include "tests/unit/test.h"

#include "admin/text-diff.h"
#include "common/mem.h"

#define TEN "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n"

static void differences_are_written_as_by_diff(void **state)
{
	static const struct {
		const char *name;
		const char *before, *after;
		const char *diff; /* without the head lines */
	} cases[] = {
		{ "a line put in, three around it", TEN,
		  "1\n2\n3\n4\n5\nx\n6\n7\n8\n9\n10\n",
		  "@@ -3,6 +3,7 @@\n 3\n 4\n 5\n+x\n 6\n 7\n 8\n" },
		{ "a line replaced at the start", TEN,
		  "x\n2\n3\n4\n5\n6\n7\n8\n9\n10\n",
		  "@@ -1,4 +1,4 @@\n-1\n+x\n 2\n 3\n 4\n" },
		{ "a line taken out at the end", TEN,
		  "1\n2\n3\n4\n5\n6\n7\n8\n9\n",
		  "@@ -7,4 +7,3 @@\n 7\n 8\n 9\n-10\n" },
		{ "two places that touch are one", TEN,
		  "1\n3\n4\n5\n6\n7\n8\nx\n9\n10\n",
		  "@@ -1,10 +1,10 @@\n 1\n-2\n 3\n 4\n 5\n 6\n 7\n 8\n+x\n"
		  " 9\n 10\n" },
		{ "two places that do not are two", TEN,
		  "x\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\nx\n",
		  "@@ -1,3 +1,4 @@\n+x\n 1\n 2\n 3\n"
		  "@@ -8,3 +9,4 @@\n 8\n 9\n 10\n+x\n" },
		{ "all of it new", "", "1\n", "@@ -0,0 +1 @@\n+1\n" },
		{ "all of it gone", "1\n", "", "@@ -1 +0,0 @@\n-1\n" },
		{ "the last line's end alone", "1\n2", "1\n2\n",
		  "@@ -1,2 +1,2 @@\n 1\n-2\n\\ No newline at end of file\n"
		  "+2\n" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		char *expected =
			mem_printf("--- /a\n+++ /a\n%s", cases[i].diff);
		char *diff = text_diff("/a", cases[i].before, cases[i].after);

		print_message("%s\n", cases[i].name);
		assert_string_equal(diff, expected);
		mem_free_string(&diff);
		mem_free_string(&expected);
	}
}

static void equal_texts_have_no_difference(void **state)
{
	char *diff = text_diff("/a", TEN, TEN);

	(void)state;
	assert_string_equal(diff, "");
	mem_free_string(&diff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(differences_are_written_as_by_diff),
		cmocka_unit_test(equal_texts_have_no_difference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
