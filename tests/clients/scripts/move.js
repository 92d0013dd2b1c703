// Make a folder and move INBOX's one message there; the text it has there.
