#ifndef MILTER_DKIM_CALLBACKS_H
#define MILTER_DKIM_CALLBACKS_H

struct settings;
struct smfiDesc;

/* What libmilter calls; for milter_run(). */
extern const struct smfiDesc callbacks;
extern const unsigned long callbacks_actions;
unsigned long callbacks_steps(void);

/*
 * Messages that begin from now on use these settings, whose hold is taken
 * over; NULL only when no callback runs any more.
 */
void callbacks_use(struct settings *settings);

/* Those in use, held once more; NULL before the first. */
struct settings *callbacks_hold_settings(void);

#endif
