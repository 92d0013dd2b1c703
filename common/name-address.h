#ifndef COMMON_NAME_ADDRESS_H
#define COMMON_NAME_ADDRESS_H

#include "common/address.h"

#include <stdbool.h>

/*
 * The next thing in the text that a person would take for an address, where
 * the text is as unicode_searched() makes it: "@" with a local part before it
 * and a domain of two labels or more behind it, with white space and quotes
 * around the "@" or without. Its parts are as they stand there: not every one
 * is an address that exists. *rest moves on; false if there is none.
 */
bool name_address_next(const char **rest, struct address *address_r);

#endif
