"""--kick where no Dovecot is; tests/system has it with one."""

import os

import pytest

NO_DOVECOT = pytest.mark.skipif(os.path.exists("/usr/bin/doveadm"),
                                reason="there is a Dovecot here")


@pytest.mark.parametrize("words", [
    ("account", "disable", "anna"), ("key", "remove", "sha256:" + "0" * 64)])
def test_a_change_that_is_not_published_is_no_use(directory, words):
    assert "--kick is for a change that is published" in directory.refused(
        *words, "--kick", "--no-publish", status=64)


@NO_DOVECOT
def test_without_dovecot_the_change_stands(directory):
    done = directory.run("account", "disable", "ANNA", "--kick")
    assert (done.returncode, done.stdout) == (75, "")
    assert done.stderr == (
        "countersign: the change is made and published, but connections of "
        '"anna" may go on: /usr/bin/doveadm: can\'t be run: No such file or '
        'directory; if Dovecot runs, end them with "doveadm kick"\n')
    assert not directory.json("account", "show", "anna")["enabled"]


@NO_DOVECOT
def test_a_removed_key_is_gone_and_its_account_is_named(directory,
                                                              tmp_path):
    directory.do("key", "new", "anna", "--name", "phone", "--out",
                 tmp_path / "phone")
    (key,) = directory.json("key", "list")
    done = directory.run("key", "remove", key["fingerprint"], "--kick")
    assert done.returncode == 75
    assert 'connections of "anna" may go on' in done.stderr
    assert directory.json("key", "list") == []


def test_a_name_that_stands_for_many_is_not_kicked(directory):
    directory.add_old("ann*")
    done = directory.run("account", "disable", "ann*", "--kick")
    assert (done.returncode, done.stdout) == (69, "")
    assert 'connections of "ann*" may go on' in done.stderr
    assert not directory.json("account", "show", "ann*")["enabled"]


def test_what_is_not_published_yet_kicks_nobody_and_says_so(directory):
    maps = directory.published / "postfix"
    maps.rename(directory.folder / "away")
    maps.write_text("in the way")
    done = directory.run("account", "disable", "anna", "--kick")
    assert (done.returncode, done.stdout) == (73, "")
    assert done.stderr.startswith("countersign: the change is made, but not "
                                  "all of it is published: ")
    assert done.stderr.endswith(
        '; run "countersign directory publish", and then "doveadm kick", '
        "since nobody is kicked yet\n")


def test_an_account_that_is_not_there_is_said_as_without(directory):
    assert directory.refused("account", "disable", "zoe", "--kick",
                             status=67) == directory.refused(
        "account", "disable", "zoe", status=67)
