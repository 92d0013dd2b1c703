"""What Postfix, Dovecot and our own daemons get to read."""

import ctypes
import json
import os
import sqlite3
import stat

import pytest


def crypt(password, setting):
    """crypt(3), which Dovecot's {CRYPT} is."""
    library = ctypes.CDLL("libcrypt.so.1")
    library.crypt.restype = ctypes.c_char_p
    return library.crypt(password.encode(), setting.encode()).decode()


def argon2_verifies(password, hash):
    """By libsodium, which Dovecot's {ARGON2ID} is."""
    library = ctypes.CDLL("libsodium.so.23")
    return library.crypto_pwhash_str_verify(
        hash.encode(), password.encode(),
        ctypes.c_ulonglong(len(password.encode()))) == 0


def passwd(directory):
    """name -> [field, ...] of dovecot.passwd."""
    lines = [line.split(":") for line in
             directory.text("dovecot.passwd").splitlines()]
    return {line[0]: line[1:] for line in lines}


def set_password(directory, name, password="secret"):
    directory.do("account", "passwd", name, input=password + "\n")


def lines(directory, name):
    return directory.text(f"postfix/{name}").splitlines()


def test_dovecot_gets_a_line_for_each_login_that_has_a_password(directory):
    directory.do("domain", "add", "example.net", "--alias-of", "example.org")
    directory.do("address", "add", "@example.org", "anna")
    set_password(directory, "anna", "pässword with spaces")
    logins = passwd(directory)
    assert sorted(logins) == ["anna", "anna@example.net", "anna@example.org"]
    scheme_and_hash = logins["anna"][0]
    assert scheme_and_hash.startswith("{CRYPT}$y$")
    assert crypt("pässword with spaces", scheme_and_hash[7:]) == \
        scheme_and_hash[7:]
    assert crypt("another", scheme_and_hash[7:]) != scheme_and_hash[7:]
    assert logins["anna"][1:] == ["", "", "", "", "", ""]
    assert logins["anna@example.org"] == [
        scheme_and_hash, "", "", "", "", "", "user=anna"]


def test_dovecot_gets_argon2id_if_that_is_asked_for(directory):
    directory.do("account", "passwd", "anna", "--scheme", "argon2id",
                 input="pässword with spaces\n")
    scheme, hash = passwd(directory)["anna"][0].split("}")
    assert scheme == "{ARGON2ID"
    assert hash.startswith("$argon2id$v=19$m=65536,t=3,p=1$")
    assert argon2_verifies("pässword with spaces", hash)
    assert not argon2_verifies("another", hash)


def test_a_name_that_is_an_address_has_one_line(directory):
    directory.do("account", "add", "dora@example.org")
    directory.do("address", "add", "dora@example.org", "dora@example.org")
    set_password(directory, "dora@example.org")
    assert directory.text("dovecot.passwd").count("dora@example.org") == 1


def test_a_disabled_account_has_no_line_until_it_is_enabled(directory):
    set_password(directory, "anna")
    set_password(directory, "bert")
    directory.do("account", "disable", "anna")
    assert sorted(passwd(directory)) == ["bert", "bert@example.org"]
    directory.do("account", "enable", "anna")
    assert "anna" in passwd(directory)


def test_dovecot_delivers_to_every_account_at_every_address(directory):
    directory.do("domain", "add", "example.net", "--alias-of", "example.org")
    directory.do("address", "add", "@example.org", "anna")
    directory.do("account", "disable", "bert")
    set_password(directory, "anna")
    assert directory.text("dovecot.userdb").splitlines() == [
        "anna:{CRYPT}*::::::",
        "anna@example.net:{CRYPT}*::::::userdb_user=anna",
        "anna@example.org:{CRYPT}*::::::userdb_user=anna",
        "bert:{CRYPT}*::::::",
        "bert@example.net:{CRYPT}*::::::userdb_user=bert",
        "bert@example.org:{CRYPT}*::::::userdb_user=bert"]


def test_no_password_is_that_of_the_users_mail_is_delivered_to():
    for password in ("", "*", "*0", "secret"):
        assert crypt(password, "*") != "*"


@pytest.mark.parametrize("name", ["dovecot.passwd", "dovecot.userdb"])
def test_dovecot_sees_each_publication(directory, name):
    """It looks at the size and the whole second of the change alone."""
    path = directory.published / name
    for password in ("first", "second", "third"):
        set_password(directory, "anna", password)
        before = path.stat()
        os.utime(path, (before.st_mtime + 3600,) * 2)
        before = path.stat()
        set_password(directory, "anna", password)
        after = path.stat()
        assert after.st_size == before.st_size
        assert int(after.st_mtime) > int(before.st_mtime)


def test_each_password_has_its_own_salt(directory):
    set_password(directory, "anna")
    set_password(directory, "bert")
    logins = passwd(directory)
    assert logins["anna"][0] != logins["bert"][0]


def test_a_quoted_address_is_in_no_text(directory):
    directory.do("address", "add", '"a:b c"@example.org', "anna")
    set_password(directory, "anna")
    for name in ("dovecot.passwd", "dovecot.userdb",
                 "postfix/virtual_alias_maps", "postfix/sender_login_maps"):
        assert "b c" not in directory.text(name)


def test_the_snapshot_has_no_password_hash(directory):
    set_password(directory, "anna")
    snapshot = (directory.published / "directory.db").read_bytes()
    assert b"$y$" not in snapshot and b"CRYPT" not in snapshot


def test_postfix_gets_the_account_of_every_address(directory):
    directory.do("domain", "add", "example.net", "--alias-of", "example.org")
    directory.do("address", "add", "@example.org", "bert")
    assert lines(directory, "virtual_alias_maps") == [
        "@example.net bert", "@example.org bert",
        "anna@example.net anna", "anna@example.org anna",
        "bert@example.net bert", "bert@example.org bert"]


def test_postfix_gets_who_may_write_as_what(directory):
    directory.do("account", "add", "carl")
    directory.do("group", "add", "staff")
    directory.do("group", "member", "add", "staff", "bert")
    directory.do("group", "member", "add", "staff", "carl")
    directory.do("address", "add", "@example.org", "carl")
    directory.do("grant", "add", "%staff", "info@example.org")
    directory.do("grant", "add", "anna", "@example.org")
    directory.do("grant", "add", "bert", "boss@example.com", "--on-behalf")
    assert lines(directory, "sender_login_maps") == [
        "@example.org anna, carl",
        "anna@example.org anna",
        "bert@example.org anna, bert",
        "boss@example.com bert",
        "info@example.org anna, bert, carl"]


def test_published_files_are_for_those_who_read_them(directory):
    modes = {name: stat.S_IMODE((directory.folder / name).stat().st_mode)
             for name in (".", "directory.db", "published",
                          "published/postfix",
                          "published/postfix/sender_login_maps")}
    assert modes == {".": 0o751, "directory.db": 0o600, "published": 0o751,
                     "published/postfix": 0o755,
                     "published/postfix/sender_login_maps": 0o644}
    for name in ("directory.db", "dovecot.passwd", "dovecot.userdb"):
        mode = (directory.published / name).stat().st_mode
        assert stat.S_IMODE(mode) in (0o600, 0o640)


def test_modes_do_not_depend_on_the_umask(directory):
    directory.run("account", "add", "carl", umask=0)
    assert directory.do("directory", "check") == ""


def test_nothing_else_is_left(directory):
    assert sorted(path.name for path in directory.folder.iterdir()) == [
        "directory.db", "lock", "published"]
    assert sorted(path.name for path in directory.published.iterdir()) == [
        "directory.db", "dovecot.passwd", "dovecot.userdb", "postfix"]


def published_accounts(directory):
    database = sqlite3.connect(
        f"file:{directory.published}/directory.db?immutable=1", uri=True)
    return [name for name, in
            database.execute("SELECT name FROM accounts ORDER BY name")]


def test_a_change_can_wait_for_publication(directory):
    directory.do("--no-publish", "account", "add", "carl")
    directory.do("--no-publish", "account", "add", "dora")
    assert len(directory.json("account", "list")) == 4
    assert published_accounts(directory) == ["anna", "bert"]
    done = directory.run("directory", "check")
    assert done.returncode == 1
    assert 'run "countersign directory publish"' in done.stdout
    directory.do("directory", "publish")
    assert published_accounts(directory) == ["anna", "bert", "carl", "dora"]
    assert directory.do("directory", "check") == ""


def test_the_next_change_takes_along_what_waits(directory):
    directory.do("--no-publish", "account", "add", "carl")
    directory.do("account", "disable", "bert")
    assert published_accounts(directory) == ["anna", "bert", "carl"]


def test_a_directory_can_be_made_without_publishing(tmp_path, empty):
    empty.folder = tmp_path / "other"
    empty.uri = f"sqlite:{empty.folder}"
    empty.do("--no-publish", "directory", "init")
    assert not (empty.folder / "published").exists()


def test_what_cannot_be_published_is_kept_and_finished_later(directory):
    postfix = directory.published / "postfix"
    away = directory.folder / "away"
    postfix.rename(away)
    postfix.write_text("in the way")
    done = directory.run("account", "add", "carl")
    assert done.returncode == 73
    assert done.stderr == (
        "countersign: the change is made, but not all of it is published: "
        f"{postfix}: can't be made: File exists; "
        'run "countersign directory publish"\n')
    assert published_accounts(directory) == ["anna", "bert"]
    listed = directory.run("account", "list")
    assert listed.returncode == 0 and "carl" in listed.stdout
    assert "warning: an earlier change is not published" in listed.stderr
    postfix.unlink()
    away.rename(postfix)
    assert "carl" in directory.do("account", "list")
    assert published_accounts(directory) == ["anna", "bert", "carl"]


def test_a_master_from_a_backup_is_published(directory):
    master = directory.folder / "directory.db"
    backup = master.read_bytes()
    directory.do("account", "add", "carl")
    master.write_bytes(backup)
    directory.do("account", "list")
    assert published_accounts(directory) == ["anna", "bert"]


def test_a_published_file_that_is_missing_is_made_again(directory):
    path = directory.published / "dovecot.userdb"
    before = path.read_bytes()
    path.unlink()
    directory.do("account", "list")
    assert path.read_bytes() == before


def test_a_snapshot_of_another_version_is_made_anew(directory):
    before = (directory.published / "directory.db").read_bytes()
    other = bytearray(before)
    other[60:64] = (7).to_bytes(4, "big")  # the file format's user version
    (directory.published / "directory.db").write_bytes(other)
    done = directory.run("directory", "check")
    assert done.returncode == 1 and "of another version" in done.stdout
    directory.do("account", "list")
    assert (directory.published / "directory.db").read_bytes() == before


@pytest.mark.parametrize("damage, finding", [
    (lambda d: (d.folder / "directory.db").chmod(0o644),
     "{}/directory.db: its mode is 0644 and should be 0600"),
    (lambda d: (d.published / "dovecot.passwd").chmod(0o666),
     "{}/published/dovecot.passwd: its mode is 0666 and should be 06"),
    (lambda d: d.folder.chmod(0o777),
     "{}/.: its mode is 0777 and should be 0751"),
    (lambda d: (d.published / "postfix/sender_login_maps").unlink(),
     "{}/published/postfix/sender_login_maps: can't be looked at: No such"),
    (lambda d: (d.published / "directory.db").write_bytes(b"x" * 4096),
     "what is published can't be read: {}/published/directory.db: file is "
     "not a database"),
    (lambda d: os.truncate(d.published / "directory.db", 4096),
     "what is published can't be read: {}/published/directory.db: "),
], ids=["a master to be read", "hashes to be read", "a folder to be written",
        "a map that is gone", "a snapshot that is none", "a cut snapshot"])
def test_check_finds(directory, damage, finding):
    damage(directory)
    done = directory.run("directory", "check")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith(finding.format(directory.folder))
    assert done.stdout.count("\n") == 1
    found = directory.run("directory", "check", "--json")
    assert json.loads(found.stdout) == [{"finding": done.stdout.rstrip()}]


def test_check_finds_a_dangling_reference(directory):
    database = sqlite3.connect(directory.folder / "directory.db")
    database.execute("DELETE FROM accounts WHERE name = 'bert'")
    database.commit()
    database.close()
    done = directory.run("directory", "check")
    assert done.returncode == 1
    assert "a row of addresses refers to nothing in accounts" in done.stdout


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_check_finds_an_owner_who_should_not_be(directory):
    os.chown(directory.folder / "directory.db", 65534, 65534)
    done = directory.run("directory", "check")
    assert done.returncode == 1
    assert "directory.db: its owner is 65534:65534 and should be 0:0" in \
        done.stdout
