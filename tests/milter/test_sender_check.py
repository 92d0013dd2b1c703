"""milter-sender-check as built, driven over the milter protocol."""

import os
import shutil
import socket
import threading
from pathlib import Path

import pytest

from conftest import DAEMON
from harness.process import run, wait_for

OWN = [("From", "Anna <anna@example.org>"), ("Subject", "hello")]
FOREIGN = [("From", "Bert <bert@example.org>"), ("Subject", "hello")]


@pytest.fixture
def running(daemon, directory):
    return daemon.start(directory=directory)


def lines(daemon):
    return [line for line in daemon.log().splitlines() if "queue_id=" in line]


def test_it_asks_for_login_client_and_queue_id_and_for_no_body(running):
    with running.client() as milter:
        assert milter.macros_wanted == {
            "M": ["{auth_authen}", "{client_addr}", "{client_port}", "j"],
            "N": ["i"]}
        assert milter.steps & 0x10, "no body"
        assert milter.steps & 0x80, "no reply to each field"
        assert milter.actions == 0x101, "it adds a field and does no more"


def test_an_mta_that_cannot_be_asked_for_the_login_is_turned_away(running):
    with pytest.raises(ConnectionError):
        running.client(actions=0xFF)
    assert "lacks what the check needs" in running.log()


def test_an_account_writes_as_itself(running):
    with running.client() as milter:
        assert milter.message("anna@example.org", OWN, "anna").kind == "accept"
    assert lines(running) == [
        "milter-sender-check: queue_id=4XQueueId verdict=pass mode=enforce "
        "account=anna login=anna mail_from=anna@example.org from=anna@example.org"]


@pytest.mark.parametrize("sender, login, fields, reply", [
    ("bert@example.org", "anna", OWN,
     "550 5.7.1 the login anna may not send as <bert@example.org> "
     "(envelope sender)"),
    ("anna@example.org", "anna", FOREIGN,
     "550 5.7.1 the login anna may not write as <bert@example.org> "
     "(From field)"),
    ("", "anna", FOREIGN,
     "550 5.7.1 the login anna may not write as <bert@example.org> "
     "(From field)"),
    ("anna@example.org", "anna", OWN[1:],
     "550 5.6.0 the message has no From field"),
    ("anna@example.org", "anna", OWN + FOREIGN,
     "550 5.6.0 the message has 2 From fields, where one is allowed"),
    ("anna@example.org", "anna", [("FROM ", "<anna@example.org>"), *OWN],
     "550 5.6.0 the message has 2 From fields, where one is allowed"),
    ("anna@example.org", "anna", [("X", "1\rFrom: bert@example.org"), *OWN],
     "550 5.6.0 a CR stands alone in the header, and could be shown as the "
     "end of a field"),
    ("dora@example.org", "dora", OWN,
     "550 5.7.1 the account of the login dora is disabled"),
    ("anna@example.org", "nobody", OWN,
     "550 5.7.1 the login nobody belongs to no account here"),
    ("anna@example.org", "anna", [("From", "100%@example.org")],
     "550 5.7.1 the login anna may not write as <100%%@example.org> "
     "(From field)"),
    ("anna@example.org", "anna", [("From", "bärbel@example.org")],
     r"550 5.7.1 the login anna may not write as <b\x{E4}rbel@example.org> "
     "(From field)"),
])
def test_what_an_account_may_not_write_is_refused_with_the_reason(
        running, sender, login, fields, reply):
    with running.client() as milter:
        answer = milter.message(sender, fields, login)
    assert (answer.kind, answer.text) == ("reply", reply)
    assert "verdict=reject" in lines(running)[0]
    assert ("account=" in lines(running)[0]) == (login != "nobody")


@pytest.mark.parametrize("sender, login, author", [
    ("anna+list@example.org", "anna@example.org", "<ANNA+x@EXAMPLE.ORG>"),
    ("jörg@bücher.example.org", "anna", "jörg@xn--bcher-kva.example.org"),
    ("", "anna", "G: anna@example.org, \"Anna\" <anna+g@example.org>;"),
])
def test_every_spelling_of_an_own_address_passes(running, sender, login,
                                                 author):
    with running.client() as milter:
        answer = milter.message(sender, [("From", author),
                                         ("Sender", "anna@example.org")], login)
    assert answer.kind == "accept", answer
    assert milter.modifications == []


BOSS = [("From", "Boss <boss@example.com>")]


def test_on_behalf_the_missing_sender_is_added_once(running):
    with running.client() as milter:
        assert milter.message("anna@example.org", BOSS, "anna",
                              body=b"Hello.\r\n").kind == "accept"
        assert milter.modifications == [("h", b"Sender\0 anna@example.org\0")]
        assert milter.message(
            "", BOSS + [("Sender", "anna+x@example.org")],
            "anna").kind == "accept"
        assert milter.message("", BOSS, "anna").kind == "reply"
        assert len(milter.modifications) == 1
    assert "from=boss@example.com sender=anna@example.org" in lines(running)[0]


def test_in_report_mode_no_sender_is_added(daemon, directory):
    daemon.start(directory=directory, mode="report")
    with daemon.client() as milter:
        assert milter.message("anna@example.org", BOSS,
                              "anna").kind == "accept"
        assert milter.modifications == []
    assert "verdict=pass mode=report" in lines(daemon)[0]


def test_an_exempt_account_writes_as_anybody_and_is_logged_so(daemon,
                                                             directory):
    daemon.start(directory=directory, exempt="bert")
    with daemon.client() as milter:
        for fields in (OWN, BOSS, [], [("From", "<")], OWN * 70):
            assert milter.message("boss@example.com", fields,
                                  "bert").kind == "accept"
        assert milter.message("bert@example.org", BOSS, "anna").kind == "reply"
    assert all('verdict=pass mode=enforce account=bert login=bert '
               'reason="the account is exempt"' in line
               for line in lines(daemon)[:5])


def test_a_message_without_login_passes_and_is_not_logged(running):
    with running.client() as milter:
        answer = milter.message("stranger@example.net", FOREIGN)
    assert answer.kind == "accept"
    assert lines(running) == []


def test_nothing_of_a_message_is_left_for_the_next_one(running):
    with running.client() as milter:
        assert milter.message("anna@example.org", OWN, "anna").kind == "accept"
        answer = milter.message("anna@example.org", OWN[1:], "anna")
        assert answer.text == "550 5.6.0 the message has no From field"
        milter.abort()
        assert milter.message("anna@example.org", OWN, "anna").kind == "accept"


def test_nothing_of_an_aborted_message_is_left_for_the_next_one(running):
    with running.client() as milter:
        milter.mail("anna@example.org", "anna")
        milter.step("R", b"<rcpt@example.net>\0")
        milter.header(*OWN[0])
        milter.abort()
        answer = milter.message("anna@example.org", OWN[1:], "anna")
        assert answer.text == "550 5.6.0 the message has no From field"


def test_a_message_without_any_header_is_not_accepted_unchecked(running):
    with running.client() as milter:
        milter.mail("anna@example.org", "anna")
        milter.step("R", b"<rcpt@example.net>\0")
        answer = milter.end_of_message()
    assert answer.text == "550 5.6.0 the message has no From field"


@pytest.mark.parametrize("fields", [
    [("Sender", "anna@example.org")] * 65,
    [("Sender", "x" * 100000)] * 11,
])
def test_too_many_fields_are_refused(running, fields):
    with running.client() as milter:
        answer = milter.message("anna@example.org", OWN + fields, "anna")
    assert answer.text == ("550 5.6.0 the From, Sender and Resent fields are too many "
                           "or too long")


def test_a_field_as_long_as_postfix_allows_is_taken(running):
    with running.client() as milter:
        answer = milter.message(
            "anna@example.org", [("Subject", "x" * 102400), *OWN], "anna")
    assert answer.kind == "accept"


def test_a_login_cannot_forge_a_log_line(running):
    login = 'x" verdict=pass y="\nmilter-sender-check: queue_id=1'
    with running.client() as milter:
        answer = milter.message("anna@example.org", OWN, login)
    assert "\n" not in answer.text
    assert len(lines(running)) == 1
    assert r'login="x\" verdict=pass y=\"?milter' in lines(running)[0]


def test_a_login_cannot_steer_the_terminal_that_shows_the_log(running):
    with running.client() as milter:
        milter.message("anna@example.org", OWN, "x\x9b2J\u202e\u2028y")
    assert "login=x?2J??y " in lines(running)[0]


def test_report_mode_logs_what_it_would_refuse_and_lets_it_pass(
        daemon, directory):
    daemon.start(directory=directory, mode="report")
    with daemon.client() as milter:
        for sender, fields in (("anna@example.org", FOREIGN),
                               ("bert@example.org", OWN),
                               ("anna@example.org", OWN)):
            answer = milter.message(sender, fields, "anna")
            assert answer.kind == "accept"
    start = "milter-sender-check: queue_id=4XQueueId verdict="
    assert lines(daemon) == [
        start + "reject mode=report account=anna login=anna field=From "
        'address=bert@example.org reason="neither its own nor granted" '
        "mail_from=anna@example.org from=bert@example.org",
        start + "reject mode=report account=anna login=anna field=envelope "
        'address=bert@example.org reason="neither its own nor granted" '
        "mail_from=bert@example.org",
        start + "pass mode=report account=anna login=anna "
        "mail_from=anna@example.org from=anna@example.org"]


@pytest.mark.parametrize("content", [None, b"not a database" * 100])
def test_report_mode_lets_pass_during_an_outage_and_logs_it(
        daemon, directory, tmp_path, content):
    copy = tmp_path / "copy"
    shutil.copytree(Path(directory.removeprefix("sqlite:")).parent, copy)
    daemon.start(directory=f"sqlite:{copy}/d", mode="report")
    path = published(copy)
    if content is None:
        path.unlink()
    else:
        replace(path, content)
    with daemon.client() as milter:
        for sender, fields in (("anna@example.org", OWN), ("", FOREIGN)):
            answer = milter.message(sender, fields, "anna")
            assert answer.kind == "accept"
    for line in lines(daemon):
        assert line.startswith("milter-sender-check: warning: queue_id="
                               "4XQueueId verdict=defer mode=report "
                               "login=anna reason=")
        assert str(path) in line
    assert len(lines(daemon)) == 2


def test_a_reload_takes_effect_for_the_next_message(running, directory):
    with running.client() as milter:
        milter.mail("anna@example.org", "anna")
        running.reload(directory=directory, mode="report")
        milter.step("R", b"<rcpt@example.net>\0")
        milter.header(*FOREIGN[0])
        assert milter.end_of_header("1").text.startswith("550 5.7.1 ")
        milter.abort()
        answer = milter.message("anna@example.org", FOREIGN, "anna")
        assert answer.kind == "accept"
    assert f"reloaded {running.conf}" in running.log()


def test_a_bad_configuration_leaves_the_old_one_running(running, directory):
    running.reload(directory=directory, mode="sometimes")
    assert ("error: reload failed, the old settings stay: "
            f"{running.conf}:2: mode must be one of enforce, report, not "
            '"sometimes"') in running.log()
    with running.client() as milter:
        answer = milter.message("anna@example.org", FOREIGN, "anna")
        assert answer.text.startswith("550 5.7.1 ")


def test_many_hangups_at_once_never_end_it(running):
    for _ in range(500):
        running.process.send_signal(1)
    for _ in range(3):
        wait_for(lambda: running.notice() == "READY=1", "a reload's end")
        running.process.send_signal(1)
    with running.client() as milter:
        assert milter.message("anna@example.org", OWN, "anna").kind == "accept"


def test_a_new_socket_needs_a_restart_and_says_so(running, directory):
    running.reload(directory=directory, socket="unix:/nonexistent/socket")
    assert "needs a restart" in running.log()
    running.client().quit()


@pytest.mark.parametrize("signal", [15, 2])
def test_it_ends_at_once_and_takes_its_socket_along(running, signal):
    with running.client() as milter:
        milter.mail("anna@example.org", "anna")
        running.process.send_signal(signal)
        assert running.process.wait(3) == 0
    running.process = None
    assert running.notice() == "STOPPING=1"
    assert not running.path.exists()


def test_only_owner_and_group_may_connect(running):
    assert running.path.stat().st_mode & 0o777 == 0o660


def test_a_stale_socket_is_replaced(daemon, directory):
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(daemon.path))
    daemon.start(directory=directory)
    daemon.client().quit()


def test_a_socket_on_which_somebody_listens_is_left_alone(running, tmp_path):
    done = run(DAEMON, "-f", "-c", running.conf, check=False)
    assert done.returncode == 69
    assert f"{running.path}: another process listens on it" in done.stderr
    running.client().quit()


def test_a_file_in_the_sockets_place_is_left_alone(daemon, directory):
    daemon.path.write_text("precious")
    daemon.configure(directory=directory)
    assert daemon.launch().wait(30) == 73
    assert "is in the way and is not a socket" in daemon.log()
    assert daemon.path.read_text() == "precious"
    daemon.process = None


def test_the_service_manager_is_told_on_an_abstract_socket_too(
        daemon, directory):
    daemon.manage(f"@countersign-{os.getpid()}")
    daemon.start(directory=directory)


@pytest.mark.parametrize("text, status, complaint", [
    ("", 0, ""),
    ("mode = report\n", 0, ""),
    ("mode = off\n", 78, ':1: mode must be one of enforce, report, not "off"'),
    ("colour = red\n", 78, ':1: "colour" is not a setting'),
    ("directory = ftp:x\n", None, ": directory"),
])
def test_the_configuration_is_checked_without_starting(
        tmp_path, text, status, complaint):
    conf = tmp_path / "conf"
    conf.write_text(f"{text}socket = unix:{tmp_path}/socket\n")
    done = run(DAEMON, "-t", "-c", conf, check=False)
    if status is None:
        assert done.returncode >= 64
    else:
        assert done.returncode == status
    assert complaint in done.stderr
    assert bool(complaint) == bool(done.stderr)
    assert not (tmp_path / "socket").exists()


@pytest.mark.parametrize("spec, complaint", [
    ("/run/x", "must begin with unix:, inet: or inet6:"),
    ("fd:3", "must begin with unix:, inet: or inet6:"),
    ("unix:run/x", "the path must begin with a slash"),
    ("unix:/" + "x" * 107, "the path must not be longer than 107 octets"),
])
def test_a_bad_socket_is_an_error_of_the_configuration(tmp_path, spec,
                                                       complaint):
    conf = tmp_path / "conf"
    conf.write_text(f"socket = {spec}\n")
    for words in (["-t"], ["-f"]):
        done = run(DAEMON, *words, "-c", conf, check=False)
        assert done.returncode == 78
        assert done.stderr == (f"milter-sender-check: error: socket = {spec}: "
                               f"{complaint}\n")


def test_a_missing_configuration_is_an_error():
    done = run(DAEMON, "-f", "-c", "/nonexistent/conf", check=False)
    assert done.returncode == 78
    assert done.stderr == ("milter-sender-check: error: /nonexistent/conf: "
                           "can't be opened: No such file or directory\n")


def published(folder):
    return folder / "d" / "published" / "directory.db"


def replace(path, content):
    new = path.with_suffix(".new")
    new.write_bytes(content)
    new.rename(path)


@pytest.mark.parametrize("content", [None, b"", b"not a database" * 100])
def test_an_outage_puts_mail_off_and_ends_by_itself(
        daemon, directory, tmp_path, content):
    copy = tmp_path / "copy"
    shutil.copytree(Path(directory.removeprefix("sqlite:")).parent, copy)
    path = published(copy)
    good = path.read_bytes()
    daemon.start(directory=f"sqlite:{copy}/d")
    with daemon.client() as milter:
        assert milter.message("anna@example.org", OWN, "anna").kind == "accept"
        if content is None:
            path.unlink()
        else:
            replace(path, content)
        for fields in (OWN, FOREIGN):
            answer = milter.message("anna@example.org", fields, "anna")
            assert answer.text == ("451 4.3.0 the account directory can't be "
                                   "asked now, try again later")
            milter.abort()
        replace(path, good)
        assert milter.message("anna@example.org", OWN, "anna").kind == "accept"
    assert "warning: queue_id=NOQUEUE verdict=defer mode=enforce login=anna" in daemon.log()
    assert str(path) in daemon.log(), "the log says where"


def test_an_outage_after_mail_puts_the_message_off(
        daemon, directory, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(Path(directory.removeprefix("sqlite:")).parent, copy)
    daemon.start(directory=f"sqlite:{copy}/d")
    with daemon.client() as milter:
        milter.mail("anna@example.org", "anna")
        published(copy).unlink()
        milter.step("R", b"<rcpt@example.net>\0")
        milter.header(*OWN[0])
        assert milter.end_of_header("1").text.startswith("451 4.3.0 ")


def test_connections_side_by_side_never_get_each_others_verdict(running):
    wrong = []

    def talk(login):
        other = "bert" if login == "anna" else "anna"
        with running.client() as milter:
            for turn in range(25):
                author = login if turn % 2 else other
                answer = milter.message(
                    f"{login}@example.org",
                    [("From", f"<{author}@example.org>")], login, f"{turn}")
                if (answer.kind == "accept") != (author == login):
                    wrong.append((login, author, answer))
                if answer.kind != "accept":
                    milter.abort()

    threads = [threading.Thread(target=talk, args=(login,))
               for login in ("anna", "bert") * 16]
    for thread in threads:
        thread.start()
    for _ in range(20):
        running.process.send_signal(1)
        wait_for(lambda: running.notice() == "READY=1", "a reload's end")
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    assert wrong == []
    assert len(lines(running)) == 32 * 25
