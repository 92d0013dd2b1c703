#ifndef MILTER_DKIM_SIGN_PATH_H
#define MILTER_DKIM_SIGN_PATH_H

#include <stdbool.h>

struct authors;
struct path;
struct path_marks;
struct sign_rules;

/*
 * Whether a message is signed, for the way by which it came. Pure. With a login
 * it is, if the policy allows it too; without one only what the rules name.
 */

/* At MAIL, before anything is known of the header: can it be signed at all? */
bool sign_path_may(const struct sign_rules *rules, const struct path *path,
		   const char *mail_from);

/*
 * Why a message that came so is not signed: for where its header says that it
 * has been, or for its authors. NULL if it may be; constants.
 */
const char *
sign_path_passed_on(const struct path *path, const struct path_marks *marks);
const char *sign_path_refusal(const struct sign_rules *rules,
			      const struct path *path, bool bounce,
			      const struct authors *authors);

#endif
