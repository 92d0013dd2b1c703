#ifndef TESTS_UNIT_MUST_H
#define TESTS_UNIT_MUST_H

#include "tests/unit/test.h"

#include "common/error.h"

/* It did; else why not is shown. */
static void must(int result, const struct error *err)
{
	if (result < 0)
		print_error("%s\n", err->text);
	assert_int_equal(result, 0);
}

#endif
