#include "admin/password.h"

#include "common/error.h"
#include "common/mem.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <termios.h>
#include <unistd.h>

/*
 * Byte by byte: stdio would keep a copy that can't be wiped. buffer has room
 * for PASSWORD_MAX octets, the newline and a NUL.
 */
static int read_line(char *buffer, size_t *len_r, struct error *err_r)
{
	size_t len = 0;

	while (len < PASSWORD_MAX + 1) {
		ssize_t got = read(STDIN_FILENO, buffer + len, 1);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_set_as(err_r, EX_NOINPUT,
					    "the password can't be read: %s",
					    strerror(errno));
		if (got == 0 || buffer[len] == '\n')
			break;
		len++;
	}
	buffer[len] = '\0';
	*len_r = len;
	return 0;
}

static int check_line(const char *line, size_t len, struct error *err_r)
{
	if (len == 0)
		return error_set(err_r, "the password is empty; write it as "
					"one line on standard input");
	if (len > PASSWORD_MAX)
		return error_set(err_r, "the password is longer than %d octets",
				 PASSWORD_MAX);
	if (strlen(line) != len)
		return error_set(err_r, "a NUL stands in the password");
	return 0;
}

static int read_one(char **password_r, struct error *err_r)
{
	char line[PASSWORD_MAX + 2];
	int result = -1;
	size_t len;

	if (read_line(line, &len, err_r) == 0 &&
	    check_line(line, len, err_r) == 0) {
		*password_r = mem_strdup(line);
		result = 0;
	}
	explicit_bzero(line, sizeof(line));
	return result;
}

/* Ends with the terminal as it was, also if ^C or ^\ is typed. */
static int ask(const char *prompt, char **password_r, struct error *err_r)
{
	struct termios old, quiet;
	sigset_t blocked, before;
	int result;

	(void)sigemptyset(&blocked);
	(void)sigaddset(&blocked, SIGINT);
	(void)sigaddset(&blocked, SIGQUIT);
	(void)sigaddset(&blocked, SIGTSTP);
	(void)sigprocmask(SIG_BLOCK, &blocked, &before);
	if (tcgetattr(STDIN_FILENO, &old) < 0) {
		(void)sigprocmask(SIG_SETMASK, &before, NULL);
		return error_set_as(err_r, EX_NOINPUT,
				    "the terminal can't be made quiet: %s",
				    strerror(errno));
	}
	quiet = old;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	/* Then the prompt: what is typed before it is not waited for. */
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	(void)fputs(prompt, stderr);
	result = read_one(password_r, err_r);
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &old);
	(void)fputc('\n', stderr);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	return result;
}

static int ask_twice(char **password_r, struct error *err_r)
{
	char *again = NULL;
	bool same;

	if (ask("Password: ", password_r, err_r) < 0)
		return -1;
	if (ask("Again: ", &again, err_r) < 0) {
		mem_wipe_string(password_r);
		return -1;
	}
	same = strcmp(*password_r, again) == 0;
	mem_wipe_string(&again);
	if (same)
		return 0;
	mem_wipe_string(password_r);
	return error_set(err_r, "the two are not the same");
}

int password_read(char **password_r, struct error *err_r)
{
	*password_r = NULL;
	return isatty(STDIN_FILENO) ? ask_twice(password_r, err_r)
				    : read_one(password_r, err_r);
}
