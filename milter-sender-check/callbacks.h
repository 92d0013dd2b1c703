#ifndef MILTER_SENDER_CHECK_CALLBACKS_H
#define MILTER_SENDER_CHECK_CALLBACKS_H

struct settings;
struct smfiDesc;

extern const struct smfiDesc callbacks;

/* The SMFIF_ actions that they use. */
extern const unsigned long callbacks_actions;
unsigned long callbacks_steps(void);

/*
 * Messages that begin from now on keep to these settings; the hold on them is
 * taken over, the one on those before given up. NULL only when all is over.
 */
void callbacks_use(struct settings *settings);

#endif
