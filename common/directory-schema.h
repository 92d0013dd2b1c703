#ifndef COMMON_DIRECTORY_SCHEMA_H
#define COMMON_DIRECTORY_SCHEMA_H

/*
 * What is published: FOLDER/published/directory.db, an SQLite file that never
 * changes once it is there. The command writes it, directory-sqlite.c reads
 * it; the version is PRAGMA user_version.
 *
 * addresses.key and grants.key are what address_key() makes under the domain's
 * rules, or "@domain" for a whole domain; an alias domain never stands there.
 * A grant's holder is an account's name, or '%' and a group's.
 */
#define DIRECTORY_PUBLISHED_FILE "published/directory.db"
#define DIRECTORY_PUBLISHED_VERSION 1

#endif
