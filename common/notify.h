#ifndef COMMON_NOTIFY_H
#define COMMON_NOTIFY_H

/*
 * Tell the service manager: "READY=1", "STOPPING=1" and the like, as
 * sd_notify(3) describes them, several separated by newlines. Without a
 * manager ($NOTIFY_SOCKET) nothing happens; a failure is logged, for mail
 * goes on without it.
 */
void notify_state(const char *state);

#endif
