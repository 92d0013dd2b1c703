/*
 * Asks a directory without pause, as a daemon would, until its standard input
 * ends. For each line on it answers "ASKED WRONG": how often it asked since
 * the last line, and how often the answer was neither of the two that can be
 * right. What was wrong goes to stderr.
 *
 * usage: reader URI ACCOUNT ADDRESS
 */
#include "common/address.h"
#include "common/directory.h"
#include "common/error.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

/* The account is always there and always has the address. */
static unsigned long
ask(struct directory *dir, const char *account, const char *address_text)
{
	struct directory_account found;
	struct address address;
	unsigned long wrong = 0;
	struct error err = { .text = "not so" };

	if (address_parse(&address, address_text, &err) < 0) {
		(void)fprintf(stderr, "%s\n", err.text);
		exit(EX_USAGE);
	}
	if (directory_login(dir, account, &found, &err) != DIRECTORY_YES)
		wrong++;
	directory_account_release(&found);
	if (directory_login(dir, address_text, &found, &err) != DIRECTORY_YES)
		wrong++;
	directory_account_release(&found);
	if (directory_owns(dir, account, &address, &err) != DIRECTORY_YES)
		wrong++;
	if (directory_may_send_as(dir, account, &address, time(NULL), &err) ==
	    DIRECTORY_PERMISSION_FAILED)
		wrong++;
	if (wrong > 0)
		(void)fprintf(stderr, "reader: %s\n", err.text);
	address_release(&address);
	return wrong;
}

/* 1: a line was read; 0: nothing is there; -1: the end. */
static int read_line(void)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	char line[16];

	if (poll(&input, 1, 0) <= 0)
		return 0;
	return read(STDIN_FILENO, line, sizeof(line)) > 0 ? 1 : -1;
}

int main(int argc, char **argv)
{
	unsigned long asked = 0, wrong = 0;
	struct directory *dir;
	struct error err;
	int line;

	if (argc != 4 || directory_open(&dir, argv[1], &err) < 0)
		return EX_USAGE;
	while ((line = read_line()) >= 0) {
		wrong += ask(dir, argv[2], argv[3]);
		asked++;
		if (line > 0) {
			(void)printf("%lu %lu\n", asked, wrong);
			(void)fflush(stdout);
			asked = 0;
			wrong = 0;
		}
	}
	directory_close(&dir);
	return EX_OK;
}
