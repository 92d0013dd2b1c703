"""The limits of milter-sender-check as built, over the milter protocol."""

import threading

from harness.milter import CLIENT

OWN = [("From", "Anna <anna@example.org>")]
FOREIGN = [("From", "Bert <bert@example.org>")]
NO_RECIPIENTS, NO_REPLY_TO_RECIPIENT = 0x8, 0x8000


def begin(milter, recipients=1, login="anna", sender="anna@example.org",
          fields=OWN, client=CLIENT):
    """A message up to the end of its header; the last answer."""
    answer = milter.mail(sender, login, client)
    if answer.kind != "continue":
        return answer
    for number in range(recipients):
        milter.step("R", f"<rcpt{number}@example.net>\0".encode())
    for name, value in fields:
        milter.header(name, value)
    return answer


def send(milter, *args, **options):
    """What becomes of a message: "accept" or the reply."""
    answer = begin(milter, *args, **options)
    if answer.kind == "continue":
        answer = milter.end_of_header("4XQueueId")
    milter.abort()
    return answer.text or answer.kind


def reached(limit, wait, login="anna"):
    return (f"450 4.7.1 the account of the login {login} has reached its limit "
            f"of {limit}, try again in {wait}")


def waits(reply, limit, times):
    return reply in [reached(limit, wait) for wait in times]


HOUR = ["60 minutes", "61 minutes", "62 minutes", "63 minutes"]
DAY = ["24 hours", "25 hours"]


def test_without_a_limit_nothing_is_asked_for_or_refused(daemon, directory):
    daemon.start(directory=directory)
    with daemon.client() as milter:
        assert milter.steps & NO_RECIPIENTS
        for _ in range(200):
            assert send(milter, recipients=100) == "accept"


def test_a_message_beyond_the_limit_is_put_off_at_mail(daemon, directory):
    daemon.start(directory=directory, messages_per_hour=3)
    with daemon.client() as milter:
        assert milter.steps & NO_RECIPIENTS, "none are limited"
        for _ in range(3):
            assert send(milter) == "accept"
        for _ in range(2):
            answer = begin(milter)
            assert waits(answer.text, "3 messages an hour", HOUR), answer
        assert send(milter, login="bert", sender="bert@example.org",
                    fields=FOREIGN) == "accept"
    refused = [line for line in daemon.log().splitlines()
               if "verdict=defer" in line]
    assert refused == [
        "milter-sender-check: queue_id=NOQUEUE verdict=defer mode=enforce "
        'account=anna login=anna reason="the limit of 3 messages an hour is '
        'reached" mail_from=anna@example.org'] * 2


def test_every_spelling_of_a_login_has_the_same_limit(daemon, directory):
    daemon.start(directory=directory, messages_per_day=2)
    with daemon.client() as milter:
        assert send(milter, login="anna") == "accept"
        assert send(milter, login="ANNA@example.org") == "accept"
        assert send(milter, login="anna+x@example.org") in [
            reached("2 messages a day", wait, "anna+x@example.org")
            for wait in DAY]


def test_a_reload_keeps_the_counts(daemon, directory):
    daemon.start(directory=directory, messages_per_hour=3)
    with daemon.client() as milter:
        assert send(milter) == "accept"
        daemon.reload(directory=directory, messages_per_hour=2)
        assert send(milter) == "accept"
        assert waits(send(milter), "2 messages an hour", HOUR)
        daemon.reload(directory=directory)
        assert send(milter) == "accept"
        daemon.reload(directory=directory, messages_per_day=2)
    with daemon.client() as milter:
        assert waits(send(milter), "2 messages a day", DAY)
        daemon.reload(directory=directory, messages_per_day=3)
        assert send(milter) == "accept"
        assert waits(send(milter), "3 messages a day", DAY)


def test_many_at_once_take_no_more_than_there_is(daemon, directory):
    daemon.start(directory=directory, messages_per_hour=5)
    milters = [daemon.client() for _ in range(16)]
    answers = []
    for milter in milters:
        assert begin(milter).kind == "continue"
    start = threading.Barrier(len(milters))

    def end(milter):
        start.wait(30)
        answers.append(milter.end_of_header("4XQueueId"))

    threads = [threading.Thread(target=end, args=(milter,))
               for milter in milters]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    for milter in milters:
        milter.socket.close()
    kinds = sorted(answer.kind for answer in answers)
    assert kinds == ["accept"] * 5 + ["reply"] * 11
    assert all(waits(answer.text, "5 messages an hour", HOUR)
               for answer in answers if answer.kind == "reply")


def test_what_is_refused_does_not_count(daemon, directory):
    daemon.start(directory=directory, messages_per_hour=1)
    with daemon.client() as milter:
        for _ in range(3):
            assert send(milter, fields=FOREIGN).startswith("550 5.7.1 ")
            assert send(milter,
                        sender="bert@example.org").startswith("550 5.7.1 ")
        begin(milter)
        milter.abort()
        assert send(milter) == "accept"
        assert send(milter).startswith("450 4.7.1 ")


def test_recipients_are_told_without_an_answer_and_counted(daemon, directory):
    daemon.start(directory=directory, recipients_per_hour=10)
    with daemon.client() as milter:
        assert not milter.steps & NO_RECIPIENTS
        assert milter.steps & NO_REPLY_TO_RECIPIENT
        assert send(milter, recipients=7) == "accept"
        begin(milter, recipients=7)
        milter.abort()
        reply = send(milter, recipients=4)
        assert reply in [
            "450 4.7.1 the account of the login anna has 3 left of its limit "
            "of 10 recipients an hour, and the message has 4: send it to "
            f"fewer, or try again in {wait}" for wait in HOUR]
        assert send(milter, recipients=11) == (
            "550 5.7.1 the message has 11 recipients, and the account of the "
            "login anna a limit of 10 recipients an hour: send it to fewer "
            "at a time")
        assert send(milter, recipients=3) == "accept"
        answer = milter.mail("anna@example.org", "anna")
        assert waits(answer.text, "10 recipients an hour", HOUR)
    assert daemon.log().count('reason="the limit of 10 recipients an hour is '
                              'reached"') == 2
    assert daemon.log().count('reason="more recipients than the limit of 10 '
                              'recipients an hour"') == 1
    assert "warning" not in daemon.log()


def test_recipients_that_were_not_told_are_not_let_through(daemon, directory):
    daemon.start(directory=directory)
    with daemon.client() as old, daemon.client() as older:
        assert send(old) == "accept"
        daemon.reload(directory=directory, recipients_per_day=10)
        assert send(old) == "450 4.7.1 the limits have changed, connect again"
        with daemon.client() as new:
            assert send(new) == "accept"
        daemon.reload(directory=directory)
        assert send(older) == "accept"


def test_an_exempt_account_has_no_limit(daemon, directory):
    daemon.start(directory=directory, messages_per_hour=1,
                 recipients_per_hour=1, exempt="anna")
    with daemon.client() as milter:
        for _ in range(3):
            assert send(milter, recipients=5) == "accept"


def test_mail_without_a_login_counts_for_the_account_it_is_checked_as(
        daemon, directory):
    daemon.start(directory=directory, networks="192.0.2.0/24=anna",
                 messages_per_hour=2)
    printer = ("192.0.2.7", "4711")
    with daemon.client() as milter:
        assert send(milter, login=None, client=printer) == "accept"
        assert send(milter) == "accept"
        for _ in range(2):
            assert waits(send(milter, login=None, client=printer),
                         "2 messages an hour", HOUR)
        assert send(milter, login=None,
                    client=("198.51.100.1", "4711")) == "accept", "outside"


def test_in_report_mode_it_is_logged_which_ones_enforcing_would_put_off(
        daemon, directory):
    limits = {"messages_per_hour": 2, "recipients_per_hour": 3}
    daemon.start(directory=directory, mode="report", **limits)
    with daemon.client() as milter:
        for recipients in (2, 4, 2, 1, 1):
            assert send(milter, recipients=recipients) == "accept"
        daemon.reload(directory=directory, **limits)
        assert waits(send(milter), "2 messages an hour", HOUR)
    verdicts = [line.split("verdict=")[1].split()[0]
                for line in daemon.log().splitlines() if "mode=report" in line]
    assert verdicts == ["pass", "reject", "defer", "pass", "defer"]


def test_a_number_that_is_none_is_refused_at_the_start(daemon, directory):
    for value in ("-1", "1h", "100000001"):
        daemon.configure(directory=directory, messages_per_hour=value)
        assert daemon.launch().wait(30) == 78
    daemon.process = None
    assert "messages_per_hour must be a number from 0 to 100000000" in \
        daemon.log()
