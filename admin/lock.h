#ifndef ADMIN_LOCK_H
#define ADMIN_LOCK_H

struct error;

/*
 * FOLDER/lock: one command at a time. Waits LOCK_WAIT_SECONDS for another,
 * then gives up (EX_TEMPFAIL).
 */
#define LOCK_WAIT_SECONDS 60

int lock_take(int *fd_r, const char *folder, struct error *err_r);

/* -1 is fine. */
void lock_release(int *fd);

#endif
