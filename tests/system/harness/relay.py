"""Dovecot's submission service in front of Postfix, as `setup` has it."""

from contextlib import contextmanager

from .sasl import PORTS

PORT = 588
SERVICE = f"127.0.0.1:{PORT}"
# As the command says how to make it.
OPTIONS = """
    syslog_name=postfix/relay smtpd_sasl_auth_enable=yes
    smtpd_sasl_type=dovecot smtpd_sasl_path=private/auth
    smtpd_tls_security_level=none smtpd_tls_auth_only=no
    smtpd_authorized_xclient_hosts=
    smtpd_relay_restrictions=permit_sasl_authenticated,reject
    smtpd_recipient_restrictions= milter_macro_daemon_name=ORIGINATING
""".split()
# The standard port is Postfix's in the tests.
DOVECOT = ("protocols = imap pop3 lmtp sieve submission\n"
           "service submission-login {\n  inet_listener submissions {\n"
           f"    port = {PORTS['submission']}\n    ssl = yes\n  }}\n}}\n")


def service(**changes):
    """The lines of master.cf."""
    options = dict(option.split("=", 1) for option in OPTIONS)
    lines = [f"{SERVICE} inet n - y - - smtpd"]
    lines += [f"  -o {name}={value}"
              for name, value in {**options, **changes}.items()]
    return "\n[master.cf]\n" + "\n".join(lines) + "\n"


@contextmanager
def running(stack, set_up):
    """With what set_up() has the command do."""
    with stack.usually("postfix", service()), \
            stack.usually("dovecot", DOVECOT):
        set_up()
        dovecot = stack.servers["dovecot"]
        dovecot.stop()
        dovecot.launch()
        yield
        stack.countersign("setup", "dovecot", "--submission", "--revert")
