#include "admin/commands.h"

#include <stddef.h>

const struct command command_table[] = {
	{ "account", "add", "NAME", "Add an account; it has no password yet",
	  cmd_account_add },
	{ "account", "list", "", "List all accounts", cmd_account_list },
	{ "account", "show", "NAME", "Show all that belongs to an account",
	  cmd_account_show },
	{ "account", "enable", "NAME", "Let an account log in and write again",
	  cmd_account_enable },
	{ "account", "disable", "NAME [--kick]",
	  "Refuse every login of an account, and all it writes; --kick "
	  "ends its connections",
	  cmd_account_disable },
	{ "account", "remove", "NAME",
	  "Remove an account with its addresses, memberships, grants and keys",
	  cmd_account_remove },
	{ "account", "passwd", "NAME [--scheme yescrypt|argon2id]",
	  "Set an account's password, read from standard input",
	  cmd_account_passwd },

	{ "address", "add", "ADDRESS ACCOUNT",
	  "Give an account an address, or @DOMAIN for all other addresses",
	  cmd_address_add },
	{ "address", "list", "[ACCOUNT]", "List addresses", cmd_address_list },
	{ "address", "remove", "ADDRESS", "Remove an address",
	  cmd_address_remove },

	{ "directory", "init", "", "Make an empty account directory",
	  cmd_directory_init },
	{ "directory", "check", "",
	  "Check the directory's files; one line for each finding",
	  cmd_directory_check },
	{ "directory", "publish", "",
	  "Publish what has changed to the mail servers",
	  cmd_directory_publish },
	{ "directory", "export", "",
	  "Print all of the directory, password hashes too, as import reads it",
	  cmd_directory_export },
	{ "directory", "import", "[--dry-run] [--scheme SCHEME] FILE...",
	  "Add what files say, all of it or nothing", cmd_directory_import },

	{ "dkim", "generate",
	  "DOMAIN [--selector SELECTOR] [--algorithm rsa|ed25519|both] "
	  "[--subdomains] [--table FILE]",
	  "Make DKIM keys and print their DNS records; they do not sign yet",
	  cmd_dkim_generate },
	{ "dkim", "list", "[--table FILE]",
	  "List DKIM keys: their state, what comes next, and when",
	  cmd_dkim_list },
	{ "dkim", "record", "DOMAIN [SELECTOR] [--table FILE]",
	  "Print the DNS records of DKIM keys", cmd_dkim_record },
	{ "dkim", "check", "[DOMAIN] [--table FILE]",
	  "Compare DKIM keys with their DNS records", cmd_dkim_check },
	{ "dkim", "activate", "DOMAIN SELECTOR [--force] [--table FILE]",
	  "Sign with a key, if its DNS record is there", cmd_dkim_activate },
	{ "dkim", "retire", "DOMAIN SELECTOR [--table FILE]",
	  "Sign with a key no more", cmd_dkim_retire },
	{ "dkim", "remove", "DOMAIN SELECTOR [--force] [--table FILE]",
	  "Remove a key when nobody can need its DNS record any more",
	  cmd_dkim_remove },
	{ "dkim", "rotate", "[--every TIME] [--table FILE] [DOMAIN...]",
	  "Take the keys of all domains, or of some, one step on",
	  cmd_dkim_rotate },

	{ "domain", "add",
	  "DOMAIN [--delimiter CHARACTERS] [--case-sensitive] "
	  "[--alias-of DOMAIN]",
	  "Add a domain and the rules of its addresses", cmd_domain_add },
	{ "domain", "list", "", "List domains", cmd_domain_list },
	{ "domain", "remove", "DOMAIN", "Remove a domain without addresses",
	  cmd_domain_remove },

	{ "grant", "add",
	  "ACCOUNT|%GROUP ADDRESS|@DOMAIN [--until DATE] [--on-behalf]",
	  "Let an account or a group write as an address", cmd_grant_add },
	{ "grant", "list", "[ACCOUNT|%GROUP]",
	  "List grants; for an account those of its groups too",
	  cmd_grant_list },
	{ "grant", "remove", "ACCOUNT|%GROUP ADDRESS|@DOMAIN", "Remove a grant",
	  cmd_grant_remove },

	{ "group", "add", "GROUP", "Add a group of accounts", cmd_group_add },
	{ "group", "list", "", "List groups and their members",
	  cmd_group_list },
	{ "group", "remove", "GROUP", "Remove a group with its grants",
	  cmd_group_remove },
	{ "group", "member add", "GROUP ACCOUNT", "Put an account in a group",
	  cmd_group_member_add },
	{ "group", "member remove", "GROUP ACCOUNT",
	  "Take an account out of a group", cmd_group_member_remove },

	{ "key", "add",
	  "ACCOUNT [--name NAME] [--login ADDRESS] [--no-preauth] "
	  "[--no-bare-submission] [--until DATE]",
	  "Add a device's key, read from standard input: a PEM certificate, a "
	  "PEM public key or an OpenSSH public key",
	  cmd_key_add },
	{ "key", "attempts", "[ACCOUNT|FINGERPRINT] [--log FILE] [--fold]",
	  "Sum up who tried to log in with which key, taken and refused",
	  cmd_key_attempts },
	{ "key", "list", "[ACCOUNT]", "List keys, and when each was last used",
	  cmd_key_list },
	{ "key", "new",
	  "ACCOUNT --name NAME --out STEM [--type p256|ed25519|rsa] "
	  "[--login ADDRESS] [--no-preauth] [--no-bare-submission] "
	  "[--until DATE] [--p12-password-stdin]",
	  "Make a key with certificate for a device (STEM.key, STEM.crt, "
	  "STEM.p12) and add it",
	  cmd_key_new },
	{ "key", "remove", "FINGERPRINT [--kick]",
	  "Remove a key; --kick ends its account's connections",
	  cmd_key_remove },
	{ "key", "show", "FINGERPRINT", "Show all about a key", cmd_key_show },

	{ "secret", "list", "",
	  "List the secrets that logins with a key are signed with",
	  cmd_secret_list },
	{ "secret", "rotate", "local|forward [--in TIME] [--at-once]",
	  "Make a new secret; it signs a while later, and the one before is "
	  "good for some minutes more",
	  cmd_secret_rotate },

	{ "sender", "check",
	  "ACCOUNT [ADDRESS] [--message] [--envelope ADDRESS] [--rules FILE]",
	  "Say whether an account may write as an address, or the message on "
	  "standard input",
	  cmd_sender_check },
	{ "sender", "report", "[--since WHEN] [FILE...]",
	  "Sum up by account what the sender check refused, or would refuse if "
	  "enforced",
	  cmd_sender_report },

	{ "setup", "dovecot",
	  "[--apply] [--revert] [--keys] [--lists] [--submission]",
	  "Print what would make Dovecot use the modules, do it, or put back "
	  "what was there",
	  cmd_setup_dovecot },
	{ "setup", "postfix",
	  "[--apply] [--revert] [--sender-check] [--dkim] [--verify]",
	  "Print what would make Postfix use the milters, do it, or put back "
	  "what was there",
	  cmd_setup_postfix },

	{ .noun = NULL },
};
