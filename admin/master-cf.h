#ifndef ADMIN_MASTER_CF_H
#define ADMIN_MASTER_CF_H

#include <stdbool.h>
#include <stddef.h>

struct error;

/*
 * Postfix's master.cf (master(5)) as text: what its services are, and where an
 * -o setting of theirs stands, so that it can be changed and every other octet
 * stay. Offsets are into the text that was parsed.
 */
struct master_cf_option {
	char *name;
	char *value;
	size_t start;	 /* of "-o" */
	size_t argument; /* of all behind that, white space included */
	size_t end;
};

struct master_cf_service {
	char *name;    /* "submission", "192.0.2.1:465" */
	char *type;    /* "inet" */
	char *command; /* "smtpd" */
	size_t end;    /* of its last line, without the line's end */
	struct master_cf_option *options;
	size_t option_count;

	/* Behind the options, as pipe(8) has them: no -o counts there. */
	bool has_arguments;
};

struct master_cf {
	struct master_cf_service *services;
	size_t count;
};

/* Text that Postfix would not take is refused, with the line. */
int master_cf_parse(struct master_cf *cf_r, const char *text,
		    struct error *err_r);
void master_cf_release(struct master_cf *cf);

/* NULL if there is none. Of several the last, which is the one that counts. */
const struct master_cf_service *
master_cf_find(const struct master_cf *cf, const char *name, const char *type);
const struct master_cf_option *
master_cf_option(const struct master_cf_service *service, const char *name);

/*
 * An option's argument as it stands in the text: " name=value",
 * " { name = value }", or "name=value" with nothing in front. The caller's.
 */
char *
master_cf_argument(const char *text, const struct master_cf_option *option);

/*
 * The text with this argument for the service's option name: in the place of
 * what was there, else on a line of its own behind the service's last, where
 * it counts if the service has no arguments. NULL takes the option out, and
 * the line with it if nothing else is on it: what was put in leaves no trace.
 * The caller's.
 */
char *master_cf_set(const char *text, const struct master_cf_service *service,
		    const char *name, const char *argument);

#endif
