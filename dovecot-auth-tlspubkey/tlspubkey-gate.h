#ifndef DOVECOT_AUTH_TLSPUBKEY_TLSPUBKEY_GATE_H
#define DOVECOT_AUTH_TLSPUBKEY_TLSPUBKEY_GATE_H

#include <stdbool.h>
#include <time.h>

struct directory;
struct error;
struct fingerprint;

/*
 * May this login go on? The passdb's decision, with no I/O but the directory.
 */
enum tlspubkey_gate_result {
	TLSPUBKEY_GATE_ACCEPT,	 /* logged in by the key: EXTERNAL only */
	TLSPUBKEY_GATE_CONTINUE, /* a password is to be checked by others */
	TLSPUBKEY_GATE_REFUSE,
	TLSPUBKEY_GATE_DISABLED,
	TLSPUBKEY_GATE_FAILED, /* an outage: to be tried again */
};

struct tlspubkey_gate_query {
	const struct fingerprint *key; /* that the client has proved; or NULL */
	const char *login;	       /* EXTERNAL: the authzid, "" for none */
	bool external;
	bool bare_submission; /* the client has not said AUTH */
	bool ask_always;      /* gate = all */
	bool any_authzid;     /* authzid = ignore */
	time_t now;
};

struct tlspubkey_gate_answer {
	char *account;	 /* ACCEPT; CONTINUE if the directory knows the login */
	char *key_name;	 /* if the key is in the directory */
	bool no_preauth; /* of that key */
	char *reason;	 /* in short, unless all is well; no client wrote it */
};

/* err_r: why, unless ACCEPT or CONTINUE. The answer is always to release. */
enum tlspubkey_gate_result
tlspubkey_gate(struct directory *dir, const struct tlspubkey_gate_query *query,
	       struct tlspubkey_gate_answer *answer_r, struct error *err_r);

void tlspubkey_gate_answer_release(struct tlspubkey_gate_answer *answer);

#endif
