#ifndef MILTER_DKIM_VERIFY_CALLBACKS_H
#define MILTER_DKIM_VERIFY_CALLBACKS_H

struct smfiDesc;
struct verify_settings;

/* What libmilter calls; for milter_run(). */
extern const struct smfiDesc verify_callbacks;
extern const unsigned long verify_callbacks_actions;
unsigned long verify_callbacks_steps(void);

/*
 * Messages that begin from now on use these settings, whose hold is taken
 * over; NULL only when no callback runs any more.
 */
void verify_callbacks_use(struct verify_settings *settings);

#endif
