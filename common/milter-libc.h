#ifndef COMMON_MILTER_LIBC_H
#define COMMON_MILTER_LIBC_H

struct error;

/*
 * Three calls of libmilter to the C library that go wrong, with no way to tell
 * it otherwise. The definitions in milter-libc.c stand before the C library's
 * for every caller in the process.
 *
 * sigwait(): libmilter starts a thread that waits for SIGHUP, SIGTERM and
 * SIGINT and takes all three as the end; which of two waiting threads is given
 * a signal is nobody's choice (POSIX XSH 2.4.1). These three are never handed
 * to a waiter by that call.
 *
 * pthread_create(): where a thread for a session can't be had, libmilter
 * forgets the session and keeps its descriptor for good. After
 * milter_libc_start() a thread that can't be had now starts as soon as it can.
 *
 * accept(): where descriptors or memory for a connection lack, libmilter asks
 * again at once, as fast as the processor can. The call waits a while first.
 */

/* Before smfi_main(), after every other thread is there. */
int milter_libc_start(struct error *err_r);

#endif
