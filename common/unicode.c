#include "common/unicode.h"

#include "common/error.h"
#include "common/mem.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <unicase.h>
#include <uninorm.h>
#include <unistr.h>
#include <unictype.h>

static bool is_printable_ascii(ucs4_t c)
{
	return c >= 0x20 && c < 0x7f;
}

static const char *why_control(ucs4_t c)
{
	if (is_printable_ascii(c))
		return NULL;
	if (uc_is_general_category_withtable(c, UC_CATEGORY_MASK_Cc |
							UC_CATEGORY_MASK_Zl |
							UC_CATEGORY_MASK_Zp))
		return "a control character";
	if (uc_is_property_bidi_control(c))
		return "a bidirectional control";
	return NULL;
}

static const char *why_control_in_name(ucs4_t c)
{
	return c == '\t' ? NULL : why_control(c);
}

static const char *why_unfit_to_show(ucs4_t c)
{
	const char *why = why_control(c);

	if (why == NULL && !is_printable_ascii(c) &&
	    uc_is_property_zero_width(c))
		return "a zero-width character";
	return why;
}

static const char *why_unfit_in_field(ucs4_t c)
{
	if (c == '\t' || c == '\r' || c == '\n')
		return NULL;
	return why_unfit_to_show(c);
}

static const char *why_unfit_to_identify(ucs4_t c)
{
	const char *why = why_unfit_to_show(c);

	if (why != NULL || is_printable_ascii(c))
		return why;
	if (uc_is_property_white_space(c))
		return "white space";
	if (uc_is_property_default_ignorable_code_point(c))
		return "an invisible character";
	if (uc_is_general_category_withtable(c, UC_CATEGORY_MASK_Cn))
		return "an unassigned character";
	return NULL;
}

static int check(const char *text, size_t len, const char *(*why_unfit)(ucs4_t),
		 struct error *err_r)
{
	size_t i = 0;

	while (i < len) {
		ucs4_t c;
		const char *why;
		int used = u8_mbtoucr(&c, (const uint8_t *)text + i, len - i);

		if (used < 0)
			return error_set(err_r, "octet %zu is not UTF-8", i);
		why = why_unfit(c);
		if (why != NULL)
			return error_set(err_r,
					 "octet %zu begins %s, U+%04X, which "
					 "may not stand here",
					 i, why, (unsigned int)c);
		i += (size_t)used;
	}
	return 0;
}

/* libunistring fails on valid text only for want of memory. */
static char *take_string(uint8_t *text, size_t len)
{
	char *copy;

	if (text == NULL)
		abort();
	copy = mem_strndup((char *)text, len);
	free(text);
	return copy;
}

static bool is_ascii(const char *text, size_t len)
{
	while (len > 0) {
		if ((unsigned char)text[--len] >= 0x80)
			return false;
	}
	return true;
}

/* Most text is ASCII, which is its own normal form. */
static char *normalise(const char *text, size_t len, uninorm_t form)
{
	size_t new_len = 0;
	uint8_t *new;

	if (is_ascii(text, len))
		return mem_strndup(text, len);
	new = u8_normalize(form, (const uint8_t *)text, len, NULL, &new_len);
	return take_string(new, new_len);
}

static char *lower_ascii(const char *text, size_t len)
{
	char *lower = mem_strndup(text, len), *c;

	for (c = lower; *c != '\0'; c++) {
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	}
	return lower;
}

int unicode_check(const char *text, size_t len, struct error *err_r)
{
	return check(text, len, why_unfit_to_show, err_r);
}

int unicode_check_field(const char *text, size_t len, struct error *err_r)
{
	return check(text, len, why_unfit_in_field, err_r);
}

int unicode_check_name(const char *text, size_t len, struct error *err_r)
{
	return check(text, len, why_control_in_name, err_r);
}

int unicode_identifier(char **nfc_r, const char *text, size_t len,
		       struct error *err_r)
{
	if (check(text, len, why_unfit_to_identify, err_r) < 0)
		return -1;
	*nfc_r = normalise(text, len, UNINORM_NFC);
	return 0;
}

char *unicode_lower(const char *text, size_t len)
{
	size_t lower_len = 0;
	uint8_t *lower;

	if (is_ascii(text, len))
		return lower_ascii(text, len);
	lower = u8_tolower((const uint8_t *)text, len, NULL, UNINORM_NFC, NULL,
			   &lower_len);
	return take_string(lower, lower_len);
}

char *unicode_fold(const char *text, size_t len)
{
	size_t folded_len = 0;
	uint8_t *folded;
	char *nfd;

	if (is_ascii(text, len))
		return lower_ascii(text, len);
	/* Unicode 3.13 D145: decomposed before it is folded. */
	nfd = normalise(text, len, UNINORM_NFD);
	folded = u8_casefold((const uint8_t *)nfd, strlen(nfd), NULL,
			     UNINORM_NFC, NULL, &folded_len);
	free(nfd);
	return take_string(folded, folded_len);
}

/* What a search sees in place of a character of NFKC; 0 for nothing. */
static ucs4_t as_searched(ucs4_t c)
{
	if (c < 0x80)
		return c;
	/* UTS 46 4.5: a dot between labels. NFKC makes it of U+FF61 too. */
	if (c == 0x3002)
		return '.';
	if (uc_is_property_default_ignorable_code_point(c))
		return 0;
	if (uc_is_general_category_withtable(c, UC_CATEGORY_MASK_P |
							UC_CATEGORY_MASK_S |
							UC_CATEGORY_MASK_Z))
		return ' ';
	return c;
}

char *unicode_searched(const char *text, size_t len)
{
	char *nfkc = normalise(text, len, UNINORM_NFKC), *to = nfkc;
	const uint8_t *from = (const uint8_t *)nfkc;
	ucs4_t c;

	while ((from = u8_next(&c, from)) != NULL) {
		c = as_searched(c);
		/* Never longer than what it stands for. */
		if (c != 0)
			to += u8_uctomb((uint8_t *)to, c,
					from - (const uint8_t *)to);
	}
	*to = '\0';
	return nfkc;
}
