#include "tests/unit/test.h"

#include "admin/postfix-map.h"
#include "common/buffer.h"
#include "common/error.h"
#include "common/mem.h"

#include <stdio.h>
#include <string.h>

/* Entries as "LINE KEY|WORD|WORD;", a line that is none as "LINE !;". */
static const struct {
	const char *name;
	const char *text;
	const char *entries;
} texts[] = {
	{ "nothing", "", "" },
	{ "a comment, an empty line, white space", "# a b\n\n  \t\n", "" },
	{ "an entry without a line's end", "a b", "1 a|b;" },
	{ "tabs and spaces between", "a\t  b\nc d\n", "1 a|b;2 c|d;" },
	{ "lines of another system", "a b\r\nc d\r\n", "1 a|b;2 c|d;" },
	{ "words with commas", "a b,c, d ,e\n", "1 a|b|c|d|e;" },
	{ "nothing but commas", "a , ,\n", "1 a;" },
	{ "a key alone", "a\nb  \n", "1 a;2 b;" },
	{ "a line that continues", "a\n  b,\n\tc\nd e\n", "1 a|b|c;4 d|e;" },
	{ "words that a line's end parts", "a b\n c\n", "1 a|b|c;" },
	{ "comments within an entry", "a b\n# c d\n\n  # e\n f\ng h\n",
	  "1 a|b|f;6 g|h;" },
	{ "comments behind the last entry", "a b\n# c\n\n", "1 a|b;" },
	{ "a comment sign behind a word", "a b # c\n", "1 a|b|#|c;" },
	{ "a quoted key", "\"a b\"@example.org c\n",
	  "1 \"a b\"@example.org|c;" },
	{ "a quote in quotes", "\"a\\\" b\"@c d\n", "1 \"a\\\" b\"@c|d;" },
	{ "a quote that is not closed", "\"a b\nc d\n", "1 \"a b;2 c|d;" },
	{ "quoted words", "a \"|b c, d\", e\n", "1 a|\"|b c, d\"|e;" },
	{ "white space first", " a b\nc d\n", "1 !;2 c|d;" },
};

static char *entries_of(char *text, size_t len)
{
	struct buffer found = BUFFER_INIT;
	struct postfix_entry entry;
	struct postfix_map map;
	struct error err;
	int result;

	postfix_map_init(&map, text, len);
	while ((result = postfix_map_next(&entry, &map, &err)) != 0) {
		const char *word;

		buffer_printf(&found, "%lu %s", entry.line,
			      result > 0 ? entry.key : "!");
		while (result > 0 &&
		       (word = postfix_map_word(&entry.value)) != NULL)
			buffer_printf(&found, "|%s", word);
		buffer_append_char(&found, ';');
	}
	buffer_append_string(&found, "");
	return buffer_steal(&found);
}

static void a_text_is_read_as_postmap_reads_it(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		char *text = mem_strdup(texts[i].text);
		char *found = entries_of(text, strlen(text));

		(void)printf("%s\n", texts[i].name);
		assert_string_equal(found, texts[i].entries);
		mem_free_string(&found);
		mem_free_string(&text);
	}
}

static void a_line_with_a_nul_is_none(void **state)
{
	char text[] = "a b\nc\0d e\n f\ng h\n i\0j\nk l\n\0\n";
	char *found = entries_of(text, sizeof(text) - 1);

	(void)state;
	assert_string_equal(found, "1 a|b;2 !;4 !;6 !;");
	mem_free_string(&found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_is_read_as_postmap_reads_it),
		cmocka_unit_test(a_line_with_a_nul_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
