"""Hashes of other systems: each scheme fits its secret and no other; what is weak, dear or unknown is said to be."""

import base64
import hashlib

import argon2
import pytest

from smartmail.formats import password_hash
from smartmail.formats.password_hash import HashError

SECRET = "Hello world!"
SALT = b"saltsalt"


def coded(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def salted(scheme: str, name: str, salt: bytes = SALT) -> str:
    return f"{{{scheme}}}{coded(hashlib.new(name, SECRET.encode() + salt).digest() + salt)}"


def pbkdf2(scheme: str, name: str, rounds: int = 10_000) -> str:
    """As OpenLDAP's module writes it: base64 without padding, `.` for `+`."""
    made = hashlib.pbkdf2_hmac(name, SECRET.encode(), SALT, rounds)
    return f"{{{scheme}}}{rounds}${'$'.join(coded(one).rstrip('=').replace('+', '.') for one in (SALT, made))}"


STRONG = {
    "ssha": salted("SSHA", "sha1"),
    "ssha256": salted("SSHA256", "sha256"),
    "ssha512": salted("ssha512", "sha512"),
    # Made with `openssl passwd`.
    "sha256-crypt": "{CRYPT}$5$saltstr1$QbnXJCsd3NhE/bklPIvejGQYPCxViWgPVPU5xAnAgB9",
    "sha512-crypt": "$6$saltstr1$eP70wz40lrLz86hCuoKZZV0bg3w.K5PKR0O5y7Mqm9Bzv02dOiTrIH1m/IBOIter2Oxl0NKrktz.uJgC2Z5uo0",
    "rounds": "{SHA256-CRYPT}$5$rounds=10000$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA",
    "pbkdf2": pbkdf2("PBKDF2-SHA256", "sha256"),
    "pbkdf2-512": pbkdf2("PBKDF2-SHA512", "sha512"),
    "argon2": argon2.PasswordHasher(2, 8 << 10, 1).hash(SECRET),
    "argon2-named": "{ARGON2}" + argon2.PasswordHasher(1, 8 << 10, 1).hash(SECRET),
}
WEAK = {
    "md5": f"{{MD5}}{coded(hashlib.md5(SECRET.encode()).digest())}",
    "smd5": salted("SMD5", "md5"),
    "sha": f"{{SHA}}{coded(hashlib.sha1(SECRET.encode()).digest())}",
    "md5-crypt": "{CRYPT}$1$saltstr1$TGPkMH/sRVXxD4j8gJ8Vl1",
    "plain": f"{{PLAIN}}{SECRET}",
    "one round": pbkdf2("PBKDF2-SHA256", "sha256", 1),
}


@pytest.mark.parametrize("name", [*STRONG, *WEAK])
def test_a_hash_fits_its_secret_and_no_other(name):
    found = password_hash.read({**STRONG, **WEAK}[name])
    assert found.fits(SECRET)
    assert not any(found.fits(other) for other in (SECRET + "x", SECRET[:-1], SECRET.upper(), "", "비밀번호"))
    assert found.weak is (name in WEAK)
    assert bool(found.plain) is (name == "plain")
    kept = password_hash.read(found.text)
    assert kept.fits(SECRET), "what is kept is read again"
    assert kept.text == found.text
    assert found.text.startswith("{"), "told apart from verifiers of our own"


def test_a_long_secret_in_another_script_fits_too():
    """Longer than a digest: every step of the specification is gone through."""
    secret = "비밀번호 열두자리 이상입니다 long long long long long long long long long long"
    for text in (
        "$5$saltstr1$6q2r068XGHBlm0HRpnQHIgqwed7rveSDf5GY70g.Vv6",
        "$6$saltstr1$0aw8DtL9OGFC6wvzkiDMF2T84RcArmMhO21NNiQvq71rEW1irE.HZ29etwSj700jOuCE578icIkuMXcIcbQMa0",
        "$1$saltstr1$opYyv4TUp4ZyPAUdFaJaB/",
    ):
        assert password_hash.read(text).fits(secret), text


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("unknown", ""), ("unknown", "secret"), ("unknown", "{NTLM}abcd"), ("unknown", "{SSHA}???"),
        ("unknown", "{SSHA}" + coded(b"short")), ("unknown", "{SSHA}" + coded(b"x" * 20)),
        ("unknown", "{SSHA}" + coded(b"x" * 120)), ("unknown", "{MD5}" + coded(b"x" * 20)),
        ("unknown", "{CRYPT}ab01FAX.bQRSU"), ("unknown", "$5$salt$short"), ("unknown", "$7$salt$" + "x" * 43),
        ("unknown", "$argon2i$v=19$m=8192,t=1,p=1$c2FsdHNhbHQ$c2FsdHNhbHQ"), ("unknown", "{PBKDF2-SHA256}x$y$z"),
        ("unknown", "{PBKDF2-SHA256}0$c2FsdA$" + "x" * 43), ("unknown", "{SSHA}" + "A" * 2000),
        ("unknown", "{PLAIN}"), ("unknown", "{SSHA}비밀"),
        ("bcrypt", "$2b$12$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZabcde"), ("bcrypt", "{CRYPT}$2y$10$abc"),
        ("bcrypt", "{BLF-CRYPT}$2y$10$abc"),
        ("dear", "$5$rounds=999999999$salt$" + "x" * 43), ("dear", "{PBKDF2-SHA256}99000000$c2FsdA$" + "A" * 43),
        ("dear", "$argon2id$v=19$m=4194304,t=1,p=1$c2FsdHNhbHQ$c2FsdHNhbHQ"),
        ("dear", "$argon2id$v=19$m=8192,t=900,p=1$c2FsdHNhbHQ$c2FsdHNhbHQ"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_over_is_named_before_anything_is_computed(code, text):
    with pytest.raises(HashError) as caught:
        password_hash.read(text)
    assert caught.value.code == code
    assert text == "" or text not in repr(caught.value)


def test_a_hash_does_not_show_itself():
    found = password_hash.read(STRONG["ssha"])
    assert STRONG["ssha"] not in repr(found)
