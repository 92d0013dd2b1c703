# Files the mail of each mailing list in a mailbox of its own. For sieve_after:
# it runs behind the users' own scripts, and only where a message would still
# go to INBOX, so what a user wrote comes first.
require "vnd.countersign.list";

filelist :create;
