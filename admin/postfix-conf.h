#ifndef ADMIN_POSTFIX_CONF_H
#define ADMIN_POSTFIX_CONF_H

struct error;
struct master_cf_service;

#define POSTFIX_CONF "/usr/sbin/postconf"
#define POSTFIX_CONF_MAX 8

/* What postconf(1) says; value[i] is that of names[i]. */
struct postfix_conf {
	char *text;
	const char *value[POSTFIX_CONF_MAX];
};

/*
 * The values of main.cf, or those that a service has with its own settings
 * over them. flags: "-h" as they are written, "-hx" with what a value refers to
 * in its place. names ends with NULL.
 */
int postfix_conf(struct postfix_conf *answers_r, const char *flags,
		 const struct master_cf_service *service,
		 const char *const *names, struct error *err_r);
void postfix_conf_release(struct postfix_conf *answers);

#endif
