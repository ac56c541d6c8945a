"""Web Push encryption against the example of RFC 8291 §5, and VAPID tokens."""

import base64
import json

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from smartmail.formats import web_push

PLAIN = b"When I grow up, I want to be a watermelon"
SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
DEVICE = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
PUBLIC = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
SALT, AUTH = "DGv6ra1nlYgDCS1FRnbzlw", "BTBZMqHH6r4Tts7J_aSIgg"
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl"
    "7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def octets(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def private(text):
    return ec.derive_private_key(int.from_bytes(octets(text), "big"), ec.SECP256R1())


def test_the_example_of_the_standard():
    public, auth = web_push.read_public(PUBLIC), web_push.read_key(AUTH, 16)
    body = web_push.encrypt(PLAIN, public, auth, key=private(SENDER), salt=octets(SALT))
    assert web_push.show(body) == BODY
    assert web_push.decrypt(body, auth, key=private(DEVICE)) == PLAIN


def test_nobody_else_reads_it():
    body = web_push.encrypt(b"x", web_push.read_public(PUBLIC), octets(AUTH), key=web_push.new_key(), salt=b"s" * 16)
    with pytest.raises(InvalidTag):
        web_push.decrypt(body, b"0" * 16, key=private(DEVICE))
    with pytest.raises(InvalidTag):
        web_push.decrypt(body[:-1] + bytes([body[-1] ^ 1]), octets(AUTH), key=private(DEVICE))


@pytest.mark.parametrize("text", ["", "AAAA", "?" * 87, "BA" + "A" * 85, PUBLIC[:-2], PUBLIC + "AA", "é"])
def test_keys_that_are_none(text):
    with pytest.raises(web_push.PushKeyError):
        web_push.read_public(text)


def test_keys_come_with_or_without_padding():
    assert web_push.read_public(PUBLIC + "=") == web_push.read_public(PUBLIC)


def test_too_much_for_one_record():
    with pytest.raises(ValueError, match="octets"):
        web_push.encrypt(
            b"x" * 3_994, web_push.read_public(PUBLIC), octets(AUTH), key=web_push.new_key(), salt=b"s" * 16
        )


def test_a_vapid_token_verifies():
    key = web_push.derive_key(b"k" * 32)
    value = web_push.vapid("https://push.example", "mailto:postmaster@a.example", 1_900_000_000, key=key)
    token, public = value.removeprefix("vapid t=").split(", k=")
    head, claims, signature = token.split(".")
    assert json.loads(octets(head)) == {"typ": "JWT", "alg": "ES256"}
    assert json.loads(octets(claims)) == {
        "aud": "https://push.example", "exp": 1_900_000_000, "sub": "mailto:postmaster@a.example",
    }  # fmt: skip
    raw = octets(signature)
    der = utils.encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), octets(public))
    point.verify(der, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
    assert web_push.public_octets(web_push.derive_key(b"k" * 32)) == octets(public)
