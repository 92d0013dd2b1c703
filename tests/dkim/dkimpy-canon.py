"""Random bodies, cut at random: our canonical form is dkimpy's."""

import random
import subprocess
import sys

from dkim.canonicalization import Relaxed, Simple

ALGORITHMS = {"simple": Simple, "relaxed": Relaxed}
PARTS = [b"a", b"b c", b" ", b"\t", b"  \t", b"\r\n", b"\r\n", b"\r\n\r\n",
         b"\r", b"\n", b"\0", b"\x0b", b"\xff", b"text", b"." * 70]
ROUNDS = 20000


def make_case(choice):
    body = b"".join(choice.choices(PARTS, k=choice.randrange(30)))
    # dkimpy leaves white space before a last line end that it adds itself.
    if body and not body.endswith(b"\r\n"):
        body += b"\r\n"
    return choice.choice(sorted(ALGORITHMS)), body, choice.randrange(1, 9)


def main():
    choice = random.Random(20261122)
    cases = [make_case(choice) for _ in range(ROUNDS)]
    rest = subprocess.run(
        [sys.argv[1]], check=True, stdout=subprocess.PIPE,
        input=b"".join(b"%s %d %d\n%s" % (name.encode(), len(body), piece,
                                          body)
                       for name, body, piece in cases)).stdout
    for name, body, piece in cases:
        length, _, rest = rest.partition(b"\n")
        ours, rest = rest[:int(length)], rest[int(length):]
        theirs = ALGORITHMS[name].canonicalize_body(body)
        if ours != theirs:
            sys.exit(f"{name}, pieces of {piece}: {body!r} became {ours!r}, "
                     f"with dkimpy {theirs!r}")
    print(f"{ROUNDS} bodies are the same")


if __name__ == "__main__":
    main()
