#ifndef COMMON_ERROR_H
#define COMMON_ERROR_H

#include <sysexits.h>

#define ERROR_TEXT_SIZE 768

/*
 * One failure, as one line for a person: what, where, why and what to do.
 * Libraries fill it and the top of the program prints or logs it, once.
 */
struct error {
	int sysexit; /* an EX_ value of <sysexits.h> */
	char text[ERROR_TEXT_SIZE];
};

/*
 * Fill err with bad input (EX_DATAERR) or with the given sysexit; both are -1,
 * spelled out here so that analysers see it. A text that does not fit is cut;
 * what utf8_make_printable() refuses becomes '?', so that foreign input cannot
 * forge a log line. err may be NULL.
 */
#define error_set(err, ...) error_set_as(err, EX_DATAERR, __VA_ARGS__)
#define error_set_as(err, sysexit, ...)                                        \
	({                                                                     \
		error_fill(err, sysexit, __VA_ARGS__);                         \
		-1;                                                            \
	})
void error_fill(struct error *err, int sysexit, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Put "text: " before what err says; its sysexit stays. Returns -1. */
int error_prefix(struct error *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
