"""signatures.py PROGRAM SEED COUNT - UserSigs that msgext-repair makes are read here, and those made here by it.

Says what is wrong; exit 1.
"""
import json
import random
import subprocess
import sys
import zlib

import standin
from selftest import VECTORS

LETTERS = "abcXYZ019_-@.\"\\/\b\f\n\r\t\x01\x1f\x7f &%+=?#'<>\u00e9\u4e2d\u2028\uffff\U0001f600"


def drawn(dice):
    identifier = "".join(dice.choice(LETTERS) for _ in range(dice.randint(1, 30)))
    key = "".join(dice.choice("0123456789abcdef") for _ in range(dice.choice([1, 32, 63, 64, 65, 128])))
    return key, identifier, dice.choice([1, standin.APP, dice.getrandbits(53)]), dice.getrandbits(31), dice.choice([1, 600, 15552000])


def ask(program, lines):
    done = subprocess.run([program], input="".join(lines), stdout=subprocess.PIPE, check=True, encoding="ascii")
    answers = done.stdout.splitlines()
    if len(answers) != len(lines):
        raise RuntimeError("%d answers to %d lines" % (len(answers), len(lines)))
    return answers


def made(key, identifier, app, begin, expire, text):
    """What is wrong with a signature of the program's."""
    try:
        document = standin.usersig_read(text)
    except ValueError as error:
        return "%s: %.300s" % (error, text)
    expected = {"TLS.ver": "2.0", "TLS.identifier": identifier, "TLS.sdkappid": app, "TLS.time": begin, "TLS.expire": expire,
                "TLS.sig": standin.signature(key, identifier, app, begin, expire)}
    return "" if document == expected else "%s instead of %s" % (document, expected)


def spoilt(dice):
    """What is no signature, or not whole."""
    text = standin.usersig_make(*drawn(dice))
    cut = dice.randrange(len(text))
    bomb = standin.base64.b64encode(zlib.compress(b" " * 1000000)).decode().replace("+", "*").replace("/", "-").replace("=", "_")
    return dice.choice([text[:cut], text[:cut] + "+" + text[cut + 1:], text + text[:4], "_" * 8, "abc", bomb, "a" * 9000,
                        standin.base64.b64encode(zlib.compress(json.dumps({"TLS.ver": "2.0"}).encode())).decode().replace("=", "_")])


def main(program, seed, count):
    dice, wrong = random.Random(int(seed)), []
    cases = [(standin.KEY, identifier, standin.APP, 1700000000, expire) for identifier, expire, _ in VECTORS]
    cases += [drawn(dice) for _ in range(int(count))]
    answers = ask(program, ["make %d %d %d %s %s\n" % (app, begin, expire, key.encode().hex(), identifier.encode().hex())
                            for key, identifier, app, begin, expire in cases])
    for (_, _, expected), text in zip(VECTORS, answers):
        if standin.usersig_read(text)["TLS.sig"] != expected:
            wrong.append("the vendor's own: %s" % text)
    wrong += filter(None, (made(*case, text) for case, text in zip(cases, answers)))
    answers = ask(program, ["read %s\n" % standin.usersig_make(*case) for case in cases])
    for case, text in zip(cases, answers):
        expected = "%d %d %d %s" % (*case[2:], case[1].encode().hex())
        if text != expected:
            wrong.append("%r is read as %s instead of %s" % (case, text, expected))
    broken = [spoilt(dice) for _ in range(200)]
    wrong += ["taken: %.100s: %s" % (text, answer) for text, answer in zip(broken, ask(program, ["read %s\n" % text for text in broken]))
              if not answer.startswith("fault ")]
    for text in wrong[:10]:
        print(text)
    return len(wrong) > 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
