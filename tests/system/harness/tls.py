"""A throwaway CA, the server's certificate, and clients' own keys."""

import ssl
import tempfile
from pathlib import Path

from .process import run

FOLDER = Path("/etc/ssl/countersign-test")
CA = FOLDER / "ca.crt"
CERTIFICATE = FOLDER / "server.crt"
KEY = FOLDER / "server.key"


def make_ca():
    FOLDER.mkdir(exist_ok=True)
    certificate = ("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                   "ec_paramgen_curve:P-256", "-nodes", "-days", "2")
    # A CA that does not say what its key is for is refused by Python 3.13.
    run(*certificate, "-subj", "/CN=Test CA", "-addext",
        "keyUsage=critical,keyCertSign", "-keyout", FOLDER / "ca.key",
        "-out", CA)
    run(*certificate, "-subj", "/CN=mail.example.org", "-CA", CA, "-CAkey",
        FOLDER / "ca.key", "-addext", "basicConstraints=critical,CA:FALSE",
        "-addext", "subjectAltName=DNS:mail.example.org,DNS:localhost",
        "-keyout", KEY, "-out", CERTIFICATE)


# `openssl req` and `openssl x509` of OpenSSL 3.0 make none that has expired.
EXPIRED_CA = """[ca]
default_ca = here
[here]
new_certs_dir = {folder}
database = {folder}/index.txt
rand_serial = yes
default_md = default
policy = any
[any]
commonName = supplied
"""


class DeviceKey:
    """A key pair as a mail client holds it: files key and certificate."""

    def __init__(self, folder, name, algorithm="P-256", expired=False):
        how = {
            "P-256": ("ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            "Ed25519": ("ed25519",),
            "RSA-2048": ("rsa:2048",),
        }[algorithm]
        self.key = Path(folder) / f"{name}.key"
        self.certificate = Path(folder) / f"{name}.crt"
        run("openssl", "req", "-x509", "-newkey", *how, "-nodes", "-days", "2",
            "-subj", f"/CN={name}", "-keyout", self.key, "-out",
            self.certificate)
        if expired:
            self._expire()

    def _expire(self):
        """Put a certificate whose dates are past in its place."""
        request = self.key.with_suffix(".csr")
        run("openssl", "req", "-new", "-key", self.key, "-subj",
            f"/CN={self.key.stem}", "-out", request)
        with tempfile.TemporaryDirectory() as folder:
            config = Path(folder) / "ca.conf"
            config.write_text(EXPIRED_CA.format(folder=folder))
            Path(folder, "index.txt").touch()
            run("openssl", "ca", "-config", config, "-batch", "-selfsign",
                "-keyfile", self.key, "-in", request, "-startdate",
                "20000101000000Z", "-enddate", "20010101000000Z", "-notext",
                "-out", self.certificate)

    def pem(self):
        return self.certificate.read_text()


def issue(key):
    """Have the CA issue a device key's certificate, in place of its own."""
    public = key.key.with_suffix(".pub")
    run("openssl", "pkey", "-in", key.key, "-pubout", "-out", public)
    run("openssl", "x509", "-new", "-force_pubkey", public, "-subj",
        "/CN=issued", "-days", "2", "-CA", CA, "-CAkey", FOLDER / "ca.key",
        "-out", key.certificate)


def client_context(key=None):
    context = ssl.create_default_context(cafile=CA)
    if key is not None:
        context.load_cert_chain(key.certificate, key.key)
    return context
