#include "dovecot-auth-tlspubkey/tlspubkey-settings.h"

#include "common/directory.h"
#include "common/error.h"
#include "common/mem.h"

#include <string.h>

struct parsed {
	char *directory, *gate;
};

static int set_once(char **value, const char *word, size_t name_len, size_t len,
		    struct error *err_r)
{
	if (*value != NULL)
		return error_set(err_r, "\"%.*s\" stands twice", (int)name_len,
				 word);
	*value = mem_strndup(word + name_len + 1, len - name_len - 1);
	return 0;
}

static int parse_word(struct parsed *parsed, const char *word, size_t len,
		      struct error *err_r)
{
	if (strncmp(word, "directory=", 10) == 0)
		return set_once(&parsed->directory, word, 9, len, err_r);
	if (strncmp(word, "gate=", 5) == 0)
		return set_once(&parsed->gate, word, 4, len, err_r);
	return error_set(err_r,
			 "unknown setting \"%.*s\": there are directory=URI "
			 "and gate=all|key",
			 (int)len, word);
}

static int
parse_words(struct parsed *parsed, const char *args, struct error *err_r)
{
	size_t len;

	for (args += strspn(args, " "); *args != '\0';
	     args += len, args += strspn(args, " ")) {
		len = strcspn(args, " ");
		if (parse_word(parsed, args, len, err_r) < 0)
			return -1;
	}
	return 0;
}

int tlspubkey_settings_init(struct tlspubkey_settings *set_r,
			    const char *directory, const char *gate,
			    struct error *err_r)
{
	set_r->directory = NULL;
	if (strcmp(gate, "all") != 0 && strcmp(gate, "key") != 0)
		return error_set(err_r, "gate=%s: must be all or key", gate);
	set_r->gate_all = strcmp(gate, "all") == 0;
	set_r->directory = mem_strdup(directory);
	return 0;
}

int tlspubkey_settings_parse(struct tlspubkey_settings *set_r, const char *args,
			     struct error *err_r)
{
	struct parsed parsed = { .directory = NULL };
	int result = parse_words(&parsed, args, err_r);

	set_r->directory = NULL;
	if (result == 0)
		result = tlspubkey_settings_init(
			set_r,
			parsed.directory != NULL ? parsed.directory
						 : DIRECTORY_DEFAULT_URI,
			parsed.gate != NULL ? parsed.gate : "all", err_r);
	mem_free_string(&parsed.directory);
	mem_free_string(&parsed.gate);
	return result;
}

void tlspubkey_settings_release(struct tlspubkey_settings *set)
{
	mem_free_string(&set->directory);
}
