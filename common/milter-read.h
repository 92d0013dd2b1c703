#ifndef COMMON_MILTER_READ_H
#define COMMON_MILTER_READ_H

/*
 * libmilter takes each command off its connection with three calls of poll()
 * and two of read(), though an MTA sends a whole header's at once: a hundred
 * calls a message. The definitions of poll(), read() and close() in
 * milter-read.c stand before the C library's for every caller in the process.
 * On a connection that is watched, a read() after a poll() of it alone takes
 * all that is there, and the calls that follow in this thread are answered
 * from that. Any other descriptor is read as ever.
 *
 * libmilter hands a connection on to another thread only after poll() said
 * that nothing is there, so what is read ahead is of use to one thread alone.
 */

/* A connection that was just accepted; until it is closed. */
void milter_read_watch(int fd);

#endif
