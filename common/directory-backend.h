#ifndef COMMON_DIRECTORY_BACKEND_H
#define COMMON_DIRECTORY_BACKEND_H

#include "common/directory.h"

/*
 * What a backend implements; contracts as in directory.h. A backend's struct
 * has struct directory as its first member. location is the uri behind the
 * scheme's colon.
 */
struct directory_backend {
	const char *scheme;
	int (*open)(struct directory **dir_r, const char *location,
		    struct error *err_r);
	void (*close)(struct directory *dir);
	enum directory_result (*key)(struct directory *dir,
				     const struct fingerprint *fingerprint,
				     time_t now, struct directory_key *key_r,
				     struct error *err_r);
	enum directory_result (*login)(struct directory *dir, const char *login,
				       struct directory_account *account_r,
				       struct error *err_r);
	enum directory_result (*owns)(struct directory *dir,
				      const char *account,
				      const struct address *address,
				      struct error *err_r);
	enum directory_result (*is_member)(struct directory *dir,
					   const char *account,
					   const char *group,
					   struct error *err_r);
	enum directory_permission (*may_send_as)(struct directory *dir,
						 const char *account,
						 const struct address *address,
						 time_t now,
						 struct error *err_r);
};

struct directory {
	const struct directory_backend *backend;
	bool held;   /* directory_hold() */
	bool looked; /* the backend's: it has the state that is held */
};

extern const struct directory_backend directory_sqlite;

#endif
