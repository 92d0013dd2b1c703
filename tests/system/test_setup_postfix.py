"""countersign setup postfix, beside what an admin has set up already."""

import shutil
import stat
from pathlib import Path

import pytest

from harness.postfix import FOLDER
from harness.process import run, wait_for

MAIN = FOLDER / "main.cf"
MASTER = FOLDER / "master.cf"
RECORD = Path("/var/lib/countersign/setup")
OURS = ("{ unix:countersign/sender-check/milter, default_action=tempfail, "
        "protocol=6 }, { unix:countersign/dkim/milter, "
        "default_action=tempfail, protocol=6 }")
# As howtos have it: what could be wrong with a milter, others' too.
OTHERS = (
    "smtpd_milters = inet:127.0.0.1:8891, inet:127.0.0.1:11332",
    "non_smtpd_milters = $smtpd_milters",
    "milter_default_action = accept",
    "milter_protocol = 2",
)
# More than a setting, on an inet service that is not submissions.
SUBMISSION = """
# Old phones.
submission inet n - y - - smtpd
  -o smtpd_sasl_auth_enable=yes -o smtpd_tls_security_level=encrypt
# -o smtpd_milters=none
  -o { smtpd_milters = inet:127.0.0.1:8891,
# a scanner
       inet:127.0.0.1:3310 }
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
# Its -o is sendmail's.
spamassassin unix - n n - - pipe
  user=nobody argv=/usr/bin/spamc -e /usr/sbin/sendmail -oi -f $sender $recipient
"""


def reloads(mail):
    return mail.log("postfix").count(" reload -- version ")


def write(path, data):
    """At once: Postfix is running."""
    new = path.with_suffix(".new")
    new.write_bytes(data)
    new.rename(path)


@pytest.fixture
def setup(mail):
    """Postfix without our milters; a function that runs the command."""
    stock = {path: path.read_bytes() for path in (MAIN, MASTER)}
    bare = b"".join(line for line in stock[MASTER].splitlines(keepends=True)
                    if b"countersign/" not in line)

    def reloaded(action):
        """What action() returns, when Postfix has done as that says."""
        before = reloads(mail)
        done = action()
        if "Postfix is reloaded" in done.stdout:
            wait_for(lambda: reloads(mail) > before, "Postfix to reload")
        return done

    def restart():
        reloaded(lambda: run("sh", "-c",
                             "postfix reload && echo Postfix is reloaded"))

    def with_config(*main, service="", more=""):
        """These lines of main.cf, of the service, and behind it."""
        if main:
            run("postconf", "-e", *main)
        write(MASTER, bare + service.encode() + more.encode())
        restart()

    def command(*words, check=True):
        return reloaded(lambda: mail.countersign("setup", "postfix", *words,
                                                 check=check))

    command.configure = with_config
    with_config()
    yield command
    command("--revert")
    for path, data in stock.items():
        write(path, data)
    restart()


def milters(service="submissions"):
    return run("postconf", "-hP",
               f"{service}/inet/smtpd_milters").stdout.strip()


def submit(mail, author=None):
    account = mail.account(password="pass word")
    address = f"{account}@example.org"
    return mail.submit(account, "pass word", address, [address],
                       f"From: {author or address}\nSubject: hello\n\n.\n")


def assert_in_use(mail):
    """Mail goes through, and what our milters refuse does not."""
    reply = submit(mail)
    assert reply.accepted, reply
    reply = submit(mail, author="nobody@example.org")
    assert reply.code == 550, reply


def assert_not_in_use(mail):
    for author in (None, "nobody@example.org"):
        reply = submit(mail, author)
        assert reply.accepted, reply


def test_it_prints_what_it_would_change_and_changes_nothing(mail, setup):
    before = MASTER.read_bytes()
    done = setup()
    assert "+  -o { smtpd_milters =\n" in done.stdout
    assert "Nothing is changed yet." in done.stdout
    assert "countersign sender report" in done.stdout
    assert MASTER.read_bytes() == before
    assert not list(RECORD.glob("master.cf.*"))
    assert_not_in_use(mail)


def test_applied_mail_is_checked_and_reverted_all_is_as_before(mail, setup):
    before = MASTER.read_bytes()
    printed = setup().stdout.partition("\n\n")[0]
    assert setup("--apply").stdout.partition("\n\n")[0] == printed
    assert milters() == OURS
    assert_in_use(mail)
    assert setup("--apply").stdout == "Nothing to change.\n"
    setup("--revert")
    assert MASTER.read_bytes() == before
    assert_not_in_use(mail)
    assert setup("--revert").stdout == "Nothing to change.\n"


def test_other_milters_stay_in_order_behind_ours(mail, setup):
    setup.configure(*OTHERS, more=SUBMISSION)
    before = MASTER.read_bytes()
    assert "inet:127.0.0.1:11332" in setup().stdout
    setup("--apply")
    assert milters() == f"{OURS}, inet:127.0.0.1:8891, inet:127.0.0.1:11332"
    assert milters("submission") == (
        f"{OURS}, inet:127.0.0.1:8891, inet:127.0.0.1:3310")
    assert run("postconf", "-h", "smtpd_milters").stdout == (
        "inet:127.0.0.1:8891, inet:127.0.0.1:11332\n")
    # The others are not there, and main.cf says to do without; and ours
    # speak the protocol that they need.
    assert_in_use(mail)
    setup("--revert")
    assert MASTER.read_bytes() == before


def test_nothing_else_of_postfix_changes(setup):
    setup.configure(*OTHERS, more=SUBMISSION)
    main = run("postconf", "-n").stdout
    services = run("postconf", "-M").stdout
    settings = run("postconf", "-P").stdout.splitlines()
    status = MASTER.stat()
    MASTER.chmod(0o640)
    shutil.chown(MASTER, "postfix", "mail")
    setup("--apply")
    assert run("postconf", "-n").stdout == main
    assert ([line for line in run("postconf", "-P").stdout.splitlines()
             if "smtpd_milters" not in line] ==
            [line for line in settings if "smtpd_milters" not in line])
    assert MASTER.owner() == "postfix" and MASTER.group() == "mail"
    assert stat.S_IMODE(MASTER.stat().st_mode) == 0o640
    setup("--revert")
    assert run("postconf", "-M").stdout == services
    MASTER.chmod(stat.S_IMODE(status.st_mode))
    shutil.chown(MASTER, status.st_uid, status.st_gid)


def test_a_named_part_comes_and_goes_alone(mail, setup):
    before = MASTER.read_bytes()
    setup("--apply", "--dkim")
    assert milters() == ("{ unix:countersign/dkim/milter, "
                         "default_action=tempfail, protocol=6 }")
    assert_not_in_use(mail)
    setup("--apply", "--sender-check")
    assert milters() == OURS
    setup("--revert", "--dkim")
    assert "dkim" not in milters()
    assert_in_use(mail)
    setup("--revert", "--sender-check")
    assert MASTER.read_bytes() == before


def test_what_an_admin_changed_in_between_stays(setup):
    setup("--apply")
    run("postconf", "-P", "submissions/inet/smtpd_tls_loglevel=1")
    run("postconf", "-e", "smtpd_tls_loglevel=0")
    text = MASTER.read_text()
    MASTER.write_text("# Mine.\n" + text)
    setup("--revert")
    assert milters() == ""
    assert "countersign" not in MASTER.read_text()
    assert MASTER.read_text().startswith("# Mine.\n")
    assert run("postconf", "-hP", "submissions/inet/smtpd_tls_loglevel"
               ).stdout == "1\n"


def test_a_milter_that_an_admin_added_to_our_list_stays(setup):
    setup("--apply")
    MASTER.write_text(MASTER.read_text().replace(
        "protocol=6 } }", "protocol=6 }, inet:127.0.0.1:9999 }"))
    assert setup("--apply").stdout == "Nothing to change.\n"
    setup("--revert")
    assert milters() == "inet:127.0.0.1:9999"


def test_run_again_it_follows_main_cf(setup):
    setup.configure(*OTHERS)
    setup("--apply")
    run("postconf", "-e", "smtpd_milters = inet:127.0.0.1:7777")
    setup("--apply")
    assert milters() == f"{OURS}, inet:127.0.0.1:7777"


@pytest.mark.parametrize("main, service, reason", [
    ("smtpd_proxy_filter=127.0.0.1:10024", "", "smtpd_proxy_filter"),
    ("", "  -o smtpd_proxy_filter=127.0.0.1:10024\n", "smtpd_proxy_filter"),
    ("smtpd_milter_maps=cidr:/etc/postfix/milters", "", "smtpd_milter_maps"),
    ("receive_override_options=no_address_mappings,no_milters", "",
     "no_milters"),
    ("", "  -o receive_override_options=$mine -o mine=no_milters\n",
     "no_milters"),
])
def test_it_refuses_what_would_go_past_the_milters(setup, main, service,
                                                   reason):
    setup.configure(*filter(None, [main]), service=service)
    before = MASTER.read_bytes()
    for words in ((), ("--apply",)):
        done = setup(*words, check=False)
        assert done.returncode == 78
        assert reason in done.stderr
        assert done.stdout == ""
    assert MASTER.read_bytes() == before


def test_it_refuses_a_list_that_it_cannot_read(setup):
    before = MASTER.read_bytes()
    with open(MASTER, "a", encoding="ascii") as master:
        master.write("  -o { smtpd_milters = { inet:127.0.0.1:1 }x }\n")
    done = setup("--apply", check=False)
    assert "smtpd_milters of submissions" in done.stderr
    MASTER.write_bytes(before)


def test_it_refuses_where_nobody_can_submit_and_says_how(setup):
    stock = FOLDER / "master.cf.stock"
    MASTER.write_text(stock.read_text())
    done = setup("--apply", check=False)
    assert done.returncode == 78
    command = done.stderr.partition(" or: ")[2]
    run("sh", "-c", command)
    setup("--apply")
    assert milters() == OURS
    setup("--revert")


def test_it_refuses_a_milter_that_does_not_answer(mail, setup):
    before = MASTER.read_bytes()
    mail.servers["milter-dkim"].stop()
    done = setup("--apply", check=False)
    assert "nobody listens there" in done.stderr
    assert "milter-dkim" in done.stderr
    assert MASTER.read_bytes() == before
    setup("--apply", "--sender-check")
    assert_in_use(mail)


@pytest.mark.parametrize("name", ["smtpd_milters", "non_smtpd_milters"])
def test_what_stands_in_main_cf_by_hand_must_go_by_hand(setup, name):
    setup.configure(f"{name} = unix:countersign/dkim/milter")
    setup("--apply")
    assert milters() == OURS
    done = setup("--revert", "--dkim", check=False)
    assert done.returncode == 78
    assert f"main.cf: {name} has milter-dkim" in done.stderr
    setup("--revert", "--sender-check")
    run("postconf", "-e", f"{name}=")


def test_it_tells_of_logins_on_other_services(setup):
    setup.configure("smtpd_sasl_auth_enable=Yes",
                    more="smtpd pass - - y - - smtpd\n")
    done = setup()
    for service in ("smtp", "smtpd"):
        assert f"-o smtpd_sasl_auth_enable=no for {service}." in done.stdout
    assert "Nobody can log in" not in done.stdout


def test_json_has_all_of_it(mail, setup):
    answer = mail.json("setup", "postfix", "--apply")
    assert answer["changes"] and answer["made"]
    assert answer["diff"].startswith("--- /etc/postfix/master.cf\n")
    answer = mail.json("setup", "postfix", "--apply")
    assert not answer["changes"] and not answer["made"]


def test_a_reader_of_a_symlink_reads_the_same_file(setup, tmp_path):
    real = tmp_path / "master.cf"
    MASTER.rename(real)
    MASTER.symlink_to(real)
    try:
        setup("--apply")
        assert MASTER.is_symlink()
        assert "countersign/dkim" in real.read_text()
        setup("--revert")
    finally:
        MASTER.unlink()
        shutil.move(real, MASTER)


def test_the_verifier_that_was_put_in_by_hand_is_taken_out(mail, setup):
    verifier = "unix:countersign/dkim-verify/milter"
    setup.configure()
    run("postconf", "-P", f"smtp/inet/smtpd_milters={verifier}")
    refused = setup("--apply", "--verify", check=False)
    assert refused.returncode == 64
    assert "by hand" in refused.stderr
    # It stays, whatever is done with the others.
    setup("--apply")
    assert (milters("smtp"), milters()) == (verifier, OURS)
    setup("--revert", "--dkim")
    assert milters("smtp") == verifier
    setup("--revert", "--verify")
    assert "dkim-verify" not in MASTER.read_text()
    assert "sender-check" in milters()
