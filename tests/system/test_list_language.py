"""The language of vnd.countersign.list, as Pigeonhole's own tools see it."""

import pytest

from harness import dovecot_settings
from harness.process import run


def config(home):
    """No server runs: the tools drop their privileges, the store is empty."""
    return (dovecot_settings.VERSIONS +
            "first_valid_uid = 1\n"
            "mail_uid = nobody\n"
            "mail_gid = nogroup\n"
            f"mail_home = {home}/store\n" +
            dovecot_settings.mail_location("maildir", "~/Maildir") +
            dovecot_settings.sieve_extension("editheader") +
            dovecot_settings.plugin(sieve_plugins="sieve_countersign",
                                    countersign_list_create="always"))


REQUIRE = ('require ["copy", "fileinto", "imap4flags", "regex", "relational", '
           '"comparator-i;ascii-numeric", "variables", '
           '"vnd.countersign.list"];\n')

MESSAGES = {
    "list": "List-Id: Developers <dev.lists.example.org>\n"
            "List-Post: <mailto:dev@lists.example.org>\n",
    "announce": "List-Id: <news.example.org>\nList-Post: NO\n",
    "github": "List-Id: owner/repo <repo.owner.github.com>\n",
    "ordinary": "To: friend@example.org\n",
}

MAILBOX = "Lists.dev@lists_example_org"
KEEP = "INBOX"

# name, message, script, mailboxes
SCRIPTS = [
    ("listmail alone is true of list mail", "list",
     'if listmail { fileinto "x"; }', ["x"]),
    ("listmail alone is false of other mail", "ordinary",
     'if listmail { fileinto "x"; }', [KEEP]),
    ("not listmail", "ordinary",
     'if not listmail { fileinto "x"; }', ["x"]),
    ("listmail asks for the id by default", "list",
     'if listmail "dev.lists.example.org" { fileinto "x"; }', ["x"]),
    ("ids compare without case", "list",
     'if listmail "DEV.Lists.example.ORG" { fileinto "x"; }', ["x"]),
    ("several keys", "list",
     'if listmail ["a", "dev.lists.example.org"] { fileinto "x"; }', ["x"]),
    ("another id", "list",
     'if listmail "dev.example.org" { fileinto "x"; }', [KEEP]),
    ("a key never matches other mail", "ordinary",
     'if listmail :matches "*" { fileinto "x"; }', [KEEP]),
    ("the label", "list",
     'if listmail :field "label" "dev" { fileinto "x"; }', ["x"]),
    ("the host, by a wildcard", "list",
     'if listmail :matches :field "host" "*.example.org" {'
     ' fileinto "x-${1}"; }', ["x-lists"]),
    ("the address to post to", "list",
     'if listmail :field "post" "dev@lists.example.org" { fileinto "x"; }',
     ["x"]),
    ("the kind: an announce list", "announce",
     'if listmail :field "kind" "announcement" { fileinto "x"; }', ["x"]),
    ("the kind: a forge", "github",
     'if listmail :field "kind" ["newsletter", "notification"] {'
     ' fileinto "x"; }', ["x"]),
    ("a regular expression and an octet comparator", "list",
     'if listmail :regex :comparator "i;octet" "^[a-z]+\\\\.lists\\\\." {'
     ' fileinto "x"; }', ["x"]),
    ("a count", "list",
     'if listmail :count "eq" :comparator "i;ascii-numeric" "1" {'
     ' fileinto "x"; }', ["x"]),
    ("the variables", "list",
     'fileinto "${list.label}-${list.host}-${list.kind}";',
     ["dev-lists.example.org-discussion"]),
    ("the variables of other mail are empty", "ordinary",
     'fileinto "x${list.id}${list.label}${list.host}${list.post}${list.kind}";',
     ["x"]),
    ("a key from a variable", "list",
     'set "who" "dev"; if listmail :field "label" "${who}" { fileinto "x"; }',
     ["x"]),
    ("filelist takes the place of the implicit keep", "list",
     'filelist :create;', [MAILBOX]),
    ("filelist leaves other mail alone", "ordinary",
     'filelist :create;', [KEEP]),
    ("filelist leaves other mail to what follows", "ordinary",
     'filelist :create; fileinto "x";', ["x"]),
    ("filelist without :create where there is no mailbox", "list",
     'filelist;', [KEEP]),
    ("filelist :copy keeps the implicit keep", "list",
     'filelist :create :copy;', [MAILBOX, KEEP]),
    ("filelist :under", "list", 'filelist :under "Work/Lists" :create;',
     ["Work.Lists.dev@lists_example_org"]),
    ("filelist twice stores once", "list",
     'filelist :create; filelist :create;', [MAILBOX]),
    ("filelist beside fileinto", "list",
     'fileinto "x"; filelist :create;', ["x", MAILBOX]),
    ("filelist and keep", "list", 'filelist :create; keep;',
     [MAILBOX, KEEP]),
    ("filelist and discard", "list", 'filelist :create; discard;', [MAILBOX]),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    path = tmp_path_factory.mktemp("language")
    for name, header in MESSAGES.items():
        (path / name).write_text(
            f"From: a@example.net\nSubject: {name}\n{header}\nHello.\n")
    (path / "dovecot.conf").write_text(config(path))
    (path / "store").mkdir()
    for folder in (path, *path.parents[:2]):
        folder.chmod(0o755)
    (path / "store").chmod(0o777)
    return path


def tool(home, name, *words, check=True):
    return run(name, "-c", home / "dovecot.conf", *words, check=check)


def compiled(home, text, check=True):
    script = home / "test.sieve"
    script.write_text(text)
    return tool(home, "sievec", script, check=check)


def stored(home, message):
    """The mailboxes that the script would store the message in, in order."""
    done = tool(home, "sieve-test", home / "test.sieve", home / message)
    assert "final result: success" in done.stderr, done.stdout + done.stderr
    return [line.split("folder: ", 1)[1]
            for line in done.stdout.splitlines()
            if "store message in folder: " in line]


@pytest.mark.parametrize("name, message, script, mailboxes", SCRIPTS,
                         ids=[row[0] for row in SCRIPTS])
def test_a_script_does_what_the_specification_says(home, name, message, script,
                                                   mailboxes):
    compiled(home, REQUIRE + script)
    assert stored(home, message) == mailboxes
    dump = tool(home, "sieve-dump", home / "test.svbin").stdout
    assert "[End of code]" in dump


# name, script, error
ERRORS = [
    ("the extension is not required", 'filelist;',
     "unknown command 'filelist'"),
    ("listmail as a command", REQUIRE + 'listmail;',
     "attempted to use test 'listmail' as command"),
    ("filelist as a test", REQUIRE + 'if filelist { stop; }',
     "attempted to use command 'filelist' as test"),
    ("an unknown field", REQUIRE + 'if listmail :field "name" "x" { stop; }',
     'the :field of the listmail test must be "id", "label", "host", "post" '
     'or "kind", not "name"'),
    ("a field from a variable",
     REQUIRE + 'if listmail :field "${x}" "x" { stop; }',
     'the :field of the listmail test must be'),
    ("a field without its name", REQUIRE + 'if listmail :field { stop; }',
     "the :field tag for the listmail test requires a string as parameter"),
    ("a field twice",
     REQUIRE + 'if listmail :field "id" :field "id" "x" { stop; }',
     "encountered duplicate :field argument for the listmail test"),
    ("a field without keys", REQUIRE + 'if listmail :field "id" { stop; }',
     "the listmail test needs keys to go with its :field"),
    ("a match type without keys", REQUIRE + 'if listmail :contains { stop; }',
     "the listmail test needs keys to go with its :field"),
    ("a number for a key", REQUIRE + 'if listmail 5 { stop; }',
     "the listmail test expects a string list as argument 1 (keys)"),
    ("two lists of keys", REQUIRE + 'if listmail "a" "b" { stop; }',
     "the listmail test takes one list of keys"),
    ("a bad regular expression", REQUIRE + 'if listmail :regex "(" { stop; }',
     "invalid regular expression"),
    ("filelist with an argument", REQUIRE + 'filelist "Lists";',
     "the filelist command requires 0 positional argument(s), but 1 is"),
    ("an unknown tag", REQUIRE + 'filelist :into "Lists";',
     "unknown tagged argument ':into' for the filelist command"),
    ("copy is not required",
     'require "vnd.countersign.list"; filelist :copy;',
     "unknown tagged argument ':copy' for the filelist command"),
    ("an empty :under", REQUIRE + 'filelist :under "";',
     "the :under of the filelist command is no mailbox: the name is empty"),
    ("an :under that leads out", REQUIRE + 'filelist :under "a/../b";',
     "begins with '.'"),
    ("an :under that the message chooses",
     REQUIRE + 'filelist :under "${list.label}";',
     "the :under of the filelist command must be constant"),
    ("an :under without a mailbox", REQUIRE + 'filelist :under;',
     "the :under tag for the filelist command requires a string as parameter"),
    ("a variable that is set", REQUIRE + 'set "list.id" "x";',
     "${list.id} can't be set"),
]


@pytest.mark.parametrize("name, script, error", ERRORS,
                         ids=[row[0] for row in ERRORS])
def test_what_is_wrong_is_found_when_it_is_compiled(home, name, script, error):
    done = compiled(home, script, check=False)
    assert done.returncode != 0
    assert error in done.stderr.replace("\n", " ")


def test_an_unknown_variable_is_reported(home):
    # Pigeonhole goes on with an empty value, as for any unknown namespace.
    done = compiled(home, REQUIRE + 'fileinto "x${list.name}";')
    assert ('error: vnd.countersign.list: the namespace "list" has the '
            'variables "id", "label", "host", "post" or "kind"') in done.stderr


@pytest.mark.parametrize("order", [
    ["vnd.countersign.list", "copy", "variables", "fileinto"],
    ["variables", "fileinto", "copy", "vnd.countersign.list"],
])
def test_the_order_of_require_does_not_matter(home, order):
    names = ", ".join(f'"{name}"' for name in order)
    compiled(home, f'require [{names}];\n'
                   'filelist :create :copy; fileinto "${list.label}";')
    assert stored(home, "list") == [MAILBOX, "dev"]


def test_a_header_that_the_script_added_counts(home):
    compiled(home, 'require ["editheader", "fileinto", '
                   '"vnd.countersign.list"];\n'
                   'if listmail { stop; }\n'
                   'addheader "List-Id" "<new.example.org>";\n'
                   'if listmail "new.example.org" { fileinto "x"; }\n'
                   'deleteheader "List-Id";\n'
                   'if listmail { fileinto "y"; }\n')
    assert stored(home, "ordinary") == ["x"]


def test_the_trace_names_the_list(home):
    compiled(home, REQUIRE + 'if listmail { filelist :create; }')
    done = tool(home, "sieve-test", "-t", "-", "-Tlevel=matching",
                home / "test.sieve", home / "list")
    assert ("listmail test: message is from list dev.lists.example.org"
            in done.stdout)
    assert ("filelist action: store message of list dev.lists.example.org in "
            f"mailbox `{MAILBOX}'" in done.stdout)
