#ifndef ADMIN_CMD_KEY_H
#define ADMIN_CMD_KEY_H

struct call;
struct error;
struct master_key;

/* What `key add` and `key new` share: the account, all options but --name. */
int cmd_key_options(struct master_key *key, const struct call *call,
		    struct error *err_r);

#endif
