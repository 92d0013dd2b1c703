"""A stock mail server with the installed packages in it, for tests and demo."""
