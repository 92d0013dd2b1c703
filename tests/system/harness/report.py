"""What a run prints besides which tests passed."""


def print_table(request, rows):
    """At the end of a file of tests; the first row is the head."""
    reporter = request.config.pluginmanager.get_plugin("terminalreporter")
    reporter.write_line("")
    for row in rows:
        reporter.write_line("| " + " | ".join(row) + " |")
