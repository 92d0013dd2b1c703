#ifndef ADMIN_WORK_H
#define ADMIN_WORK_H

struct call;
struct error;
struct master;

/*
 * How a command comes to the directory. step's result is the command's: 0, 1,
 * or -1 with err_r filled. Before it, whatever a killed command left behind is
 * put right (a failure of that is a warning on stderr).
 */

/* FOLDER of the call's sqlite:FOLDER; another directory is EX_USAGE. */
int work_folder(const struct call *call, const char **folder_r,
		struct error *err_r);

/* Look only. */
int work_read(const struct call *call,
	      int (*step)(struct master *master, const struct call *call,
			  void *context, struct error *err_r),
	      void *context, struct error *err_r);

/*
 * One transaction: kept if step returns 0, else nothing has happened. Then it
 * is published, unless --no-publish was given.
 */
int work_change(const struct call *call,
		int (*step)(struct master *master, const struct call *call,
			    void *context, struct error *err_r),
		void *context, struct error *err_r);

#endif
