"""mutt and its like: GnuTLS, Cyrus SASL, in a terminal."""

from guide import OWN
from terminal import run_in_terminal

# The block of the guide's that makes their file of key and certificate.
PEM = OWN, 4


def read(program, device, config, *settings):
    """The newest message, as the program shows it."""
    shown = device.home / "shown"
    keys = f"<last-entry><pipe-message>cat >{shown}<enter><quit>"
    more = [word for setting in settings for word in ("-e", setting)]
    screen = run_in_terminal(
        [program, "-F", config, *more, "-e", "unset wait_key", "-e",
         "set quit = yes", "-e", f'push "{keys}"'],
        device.environment(), device.home)
    assert shown.exists(), screen
    return shown.read_text()


def send(program, device, config, letter):
    device.run(program, "-F", config, "-e",
               f'set from = "{letter.sender}" copy = no', "-s",
               letter.subject, letter.recipient, input=letter.body + "\n")
