#ifndef TESTS_DKIM_AWKWARD_H
#define TESTS_DKIM_AWKWARD_H

struct message;

/*
 * The awkward message of that number, always the same: what a milter may be
 * shown, and now and then what it should not be. It has a From field.
 */
void awkward_message(struct message *message_r, unsigned int number);

#endif
