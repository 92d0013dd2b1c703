"""What tests put into Dovecot's configuration, as this Dovecot writes it."""

import re

from .process import run

RELEASE = re.match(r"\d+\.\d+", run("dovecot", "--version").stdout)[0]
OLD = RELEASE == "2.3"

# At the top of a whole configuration.
VERSIONS = "" if OLD else (
    "dovecot_config_version = 2.4.0\ndovecot_storage_version = 2.4.0\n")


def section(name, settings):
    lines = "".join(
        section(key, value) if isinstance(value, dict) else
        f"  {key} = {value}\n" for key, value in settings.items())
    return f"{name} {{\n{lines}}}\n"


def keys_fields(fields):
    """What the passdb of keys has for everybody: see Mail.keys_settings()."""
    if OLD:
        return {"override_fields": " ".join(
            f"{name}={value}" for name, value in fields.items())}
    return {"fields": fields}


def plugin(**settings):
    """Settings of plugins."""
    if OLD:
        return section("plugin", settings)
    return "".join(f"{key} = {value}\n" for key, value in settings.items())


def mail_location(driver, path):
    if OLD:
        return f"mail_location = {driver}:{path}\n"
    inbox = path if driver == "maildir" else ""
    return (f"mail_driver = {driver}\nmail_path = {path}\n"
            f"mail_inbox_path = {inbox}\n")


def namespace(**settings):
    """Of the namespace that holds INBOX."""
    return section("namespace inbox", settings)


def database(kind, driver, **settings):
    """A passdb or a userdb."""
    if not OLD:
        return section(f"{kind} {driver}", settings)
    arguments = " ".join(f"{key}={value}" for key, value in settings.items())
    return section(kind, {"driver": driver, "args": arguments})


def more_mechanisms(*names):
    """Besides those there are."""
    if OLD:
        return f"auth_mechanisms = $auth_mechanisms {' '.join(names)}\n"
    return section("auth_mechanisms", dict.fromkeys(names, "yes"))


def one_process(service):
    """One login process for all connections, of any number."""
    count = {"service_count": 0} if OLD else {
        "restart_request_count": "unlimited"}
    return section(f"service {service}", {
        **count, "process_min_avail": 1, "process_limit": 1})


def client_ca(path):
    """Clients' certificates are asked for and verified."""
    if OLD:
        return f"ssl_ca = <{path}\nssl_verify_client_cert = yes\n"
    return (f"ssl_server_ca_file = {path}\n"
            "ssl_server_request_client_cert = yes\n")


def system_passwords():
    """A passdb that the auth cache works for."""
    if OLD:
        return database("passdb", "shadow")
    return database("passdb", "pam")


def sieve_extension(name):
    """One more."""
    if OLD:
        return plugin(sieve_extensions=f"+{name}")
    return section("sieve_extensions", {name: "yes"})


# As Dovecot has it; the tests' own settings switch it off.
ANVIL_PENALTY = section("service anvil", {}).replace(
    "}", "  unix_listener anvil-auth-penalty {\n    mode = 0600\n  }\n}")


ANYBODY_WITHOUT_PASSWORD = (
    database("passdb", "static", nopassword="yes") if OLD else
    "passdb static {\n  fields {\n    nopassword = yes\n  }\n}\n")
