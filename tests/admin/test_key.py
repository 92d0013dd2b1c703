"""countersign key, as people and scripts call it."""

import datetime
import hashlib
import os
import stat
import subprocess
from pathlib import Path

import pytest

KEYS = Path(__file__).resolve().parent.parent / "unit" / "data" / "keys"
TYPES = {"p256": "P-256", "p384": "P-384", "p521": "P-521",
         "ed25519": "Ed25519", "rsa2048": "RSA-2048", "rsa3072": "RSA-3072"}
FORMS = ("crt", "pem", "pub")


def openssl(*words, stdin=b""):
    done = subprocess.run(["openssl", *map(str, words)], input=stdin,
                          capture_output=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def fingerprint_of(spki_pem):
    """As openssl pkey -pubin -outform DER | sha256sum gives it."""
    der = openssl("pkey", "-pubin", "-outform", "DER", stdin=spki_pem)
    return "sha256:" + hashlib.sha256(der).hexdigest()


def certificate_fingerprint(path):
    return fingerprint_of(openssl("x509", "-in", path, "-noout", "-pubkey"))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", TYPES)
def test_every_type_is_taken_in_every_form(directory, name, form):
    key = directory.json("key", "add", "anna", "--name", "laptop",
                         input=(KEYS / f"{name}.{form}").read_bytes())
    assert key["fingerprint"] == fingerprint_of(
        (KEYS / f"{name}.pem").read_bytes())
    assert key["type"] == TYPES[name]
    assert (key["account"], key["name"]) == ("anna", "laptop")


@pytest.mark.parametrize("kind", [
    ("rsa", "-b", "2048"), ("rsa", "-b", "3072"), ("ecdsa", "-b", "256"),
    ("ecdsa", "-b", "384"), ("ecdsa", "-b", "521")])
def test_a_fresh_key_of_ssh_keygen_is_what_openssl_sees(directory, tmp_path,
                                                        kind):
    path = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-N", "", "-m", "PKCS8", "-f", path,
                    "-t", *kind], check=True)
    key = directory.json("key", "add", "anna",
                         input=Path(f"{path}.pub").read_bytes())
    assert key["fingerprint"] == fingerprint_of(
        openssl("pkey", "-in", path, "-pubout"))


def test_a_fresh_ed25519_key_of_ssh_keygen_is_taken(directory, tmp_path):
    path = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-N", "", "-f", path, "-t", "ed25519"],
                   check=True)
    line = Path(f"{path}.pub").read_bytes()
    key = directory.json("key", "add", "anna", input=line)
    # openssl does not read the file; the 32 octets end the line's key.
    spki = subprocess.run(["base64", "-d"], input=line.split()[1],
                          capture_output=True, check=True).stdout[-32:]
    spki = bytes.fromhex("302a300506032b6570032100") + spki
    assert key["fingerprint"] == "sha256:" + hashlib.sha256(spki).hexdigest()


@pytest.mark.parametrize("file, name", [
    ("p256.crt", "Laptop of Anna (p256)"),
    ("p256.pub", "anna@laptop.example.org")])
def test_the_name_is_taken_from_what_came_with_the_key(directory, file, name):
    key = directory.json("key", "add", "anna",
                         input=(KEYS / file).read_bytes())
    assert key["name"] == name


def test_a_key_without_name_needs_one(directory):
    assert "--name" in directory.refused(
        "key", "add", "anna", input=(KEYS / "p256.pem").read_bytes())


@pytest.mark.parametrize("name", [
    "", "a\nb", "a\x1b[31m", "a\u202eb", "a\u200bb", b"a\xff", "x" * 256])
def test_a_name_that_would_lead_readers_astray_is_refused(directory, name):
    assert "name" in directory.refused("key", "add", "anna", "--name", name,
                                       input=LINE)


def test_options_are_kept_as_given(directory):
    key = directory.json(
        "key", "add", "anna", "--login", "anna+phone@example.org",
        "--no-preauth", "--no-bare-submission", "--until", "2099-12-31",
        input=(KEYS / "p256.crt").read_bytes())
    assert key["login"] == "anna+phone@example.org"
    assert key["no_preauth"] and key["no_bare_submission"]
    assert key["until"] == "2099-12-31"
    assert directory.json("key", "show", key["fingerprint"]) == key


REFUSED = {
    "rsa1024.crt": "1024", "rsa1024.pem": "1024", "rsa1024.pub": "1024",
    "dsa.pem": "DSA", "dsa.pub": "DSA", "ed448.crt": "Ed448",
    "ed448.pem": "Ed448", "x25519.pem": "X25519", "x448.pem": "X448",
    "pss.pem": "PSS", "p224.crt": "P-224", "p224.pem": "P-224",
    "secp256k1.crt": "secp256k1", "secp256k1.pem": "secp256k1",
    "explicit.pem": "spells out its curve", "compressed.pem": "compressed",
    "pkcs1.pem": "PKCS#1", "request.pem": "request", "trusted.pem": "trust",
    "rfc4716.pem": "RFC 4716", "certificate.pub": "OpenSSH certificate",
    "security-key.pub": "FIDO security key (sk-...)", "p256.der": "binary",
}


@pytest.mark.parametrize("file", REFUSED)
def test_a_key_that_will_not_do_is_refused_by_name(directory, file):
    complaint = directory.refused("key", "add", "anna", "--name", "x",
                                  input=(KEYS / file).read_bytes())
    assert "standard input: " in complaint and REFUSED[file] in complaint


LINE = (KEYS / "p256.pub").read_bytes()
CERTIFICATE = (KEYS / "p256.crt").read_bytes()


NOT_ONE_KEY = {
    "options": (b'command="true" ' + LINE, "options"),
    "a from= option": (b'from="192.0.2.1" ' + LINE, "options"),
    "restrict": (b"restrict " + LINE, "options"),
    "cert-authority": (b"cert-authority " + LINE, "cert-authority"),
    "two lines": (LINE + LINE, "more than one line"),
    "a chain": (CERTIFICATE + CERTIFICATE, "several"),
    "text behind": (CERTIFICATE + b"x", "after the -----END"),
    "nothing": (b"", "empty"),
    "a NUL": (LINE.replace(b" ", b"\0"), "NUL"),
    "too much": (CERTIFICATE + b"\n" * 65536, "more than 65536 octets"),
    "far too much": (b"A" * 10_000_000, "more than 65536 octets"),
    "a cut certificate": (CERTIFICATE[:200], "-----END line is missing"),
    "junk in a certificate": (
        CERTIFICATE.replace(CERTIFICATE[40:60], b"!" * 20), "base64"),
    "octets lost in a certificate": (
        CERTIFICATE.replace(CERTIFICATE[40:60], b""), "damaged"),
}


@pytest.mark.parametrize("text, reason", NOT_ONE_KEY.values(),
                         ids=NOT_ONE_KEY.keys())
def test_what_is_not_one_plain_key_is_refused(directory, text, reason):
    assert reason in directory.refused("key", "add", "anna", "--name", "x",
                                       input=text)


@pytest.mark.parametrize("kind", ["PKCS#8", "PKCS#1", "encrypted", "OpenSSH"])
def test_a_private_key_is_refused_as_exposed(directory, tmp_path, kind):
    path = tmp_path / "key"
    if kind == "OpenSSH":
        subprocess.run(["ssh-keygen", "-q", "-N", "", "-t", "ed25519", "-f",
                        path], check=True)
        text = path.read_bytes()
    else:
        text = openssl("genpkey", "-algorithm", "RSA", "-pkeyopt",
                       "rsa_keygen_bits:2048")
        if kind != "PKCS#8":
            text = openssl("rsa", *{"PKCS#1": ["-traditional"], "encrypted": [
                "-aes128", "-passout", "pass:x"]}[kind], stdin=text)
    complaint = directory.refused("key", "add", "anna", "--name", "x",
                                  input=CERTIFICATE + text)
    assert "private key" in complaint and "exposed" in complaint
    # Nothing of it may stand in a terminal or a log.
    assert text.split()[-4].decode() not in complaint


def test_a_fingerprint_in_use_is_refused_and_says_whose_it_is(directory):
    directory.do("key", "add", "anna", "--name", "Anna's laptop", input=LINE)
    complaint = directory.refused("key", "add", "bert", input=CERTIFICATE)
    assert "anna" in complaint and "Anna's laptop" in complaint


@pytest.mark.parametrize("login", [
    "bert@example.org", "anna@example.com", "nobody@example.org", "anna", ""])
def test_a_login_that_is_not_the_accounts_is_refused(directory, login):
    directory.refused("key", "add", "anna", "--login", login, input=LINE)


@pytest.mark.parametrize("until", [
    "2020-01-01", "tomorrow", "2099-02-30", "", "2099-01-01T00:00:00"])
def test_an_end_that_is_over_or_no_date_is_refused(directory, until):
    assert "--until" in directory.refused("key", "add", "anna", "--until",
                                          until, input=LINE)


def test_an_account_that_does_not_exist_is_refused(directory, tmp_path):
    directory.refused("key", "add", "carl", input=LINE, status=67)
    directory.refused("key", "list", "carl", status=67)
    directory.refused("key", "new", "carl", "--name", "x", "--out",
                      tmp_path / "x", status=67)
    assert not (tmp_path / "x.key").exists()


def test_keys_are_listed_shown_and_removed(directory):
    for account, file in (("anna", "p256.crt"), ("bert", "p384.pub")):
        directory.do("key", "add", account, input=(KEYS / file).read_bytes())
    keys = directory.json("key", "list")
    assert [key["account"] for key in keys] == ["anna", "bert"]
    assert directory.json("key", "list", "bert") == keys[1:]
    fingerprint = keys[0]["fingerprint"]
    assert fingerprint in directory.do("key", "list", "anna")
    assert fingerprint in directory.do("key", "show", fingerprint)
    directory.do("key", "remove", fingerprint)
    assert directory.json("key", "list") == keys[1:]
    for verb in ("show", "remove"):
        assert "no account has this key" in directory.refused(
            "key", verb, fingerprint)


def test_a_fingerprint_may_be_written_in_every_usual_way(directory):
    directory.do("key", "add", "anna", input=LINE)
    shown = directory.json("key", "list")[0]
    digits = shown["fingerprint"].removeprefix("sha256:")
    base64 = openssl("base64", "-A", stdin=bytes.fromhex(digits)).decode()
    for text in (digits, digits.upper(), base64, base64.rstrip("="),
                 bytes.fromhex(digits).hex(":"), "sha256:" + base64):
        assert directory.json("key", "show", text)["account"] == "anna"
    ours = subprocess.run(["ssh-keygen", "-l", "-f", KEYS / "p256.pub"],
                          capture_output=True, text=True, check=True)
    assert "OpenSSH's fingerprint" in directory.refused(
        "key", "show", ours.stdout.split()[1])


@pytest.fixture
def made(directory, tmp_path):
    """What key new answers, with what the files are called."""
    def make(*options, input="", name="Annas Händi"):
        key = directory.json("key", "new", "anna", "--name", name, "--out",
                             tmp_path / "phone", *options, input=input)
        assert key["certificate"] == str(tmp_path / "phone.crt")
        return key
    return make


@pytest.mark.parametrize("kind, shown", [
    (None, "P-256"), ("p256", "P-256"), ("ed25519", "Ed25519"),
    ("rsa", "RSA-3072")])
def test_a_made_key_fits_its_certificate_and_is_in_the_directory(
        directory, made, kind, shown):
    key = made(*(["--type", kind] if kind else []))
    assert key["type"] == shown
    private = Path(key["key"]).read_bytes()
    public = openssl("pkey", "-pubout", stdin=private)
    assert public == openssl("x509", "-in", key["certificate"], "-noout",
                             "-pubkey")
    assert key["fingerprint"] == fingerprint_of(public)
    listed = directory.json("key", "show", key["fingerprint"])
    assert (listed["account"], listed["name"]) == ("anna", "Annas Händi")
    assert listed["type"] == shown and listed["until"] is None


def test_a_made_certificate_is_what_clients_offer(made):
    before = datetime.datetime.now(datetime.timezone.utc)
    path = made()["certificate"]
    openssl("verify", "-CAfile", path, "-purpose", "sslclient", path)
    lines = openssl(
        "x509", "-in", path, "-noout", "-subject", "-issuer", "-startdate",
        "-enddate", "-serial", "-nameopt", "utf8,sep_multiline", "-dateopt",
        "iso_8601", "-ext", "basicConstraints,keyUsage,extendedKeyUsage",
    ).decode()
    assert lines.count("CN=Annas Händi") == 2
    dates = [datetime.datetime.fromisoformat(
        line.split("=")[1].strip().replace("Z", "+00:00"))
        for line in lines.splitlines() if "Date=" in line or "Before=" in line
        or "After=" in line]
    assert abs(dates[0] - before) < datetime.timedelta(minutes=1)
    assert datetime.timedelta(days=3650) < dates[1] - dates[0] < \
        datetime.timedelta(days=3655)
    serial = next(line for line in lines.splitlines()
                  if line.startswith("serial="))
    assert 16 < len(serial.removeprefix("serial=")) <= 32
    words = " ".join(lines.split())
    assert "X509v3 Basic Constraints: critical CA:FALSE" in words
    assert "X509v3 Key Usage: critical Digital Signature" in words
    assert words.endswith(
        "X509v3 Extended Key Usage: TLS Web Client Authentication") or \
        "X509v3 Extended Key Usage: TLS Web Client Authentication X509v3" in \
        words


def test_the_certificate_ends_when_the_key_does(directory, made):
    key = made("--until", "2055-06-30")
    end = openssl("x509", "-in", key["certificate"], "-noout", "-enddate")
    assert end.strip() == b"notAfter=Jun 30 23:59:59 2055 GMT"
    assert directory.json("key", "show", key["fingerprint"])["until"] == \
        "2055-06-30"


def p12_certificate(path, password):
    return subprocess.run(
        ["openssl", "pkcs12", "-in", path, "-passin", "stdin", "-nodes"],
        input=password.encode() + b"\n", capture_output=True)


def test_the_p12_opens_with_the_password_that_is_shown(made):
    key = made()
    done = p12_certificate(key["p12"], key["p12_password"])
    assert done.returncode == 0, done.stderr
    assert openssl("pkey", stdin=done.stdout) == Path(key["key"]).read_bytes()
    assert openssl("x509", stdin=done.stdout) == \
        Path(key["certificate"]).read_bytes()
    assert p12_certificate(key["p12"], "").returncode != 0
    info = subprocess.run(
        ["openssl", "pkcs12", "-in", key["p12"], "-info", "-noout", "-passin",
         f"pass:{key['p12_password']}"], capture_output=True, text=True)
    assert "MAC: sha256" in info.stderr
    assert info.stderr.count("PBES2, PBKDF2, AES-256-CBC") == 2


def test_the_p12_takes_a_password_from_standard_input(made):
    key = made("--p12-password-stdin", input="fünf kleine Wörter\n")
    assert key["p12_password"] is None
    assert p12_certificate(key["p12"], "fünf kleine Wörter").returncode == 0


def test_an_empty_p12_password_is_refused(directory, tmp_path):
    directory.refused("key", "new", "anna", "--name", "x", "--out",
                      tmp_path / "x", "--p12-password-stdin", input="\n")
    assert list(tmp_path.glob("x.*")) == []


def test_made_files_are_for_their_owner_alone(made):
    key = made()
    for name in ("key", "certificate", "p12"):
        status = os.stat(key[name])
        assert stat.S_IMODE(status.st_mode) == 0o600
        assert status.st_size > 0


@pytest.mark.parametrize("suffix", ["key", "crt", "p12"])
def test_no_file_is_ever_overwritten(directory, tmp_path, suffix):
    there = tmp_path / f"phone.{suffix}"
    there.write_text("precious")
    complaint = directory.refused("key", "new", "anna", "--name", "x",
                                  "--out", tmp_path / "phone", status=73)
    assert str(there) in complaint and "not overwritten" in complaint
    assert there.read_text() == "precious"
    assert list(tmp_path.glob("phone.*")) == [there]


def test_a_folder_that_is_not_there_is_refused(directory, tmp_path):
    assert "no such file" in directory.refused(
        "key", "new", "anna", "--name", "x", "--out",
        tmp_path / "nowhere" / "phone", status=73).lower()


@pytest.mark.parametrize("options, reason", [
    (["--login", "bert@example.org"], "bert@example.org"),
    (["--until", "2020-01-01"], "over already"),
    (["--name", "x" * 65], "64 characters"),
    (["--name", "a\nb"], "name"),
    (["--name", ""], "name")])
def test_what_is_refused_leaves_no_files(directory, tmp_path, options,
                                         reason):
    if options[0] != "--name":
        options = ["--name", "x", *options]
    assert reason in directory.refused("key", "new", "anna", "--out",
                                       tmp_path / "phone", *options)
    assert list(tmp_path.glob("phone.*")) == []


@pytest.mark.parametrize("words", [
    ["--out", "x"], ["--name", "x"],
    ["--name", "x", "--out", "x", "--type", "dsa"]])
def test_a_wrong_command_line_is_a_usage_error(directory, words):
    directory.refused("key", "new", "anna", *words, status=64)


def test_steps_for_clients_are_shown_with_the_files(directory, tmp_path):
    text = directory.do("key", "new", "anna", "--name", "x", "--out",
                        tmp_path / "phone")
    for word in ("Thunderbird", "mutt", "mbsync", "curl",
                 tmp_path / "phone.p12", "Dovecot's submission service",
                 "/usr/share/doc/countersign/clients.md"):
        assert str(word) in text
    assert "Ed25519" not in text


def test_ed25519_says_which_clients_take_it(directory, tmp_path):
    text = directory.do("key", "new", "anna", "--name", "x", "--out",
                        tmp_path / "phone", "--type", "ed25519")
    assert "Thunderbird does not import it" in " ".join(text.split())


def test_a_key_that_is_kept_but_not_published_keeps_its_files(directory,
                                                              tmp_path):
    (directory.folder / "published").rename(tmp_path / "away")
    (directory.folder / "published").write_text("in the way")
    done = directory.run("--json", "key", "new", "anna", "--name", "x",
                         "--out", tmp_path / "phone")
    assert done.returncode != 0
    assert "not published" in done.stderr
    assert "p12_password" in done.stdout
    (directory.folder / "published").unlink()
    (tmp_path / "away").rename(directory.folder / "published")
    assert directory.json("key", "list")[0]["fingerprint"] == \
        certificate_fingerprint(tmp_path / "phone.crt")
