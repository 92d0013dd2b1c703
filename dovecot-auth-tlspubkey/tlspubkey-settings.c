#include "dovecot-auth-tlspubkey/tlspubkey-settings.h"

#include "common/directory.h"
#include "common/error.h"
#include "common/mem.h"

#include <string.h>

struct parsed {
	char *directory, *gate, *authzid;
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
	if (strncmp(word, "authzid=", 8) == 0)
		return set_once(&parsed->authzid, word, 7, len, err_r);
	return error_set(err_r,
			 "unknown setting \"%.*s\": there are directory=URI, "
			 "gate=all|key and authzid=match|ignore",
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

/* One of two words: *first_r, is it the first? */
static int choose(bool *first_r, const char *name, const char *value,
		  const char *first, const char *second, struct error *err_r)
{
	*first_r = strcmp(value, first) == 0;
	if (*first_r || strcmp(value, second) == 0)
		return 0;
	return error_set(err_r, "%s=%s: must be %s or %s", name, value, first,
			 second);
}

int tlspubkey_settings_init(struct tlspubkey_settings *set_r,
			    const char *directory, const char *gate,
			    const char *authzid, struct error *err_r)
{
	set_r->directory = NULL;
	if (choose(&set_r->gate_all, "gate", gate, "all", "key", err_r) < 0 ||
	    choose(&set_r->any_authzid, "authzid", authzid, "ignore", "match",
		   err_r) < 0)
		return -1;
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
			parsed.gate != NULL ? parsed.gate : "all",
			parsed.authzid != NULL ? parsed.authzid : "match",
			err_r);
	mem_free_string(&parsed.directory);
	mem_free_string(&parsed.gate);
	mem_free_string(&parsed.authzid);
	return result;
}

void tlspubkey_settings_release(struct tlspubkey_settings *set)
{
	mem_free_string(&set->directory);
}
