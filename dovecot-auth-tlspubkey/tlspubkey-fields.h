#ifndef DOVECOT_AUTH_TLSPUBKEY_TLSPUBKEY_FIELDS_H
#define DOVECOT_AUTH_TLSPUBKEY_TLSPUBKEY_FIELDS_H

/*
 * What login, mechanism and passdb say to each other in Dovecot's fields. A
 * client may not set any that begins with the prefix, forwarded or not.
 */
#define TLSPUBKEY_FIELD_PREFIX "tlspubkey"

/* login -> auth: tlspubkey-forward.h. Auth puts "forward_" before its name. */
#define TLSPUBKEY_FIELD_LOGIN "tlspubkey"
#define TLSPUBKEY_FIELD_FORWARD "forward_tlspubkey"

/* The same, from submission: the client has said MAIL without AUTH. */
#define TLSPUBKEY_FIELD_LOGIN_BARE "tlspubkey_bare"
#define TLSPUBKEY_FIELD_FORWARD_BARE "forward_tlspubkey_bare"

/* A proxy's login -> a backend's auth: the same, of another secret. */
#define TLSPUBKEY_FIELD_PROXY "tlspubkey_proxy"
#define TLSPUBKEY_FIELD_FORWARD_PROXY "forward_tlspubkey_proxy"

/* auth -> auth worker: the fingerprint, when the field was good. */
#define TLSPUBKEY_FIELD_KEY "tlspubkey_key"

/* The same: without AUTH. */
#define TLSPUBKEY_FIELD_BARE "tlspubkey_is_bare"

/*
 * passdb -> mechanism and login: the fingerprint again; this login may go on
 * with that key, whether the directory knows it or not.
 */
#define TLSPUBKEY_FIELD_CHECKED "tlspubkey_checked"

/* passdb -> log: the name the key has in the directory. */
#define TLSPUBKEY_FIELD_NAME "tlspubkey_name"

/* The same: the first 16 hex digits of the fingerprint of any key. */
#define TLSPUBKEY_FIELD_DIGITS "tlspubkey_digits"
#define TLSPUBKEY_DIGITS 16

/*
 * The user of a request whose account only the key will tell: EXTERNAL
 * without an authzid. It can be no account's name and no address.
 */
#define TLSPUBKEY_USER_OF_KEY "key:"

/*
 * login -> auth: the mechanism that asks whether a client may be logged in
 * before it has said anything, and its answers; see mech-probe.h.
 */
#define TLSPUBKEY_PROBE_MECH "TLSPUBKEY"
#define TLSPUBKEY_PROBE_YES "Y"
#define TLSPUBKEY_PROBE_NO "N"

#endif
