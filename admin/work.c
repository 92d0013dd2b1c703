#include "admin/work.h"

#include "admin/call.h"
#include "admin/master.h"
#include "admin/publish.h"
#include "common/error.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

int work_folder(const struct call *call, const char **folder_r,
		struct error *err_r)
{
	static const char scheme[] = "sqlite:";
	size_t len = strlen(scheme);

	if (strncmp(call->directory, scheme, len) != 0)
		return error_set_as(err_r, EX_USAGE,
				    "directory \"%s\" is not written by this "
				    "command; that is sqlite:FOLDER",
				    call->directory);
	if (call->directory[len] != '/')
		return error_set_as(err_r, EX_USAGE,
				    "directory \"%s\": the folder must begin "
				    "with a slash",
				    call->directory);
	*folder_r = call->directory + len;
	return 0;
}

static int open_master(const struct call *call, struct master **master_r,
		       struct error *err_r)
{
	const char *folder;
	struct error left;

	if (work_folder(call, &folder, err_r) < 0 ||
	    master_open(master_r, folder, err_r) < 0)
		return -1;
	if (publish_repair(*master_r, &left) < 0)
		(void)fprintf(stderr,
			      "countersign: warning: an earlier change is not "
			      "published: %s; run \"countersign directory "
			      "publish\"\n",
			      left.text);
	return 0;
}

int work_read(const struct call *call,
	      int (*step)(struct master *master, const struct call *call,
			  void *context, struct error *err_r),
	      void *context, struct error *err_r)
{
	struct master *master;
	int status;

	if (open_master(call, &master, err_r) < 0)
		return -1;
	status = step(master, call, context, err_r);
	master_close(&master);
	return status;
}

static int publish_change(const struct call *call, struct master *master,
			  struct error *err_r)
{
	struct error why;

	if (call->no_publish || publish(master, &why) == 0)
		return 0;
	return error_set_as(err_r, why.sysexit,
			    "the change is made, but not all of it is "
			    "published: %s; run \"countersign directory "
			    "publish\"%s",
			    why.text,
			    call_option(call, "kick") != NULL
				    ? ", and then \"doveadm kick\", since "
				      "nobody is kicked yet"
				    : "");
}

int work_change(const struct call *call,
		int (*step)(struct master *master, const struct call *call,
			    void *context, struct error *err_r),
		void *context, struct error *err_r)
{
	struct master *master;
	int status = -1;

	if (open_master(call, &master, err_r) < 0)
		return -1;
	if (master_begin(master, err_r) == 0)
		status = step(master, call, context, err_r);
	if (status == 0 && master_commit(master, !call->no_publish, err_r) < 0)
		status = -1;
	if (status == 0)
		status = publish_change(call, master, err_r);
	else
		master_rollback(master);
	master_close(&master);
	return status;
}
