"""SASL mechanisms that Python's imaplib has not."""

import base64
import hashlib
import hmac
import os


def plain(session, user, password, authzid=""):
    return session.authenticate(
        "PLAIN", lambda _: "\0".join((authzid, user, password)).encode())


def login(session, user, password):
    words = iter((user, password))
    return session.authenticate("LOGIN", lambda _: next(words).encode())


def cram_md5(session, user, password):
    return session.login_cram_md5(user, password)


class Scram:
    """RFC 5802, without channel binding."""

    def __init__(self, algorithm, name):
        self.algorithm, self.name = algorithm, name

    def __call__(self, session, user, password):
        name = user.replace("=", "=3D").replace(",", "=2C")
        first = f"n={name},r={base64.b64encode(os.urandom(18)).decode()}"
        expected = None

        def answer(challenge):
            nonlocal expected
            if challenge == b"":
                return f"n,,{first}".encode()
            if expected is None:
                final, expected = self.final(first, challenge.decode(),
                                             password)
                return final.encode()
            assert challenge.decode() == expected
            return b""

        return session.authenticate(self.name, answer)

    def digest(self, key, text):
        return hmac.digest(key, text, self.algorithm)

    def final(self, first, server, password):
        """Our last message, and what the server's is to be."""
        nonce, salt, count = (word[2:] for word in server.split(","))
        secret = hashlib.pbkdf2_hmac(self.algorithm, password.encode(),
                                     base64.b64decode(salt), int(count))
        bare = f"c=biws,r={nonce}"
        message = ",".join((first, server, bare)).encode()
        key = self.digest(secret, b"Client Key")
        signature = self.digest(hashlib.new(self.algorithm, key).digest(),
                                message)
        proof = bytes(a ^ b for a, b in zip(key, signature))
        theirs = self.digest(self.digest(secret, b"Server Key"), message)
        return (f"{bare},p={base64.b64encode(proof).decode()}",
                f"v={base64.b64encode(theirs).decode()}")


# By their names in Dovecot's settings.
MECHANISMS = {
    "plain": plain,
    "login": login,
    "cram-md5": cram_md5,
    "scram-sha-1": Scram("sha1", "SCRAM-SHA-1"),
    "scram-sha-256": Scram("sha256", "SCRAM-SHA-256"),
}
