"""What Postfix and Dovecot have, taken into the directory."""

import pytest

CRYPT = "{CRYPT}$6$salt$hash"
SSHA = "{SSHA256}c2FsdHNhbHQ="


@pytest.fixture
def take(directory, tmp_path):
    """Import files of these texts, by format; what came of it."""

    def run(*options, check=True, **texts):
        words = []
        for format, text in texts.items():
            format = format.replace("passwd_file", "passwd-file")
            (tmp_path / format).write_text(text)
            words.append(f"{format}:{tmp_path / format}")
        if check:
            return directory.json("directory", "import", *options, *words)
        before = directory.state()
        done = directory.run("directory", "import", "--dry-run", *options,
                             *words)
        assert (done.returncode, done.stderr) == (1, "")
        assert directory.state() == before
        return [line.removeprefix(f"{tmp_path}/")
                for line in done.stdout.splitlines() if ":" in line]

    return run


def addresses(directory):
    return {row["address"]: row["account"]
            for row in directory.json("address", "list")}


def assert_refused(take, format, line, reason):
    """That line, the second of its file, and no other."""
    found, = take(check=False, **{format: f"# its first\n{line}\n"})
    assert found.startswith(f"{format}:2: ")
    assert reason in found


def grants(directory):
    return sorted((row["holder"], row["address"])
                  for row in directory.json("grant", "list"))


# passwd-files.

def test_a_passwd_file_gives_accounts_with_their_hashes(directory, take):
    counts = take(passwd_file=(
        "# users\n"
        f"carl:{SSHA}:1000:1000:Carl:/home/carl:/bin/sh:userdb_quota=1\n\n"
        f"Dora:{CRYPT}\n"
        "emil::::::\n"))
    assert (counts["accounts"], counts["addresses"]) == (3, 0)
    passwd = directory.text("dovecot.passwd")
    assert f"carl:{SSHA}::::::\n" in passwd
    assert f"dora:{CRYPT}::::::\n" in passwd
    assert "emil" not in passwd


def test_a_user_that_is_an_address_has_it(directory, take):
    take(passwd_file=f"carl@example.org:{SSHA}::::::\n")
    assert addresses(directory)["carl@example.org"] == "carl@example.org"
    assert f"carl@example.org:{SSHA}::::::\n" in directory.text(
        "dovecot.passwd")


def test_a_scheme_that_is_named_is_that_of_hashes_without(directory, take):
    take("--scheme", "crypt", passwd_file=(
        f"carl:$6$salt$hash\ndora:{SSHA}\n"))
    passwd = directory.text("dovecot.passwd")
    assert "carl:{crypt}$6$salt$hash::::::\n" in passwd
    assert f"dora:{SSHA}::::::\n" in passwd


def test_a_scheme_that_is_none_is_refused(directory):
    done = directory.run("directory", "import", "--scheme", "ROT13", "-")
    assert done.returncode == 65
    assert '"ROT13" is not a scheme of password hashes' in done.stderr


@pytest.mark.parametrize("line, reason", [
    ("carl:$6$salt$hash", "does not begin with its scheme, as {CRYPT}"),
    ("carl:{PLAIN}secret", "a password in plain text is not kept"),
    ("carl", "no colon and password follow the user"),
    (":x", "no user stands before the colon"),
    ("carl x:" + SSHA, "is no account name"),
    ("c?rl@example.org:" + SSHA, "can't be a new name: doveadm takes * and ?"),
    ("anna:" + SSHA, "there is an account anna already; it differs in the "
     "field password"),
    ("carl@example.com:" + SSHA, 'run "countersign domain add example.com" '
     "first"),
    (f"carl:{SSHA}::::::allow_nets=192.0.2.0/24",
     "its extra field allow_nets has no place in the directory"),
    (f"bert@example.org:{SSHA}", "that is an address of account bert"),
])
def test_a_user_that_cannot_be_taken_is_reported(take, line, reason):
    lines = take(check=False, passwd_file=f"# users\n{line}\n")
    assert lines[0].startswith("passwd-file:2: ")
    assert reason in lines[0]


def test_a_locked_password_is_not_made_a_hash(take):
    line, = take("--scheme", "CRYPT", check=False, passwd_file="carl:!$6$x\n")
    assert line.startswith("passwd-file:1: its password is locked")


def test_what_was_published_is_not_taken_for_what_it_is_made_from(directory,
                                                                  take):
    directory.do("account", "passwd", "anna", input="secret\n")
    line, = take(check=False, passwd_file=directory.text("dovecot.passwd"))
    assert line.startswith("passwd-file:2: its extra field user has no place")


# virtual_alias_maps.

def test_an_alias_of_an_account_is_an_address_of_it(directory, take):
    counts = take(virtual_alias_maps=(
        "# aliases\n"
        "info@example.org\n"
        "    # who reads it\n"
        "    anna\n"
        "@example.org bert@example.org\n"
        "anna@example.org anna\n"
        "a*b?@example.org anna\n"
        '"a b"@example.org\tanna\n'))
    assert (counts["addresses"], counts["unchanged"]) == (4, 1)
    assert addresses(directory) == {
        "anna@example.org": "anna", "bert@example.org": "bert",
        "info@example.org": "anna", "@example.org": "bert",
        "a*b?@example.org": "anna",
        '"a b"@example.org': "anna"}


def test_an_alias_may_lead_over_others_that_come_later(directory, take):
    take(virtual_alias_maps=(
        "root@example.org postmaster@example.org\n"
        "postmaster@example.org admin@example.org\n"
        "admin@example.org anna@example.org\n"))
    assert addresses(directory)["root@example.org"] == "anna"


@pytest.mark.parametrize("line, reason", [
    ("example.org anything", 'example.org is no address; if it is a domain, '
     'run "countersign domain add"'),
    ("root anna", "root has no domain; write it with one"),
    ("x@example.org", "x@example.org has no target"),
    ("x@example.org anna, bert", "x@example.org has more than one target"),
    ("x@example.org x@example.com", "x@example.com is elsewhere"),
    ("@example.com @example.org", 'run "countersign domain add example.com '
     '--alias-of example.org"'),
    ("x@example.org nobody@example.org",
     "nobody@example.org is no account and no address of one"),
    ("x@example.org nobody", "there is no account nobody"),
    ("x@example.org x@example.org", "x@example.org is no account and no "),
    ("x@example.org anna+x@example.org", "anna+x@example.org is no account"),
    ("x@example.org |/bin/x", "there is no account |/bin/x"),
    ("x@example.com anna", 'run "countersign domain add example.com" first'),
    ("x+y@example.org anna", "a delimiter of domain example.org can't stand"),
    ("bert@example.org anna", "is an address of account bert already"),
    ("/^x@/ anna", "is not an address"),
])
def test_an_alias_that_cannot_be_taken_is_reported(take, line, reason):
    assert_refused(take, "virtual_alias_maps", line, reason)


def test_a_line_is_reported_by_its_beginning(take):
    found, = take(check=False,
                  virtual_alias_maps="\n\nx@example.org\n anna\n bert\n")
    assert found.startswith("virtual_alias_maps:3: ")


def test_aliases_in_a_circle_lead_nowhere(take):
    assert [line.split(": ")[1] for line in take(
        check=False, virtual_alias_maps=(
            "x@example.org y@example.org\ny@example.org x@example.org\n"))
    ] == ["y@example.org is no account and no address of one",
          "x@example.org is no account and no address of one"]


# smtpd_sender_login_maps.

def test_an_address_of_one_login_is_its_own(directory, take):
    counts = take(smtpd_sender_login_maps=(
        "anna@example.org anna\ninfo@example.org anna@example.org\n"))
    assert (counts["addresses"], counts["unchanged"]) == (1, 1)
    assert addresses(directory)["info@example.org"] == "anna"
    assert grants(directory) == []


def test_an_address_of_several_logins_is_granted_to_the_others(directory,
                                                               take):
    take(smtpd_sender_login_maps=(
        "anna@example.org anna, bert\nteam@example.org anna,bert\n"))
    assert grants(directory) == [("anna", "team@example.org"),
                                 ("bert", "anna@example.org"),
                                 ("bert", "team@example.org")]
    assert "team@example.org" not in addresses(directory)


def test_whose_an_address_is_aliases_say_first(directory, take):
    take(smtpd_sender_login_maps="info@example.org anna\n",
         virtual_alias_maps="info@example.org bert\n")
    assert addresses(directory)["info@example.org"] == "bert"
    assert grants(directory) == [("anna", "info@example.org")]


@pytest.mark.parametrize("line, reason", [
    ("@example.org anna", "@example.org is a whole domain: "),
    ("x@example.com anna", "x@example.com: domain example.com is not in the "
     "directory"),
    ("x@example.org nobody", "there is no account nobody"),
    ("x@example.org", "x@example.org has no login"),
    ("anna anna", "anna has no domain"),
])
def test_a_sender_that_cannot_be_taken_is_reported(take, line, reason):
    assert_refused(take, "smtpd_sender_login_maps", line, reason)


def test_a_whole_domain_that_was_given_by_hand_is_left_as_it_is(directory,
                                                                take):
    directory.do("address", "add", "@example.org", "anna")
    directory.do("grant", "add", "bert", "@example.org")
    counts = take(
        smtpd_sender_login_maps="@example.org anna, bert\n")
    assert counts["unchanged"] == 2


# All of them.

def test_a_site_is_taken_in_one_import_and_once(directory, take):
    site = {
        "smtpd_sender_login_maps":
            "carl@example.org carl\ninfo@example.org carl, dora\n",
        "virtual_alias_maps":
            "carl@example.org carl\ninfo@example.org carl@example.org\n"
            "dora@example.org dora\n",
        "passwd_file": f"carl:{SSHA}\ndora:{CRYPT}\n",
    }
    counts = take(**site)
    assert (counts["accounts"], counts["addresses"], counts["grants"],
            counts["unchanged"]) == (2, 3, 1, 2)
    before = directory.do("directory", "export")
    counts = take(**site)
    assert (counts["accounts"], counts["addresses"], counts["grants"],
            counts["unchanged"]) == (0, 0, 0, 8)
    assert directory.do("directory", "export") == before


def test_a_format_that_is_none_is_refused(directory):
    done = directory.run("directory", "import", "hash:/etc/postfix/virtual")
    assert done.returncode == 64
    assert '"hash" is no format of a file: ' in done.stderr
    done = directory.run("directory", "import", "./hash:/etc/x")
    assert done.returncode == 66
