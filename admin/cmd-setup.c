#include "admin/commands.h"

#include "admin/call.h"
#include "admin/output.h"
#include "admin/setup.h"
#include "common/error.h"

#include <stdio.h>
#include <sysexits.h>

static int choose_action(struct setup *setup, struct error *err_r)
{
	bool apply = call_option(setup->call, "apply") != NULL;
	bool revert = call_option(setup->call, "revert") != NULL;

	if (apply && revert)
		return error_set_as(err_r, EX_USAGE,
				    "--apply and --revert can't both be meant");
	setup->action = apply	 ? SETUP_APPLY
			: revert ? SETUP_REVERT
				 : SETUP_PRINT;
	return 0;
}

static void answer(const struct setup *setup)
{
	static const char *const columns[] = { "changes", "made", "diff",
					       "notes", NULL };
	const struct call *call = setup->call;

	if (output_is_json(call->out)) {
		output_record(call->out, columns);
		output_bool(call->out, setup->diff.len > 0);
		output_bool(call->out, setup->diff.len > 0 &&
					       setup->action != SETUP_PRINT);
		output_string(call->out, buffer_string(&setup->diff));
		output_string(call->out, buffer_string(&setup->notes));
		return;
	}
	(void)fprintf(output_file(call->out), "%s%s%s",
		      buffer_string(&setup->diff),
		      setup->diff.len > 0 && setup->notes.len > 0 ? "\n" : "",
		      buffer_string(&setup->notes));
}

/* The same call, to be copied. */
static void say_how_to_apply(struct setup *setup)
{
	const struct call *call = setup->call;
	struct buffer options = BUFFER_INIT;
	int i;

	for (i = 0; i < call->option_count; i++)
		buffer_printf(&options, " --%.*s", (int)call->options[i].len,
			      call->options[i].name);
	setup_note(setup,
		   "Nothing is changed yet.\n"
		   "  to do it:  countersign setup %s%s --apply",
		   call->command->verb, buffer_string(&options));
	buffer_release(&options);
}

static int run(const struct call *call, const struct setup_software *software,
	       struct error *err_r)
{
	struct setup setup = { .call = call };
	int result = choose_action(&setup, err_r);

	if (result == 0)
		result = setup_run(&setup, software, err_r);
	if (result == 0 && setup.diff.len > 0 && setup.action == SETUP_PRINT)
		say_how_to_apply(&setup);
	if (result == 0)
		answer(&setup);
	buffer_release(&setup.diff);
	buffer_release(&setup.notes);
	return result;
}

int cmd_setup_dovecot(const struct call *call, struct error *err_r)
{
	return run(call, &setup_dovecot, err_r);
}

int cmd_setup_postfix(const struct call *call, struct error *err_r)
{
	return run(call, &setup_postfix, err_r);
}
