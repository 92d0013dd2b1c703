"""What ./demo shows, in the image, with the packages installed.

The servers are started as the system tests start them; everything else is done
by stock clients and the countersign command, and printed as it happens.
"""

import os
import re
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

sys.path.insert(0, "/src/tests/system")
from harness.mail import Mail  # noqa: E402
from harness.process import wait_for  # noqa: E402
from harness.tls import CA  # noqa: E402

COLOUR = sys.stdout.isatty() and "NO_COLOR" not in os.environ
BOLD, RED, GREEN, CYAN = 1, 31, 32, 36

FOLDER = Path("/root/demo")
PASSWORD = "correct-horse-battery-staple"

mail = Mail(bare=True)


class NotShown(Exception):
    """Something that the demo claims did not happen."""


def say(text, style=None):
    if COLOUR and style is not None:
        text = f"\033[{style}m{text}\033[0m"
    print(text, flush=True)


def indented(text):
    if text:
        print(textwrap.indent(text.rstrip("\n"), "  "), flush=True)


def need(claim, what):
    """The claim, if it is true; else the demo ends here."""
    if not claim:
        raise NotShown(what)
    return claim


def run(command, show=None, fails=False):
    """Run it, print command and output, return the output.

    show: a regular expression; of the output only what matches is printed.
    """
    say(f"$ {command}", CYAN)
    done = subprocess.run(["bash", "-c", command], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace", cwd=FOLDER, timeout=60)
    # A password in base64 is not for the screen.
    output = re.sub(r"(?m)^(> .*?)[\w+/]{24,}=*$", r"\1(password)",
                    done.stdout.replace("\r", ""))
    if (done.returncode != 0) != fails:
        show = None
    indented("".join(line for line in output.splitlines(keepends=True)
                     if show is None or re.search(show, line)))
    need((done.returncode != 0) == fails,
         f"{command}: exit status {done.returncode}")
    return output


# curl's marks for what it sent and got, but for long lists of capabilities.
PROTOCOL = r"^[<>] (?!250-(?!AUTH)|\* CAPABILITY|\* FLAGS|\* OK \[[PU])"


def curl(arguments, fails=False, show=PROTOCOL):
    return run(f"curl {arguments}", show=show, fails=fails)


def submit(account, recipient, file, fails=False):
    return curl(f"smtps://mail.example.org/client --user {account}:$PASSWORD "
                f"--mail-from {account}@example.org "
                f"--mail-rcpt {recipient}@example.org --upload-file {file}",
                fails=fails)


def read_by_key(key, fails=False):
    return curl("imaps://mail.example.org --user alice: "
                f"--login-options AUTH=EXTERNAL --cert {key}.crt "
                f"--key {key}.key --request 'STATUS INBOX (MESSAGES)'",
                fails=fails)


def write(name, text):
    (FOLDER / name).write_text(textwrap.dedent(text).lstrip())


def header(message, *names):
    """Print these fields of a message, as they stand there."""
    head = message.split("\n\n", 1)[0]
    for name in names:
        for field in re.findall(rf"(?mi)^{name}:.*(?:\n[ \t].*)*", head):
            indented(field)


def reasons(pattern, count):
    """Print why Dovecot refused, which its log says that many times."""

    def logged():
        lines = re.findall(f".*{pattern}.*", mail.log("dovecot"))
        return lines if len(lines) >= count else None

    lines = wait_for(logged, f"{pattern!r}, {count} times in dovecot's log")
    say("dovecot's log:", CYAN)
    indented("\n".join(lines))


# The steps. The first line of each one's comment is its title; what it returns
# stands beside that in the table at the end.


def used():
    """Stock servers, told to use the parts"""
    for name in ("postfix", "dovecot"):
        output = run(f"countersign setup {name} --apply", show="^[-+]|^Done")
        need(f"Done, and {name.capitalize()} is reloaded." in output,
             f"that {name} is reloaded")
    return "one -o setting in master.cf, three !include_try in dovecot"


def accounts():
    """An account, a password, two device keys"""
    for name in ("alice", "bob"):
        run(f"countersign account add {name}")
        run(f"countersign address add {name}@example.org {name}")
        run(f"echo $PASSWORD | countersign account passwd {name}")
    run("countersign key new alice --name laptop --out laptop")
    run("openssl req -x509 -newkey ed25519 -nodes -days 365 -subj /CN=phone"
        " -keyout phone.key -out phone.crt", show="^$")
    run("countersign key add alice --name phone --no-preauth <phone.crt")
    keys = run("countersign key list alice")
    need("laptop" in keys and "phone" in keys, "two keys of alice")
    return "alice: keys laptop (P-256) and phone (Ed25519)"


def dkim_keys():
    """DKIM keys, their records in a DNS zone"""
    records = run("countersign dkim generate example.org --selector demo")
    mail.dns(records)
    selectors = re.findall(r"(?m)^([\w-]+)\._domainkey\.", records)
    need(len(selectors) == 2, "that there are two keys")
    for selector in selectors:
        name = f"{selector}._domainkey.example.org"
        need("v=DKIM1" in run(f"kdig +short TXT {name}"), "a record in DNS")
        run(f"countersign dkim activate example.org {selector}")
    mail.servers["milter-dkim"].reload()
    mail.wait_log("milter-dkim", "reloaded")
    return " and ".join(selectors) + ", served by knot"


def submitted():
    """Submitted to port 465, by password"""
    write("lunch.eml", """\
        From: Alice <alice@example.org>
        To: Bob <bob@example.org>
        Subject: Lunch
        Message-ID: <lunch@example.org>
        Date: Sun, 22 Nov 2026 10:00:00 +0000

        At one, by the fountain?
        """)
    reply = re.search(r"< (250 .*queued as \w+)",
                      submit("alice", "bob", "lunch.eml"))
    return need(reply, "that the message is queued")[1]


def forged():
    """A forged From: is refused"""
    write("forged.eml", """\
        From: "Bob, Accounts" <bob@example.org>
        To: Bob <bob@example.org>
        Subject: Urgent payment
        Message-ID: <forged@example.org>
        Date: Sun, 22 Nov 2026 10:01:00 +0000

        Please pay the attached invoice today.
        """)
    reply = re.search(r"(?m)^< (550 5\.7\.1 .*)",
                      submit("alice", "bob", "forged.eml", fails=True))
    reply = need(reply, "550 5.7.1")[1]
    need("alice" in reply and "bob@example.org" in reply,
         "a reason that names login and address")
    report = run("countersign sender report /var/log/milter-sender-check.log")
    need(re.search("(?m)^alice +bob@example.org +From ", report),
         "the refusal in the report")
    return reply


def delivered():
    """Delivered by LMTP, the forged one not"""
    message = mail.wait_message("bob", containing="<lunch@example.org>")
    (FOLDER / "delivered.eml").write_text(message)
    say("$ doveadm fetch -u bob text mailbox INBOX all >delivered.eml", CYAN)
    header(message, "Received", "DKIM-Signature", "From", "Subject")
    need(len(mail.messages("bob")) == 1, "one message in bob's INBOX")
    need(re.search(r"with LMTP\s+id \S+", message), "a Received: by LMTP")
    return "Received: by mail.example.org with LMTP"


def verified():
    """Both DKIM signatures verify (dkimpy)"""
    message = (FOLDER / "delivered.eml").read_text()
    algorithms = re.findall(r"DKIM-Signature:(?:.|\n[ \t])*?a=([\w-]+)",
                            message)
    need(sorted(algorithms) == ["ed25519-sha256", "rsa-sha256"],
         f"one signature of each algorithm, not {algorithms}")
    for index, algorithm in enumerate(algorithms):
        verdict = run(f"dkimverify --index {index} <delivered.eml")
        need("signature ok" in verdict, f"that {algorithm} verifies")
    return "signature ok: " + ", ".join(algorithms)


def filed():
    """List mail is filed in its own mailbox"""
    write("list.eml", """\
        From: Carol <carol@example.net>
        To: gardeners@lists.example.net
        Subject: [gardeners] Pruning roses
        Message-ID: <roses@lists.example.net>
        Date: Sun, 22 Nov 2026 10:02:00 +0000
        List-Id: Gardeners of the valley <gardeners.lists.example.net>
        List-Post: <mailto:gardeners@lists.example.net>

        Late winter, above an outward bud.
        """)
    curl("smtp://mail.example.org/lists.example.net --interface 192.0.2.9"
         " --mail-from gardeners-bounces@lists.example.net"
         " --mail-rcpt alice@example.org --upload-file list.eml")
    say("dovecot's log:", CYAN)
    indented(mail.wait_log("dovecot", r".*<roses@.*stored.*")[0])
    run("doveadm mailbox list -u alice")
    places = {name: text for name in mail.mailboxes("alice")
              for text in mail.messages("alice", name) if "<roses@" in text}
    need(len(places) == 1 and "INBOX" not in places,
         f"that it is in a mailbox of its own, not in {list(places)}")
    (name, message), = places.items()
    header(message, "Subject", "List-Id")
    return f"filed in {name}"


def read_with_key():
    """Read over IMAPS by key, no password"""
    write("reply.eml", """\
        From: Bob <bob@example.org>
        To: Alice <alice@example.org>
        Subject: Re: Lunch
        Message-ID: <reply@example.org>
        Date: Sun, 22 Nov 2026 10:03:00 +0000

        With pleasure.
        """)
    submit("bob", "alice", "reply.eml")
    mail.wait_message("alice", containing="<reply@example.org>")
    output = read_by_key("phone")
    need("AUTHENTICATE EXTERNAL" in output, "SASL EXTERNAL")
    need("(MESSAGES 1)" in output, "one message in alice's INBOX")
    output = curl("'imaps://mail.example.org/INBOX;MAILINDEX=1' --user alice: "
                  "--login-options AUTH=EXTERNAL --cert laptop.crt "
                  "--key laptop.key", show=f"{PROTOCOL}|^From:|^Subject:")
    need("* PREAUTH" in output, "that the laptop is logged in at once")
    need("Subject: Re: Lunch" in output, "bob's reply")
    return "AUTHENTICATE EXTERNAL by phone, PREAUTH by laptop"


def removed_key():
    """A removed key is refused"""
    keys = run("countersign key list alice")
    phone = re.search(r"phone .*(sha256:[0-9a-f]{64})", keys)[1]
    run(f"countersign key remove {phone}")
    refusal = re.search(r"(?m)^< \S+ (NO .*)", read_by_key("phone", fails=True))
    reasons("refused: ", 1)
    need("OK" in read_by_key("laptop"), "that the laptop's key still works")
    return need(refusal, "NO")[1]


def disabled():
    """A disabled account is refused"""
    run("countersign account disable alice")
    by_key = read_by_key("laptop", fails=True)
    by_password = curl("imaps://mail.example.org --user alice:$PASSWORD"
                       " --request NOOP", fails=True)
    submission = submit("alice", "bob", "lunch.eml", fails=True)
    reasons('refused: account "alice" is disabled', 3)
    return "; ".join((
        "by key: " + need(re.search(r"< \S+ (NO \S+)", by_key), "NO")[1],
        "by password: " + need(re.search(r"< \S+ (NO \S+)", by_password),
                               "NO")[1],
        "on 465: " + need(re.search(r"< (535 \S+)", submission), "535")[1]))


STEPS = (used, accounts, dkim_keys, submitted, forged, delivered, verified,
         filed, read_with_key, removed_key, disabled)


def set_up():
    FOLDER.mkdir()
    os.environ["PASSWORD"] = PASSWORD
    Path("/root/.curlrc").write_text(
        f"cacert = {CA}\nsilent\nshow-error\nverbose\n")
    say("The packages, in an image with stock servers", BOLD)
    run("dpkg-query -Wf '${Package;-24}${Version}\\n' postfix dovecot-core"
        " dovecot-sieve knot countersign milter-sender-check milter-dkim"
        " dovecot-auth-tlspubkey dovecot-sieve-ext")
    mail.start()


def table(shown):
    width = max(len(title) for title in shown) + 2
    say("\nWhat was shown", BOLD)
    for title, evidence in shown.items():
        first, *rest = textwrap.wrap(evidence, 98 - width)
        say(f"  {title:{width}}{first}", GREEN)
        for line in rest:
            say(f"  {'':{width}}{line}", GREEN)


def stay():
    """Tell ./demo what process to enter, and stay."""
    os.write(3, Path("/run/outer-pid").read_bytes())
    os.close(3)
    nowhere = os.open("/dev/null", os.O_RDWR)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    signal.pause()


def main():
    shown = {}
    try:
        set_up()
        for number, step in enumerate(STEPS, 1):
            say(f"\n{number}. {step.__doc__}", BOLD)
            shown[step.__doc__] = step()
    except (NotShown, AssertionError, subprocess.TimeoutExpired) as failure:
        for name, server in mail.servers.items():
            say(f"\nThe end of {name}'s log", BOLD)
            indented(server.log()[-2000:])
        say(f"\nNot shown: {failure}", RED)
        return 1
    table(shown)
    sys.stdout.flush()
    if "--keep" in sys.argv[1:]:
        stay()
    mail.stop()
    return 0


sys.exit(main())
