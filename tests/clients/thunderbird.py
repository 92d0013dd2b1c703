"""Thunderbird, without a screen, driven by Marionette."""

import json
import subprocess
from contextlib import contextmanager

from device import HOST
from harness import tls
from harness.sasl import PORTS
from marionette import PORT, Marionette

PASSWORD = 3
TLS_CERTIFICATE = 7

# No questions and nothing from the network at the first start.
QUIET = {
    "app.update.enabled": False,
    "datareporting.policy.dataSubmissionPolicyBypassNotification": True,
    "mail.provider.suppress_dialog_on_startup": True,
    "mail.rights.version": 1,
    "mail.shell.checkDefaultClient": False,
    "mail.spotlight.firstRunDone": True,
    "mailnews.start_page.enabled": False,
    "marionette.port": PORT,
}


def settings(user, address, method, send_method):
    """As the printed steps say; sending is by password to Postfix, or by key
    to Dovecot."""
    send_port = 465 if send_method == PASSWORD else PORTS["submission"]
    return QUIET | {
        "mail.accountmanager.accounts": "account1",
        "mail.accountmanager.defaultaccount": "account1",
        "mail.account.account1.identities": "id1",
        "mail.account.account1.server": "server1",
        "mail.identity.id1.fullName": "Anna",
        "mail.identity.id1.useremail": address,
        "mail.identity.id1.smtpServer": "smtp1",
        "mail.identity.id1.valid": True,
        "mail.server.server1.type": "imap",
        "mail.server.server1.name": "Anna",
        "mail.server.server1.hostname": HOST,
        "mail.server.server1.port": 993,
        "mail.server.server1.socketType": 3,
        "mail.server.server1.userName": user,
        "mail.server.server1.authMethod": method,
        "mail.server.server1.login_at_startup": False,
        "mail.server.server1.check_new_mail": False,
        "mail.smtpservers": "smtp1",
        "mail.smtp.defaultserver": "smtp1",
        "mail.smtpserver.smtp1.hostname": HOST,
        "mail.smtpserver.smtp1.port": send_port,
        "mail.smtpserver.smtp1.try_ssl": 3,
        "mail.smtpserver.smtp1.authMethod": send_method,
        "mail.smtpserver.smtp1.username": user,
        "security.default_personal_cert": "Select Automatically",
    }


def profile(device, preferences):
    """With the device's .p12 imported, and the server's authority trusted."""
    folder = device.home / "profile"
    folder.mkdir()
    store = f"sql:{folder}"
    device.run("certutil", "-N", "-d", store, "--empty-password")
    device.run("certutil", "-A", "-d", store, "-n", "ca", "-t", "CT,,", "-i",
               tls.CA)
    device.run("pk12util", "-i", device.p12, "-d", store, "-W",
               device.p12_password)
    (folder / "user.js").write_text("".join(
        f"user_pref({json.dumps(name)}, {json.dumps(value)});\n"
        for name, value in preferences.items()))
    return folder


@contextmanager
def thunderbird(device, user, address, method=TLS_CERTIFICATE,
                send_method=PASSWORD, password=None):
    """A running one; the password is kept in it for IMAP and SMTP."""
    folder = profile(device, settings(user, address, method, send_method))
    log = device.home / "thunderbird.log"
    with open(log, "wb") as output:
        process = subprocess.Popen(
            ["thunderbird", "--headless", "--no-remote", "--profile", folder,
             "--marionette", "--remote-allow-system-access"],
            stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            env=device.environment())
    try:
        driver = Marionette()
        if password is not None:
            for scheme in ("imap", "smtp"):
                driver.script("password", origin=f"{scheme}://{HOST}",
                              user=user, password=password)
        yield driver
        driver.quit()
        process.wait(30)
    except BaseException:
        print(*(line for line in log.read_text(errors="replace").splitlines()
                if line.startswith("JavaScript")), sep="\n")
        raise
    finally:
        process.kill()
        process.wait()
