"""Signatures of ACME requests: what an authority checks with a library of its own."""

import base64
import hashlib
import hmac
import json

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from smartmail.formats import jws

KEY = ec.derive_private_key(0x1234567890ABCDEF, ec.SECP256R1())


def octets(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "==")


def checked(signed: bytes, key=KEY) -> tuple[dict, bytes]:
    """Verify as RFC 7515 §5.2 says and return (protected header, payload)."""
    document = json.loads(signed)
    raw = octets(document["signature"])
    assert len(raw) == 64
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    over = f"{document['protected']}.{document['payload']}".encode()
    key.public_key().verify(der, over, ec.ECDSA(hashes.SHA256()))
    return json.loads(octets(document["protected"])), octets(document["payload"])


def test_a_request_is_signed_over_header_and_payload():
    header = {"nonce": "n", "url": "https://ca.example/order", "kid": "https://ca.example/account/1"}
    assert checked(jws.sign(KEY, header, b'{"a":1}')) == ({"alg": "ES256", **header}, b'{"a":1}')
    with pytest.raises(InvalidSignature):
        checked(jws.sign(KEY, header, b""), ec.generate_private_key(ec.SECP256R1()))


def test_the_key_is_told_with_coordinates_of_full_length():
    key = jws.public_jwk(KEY)
    numbers = KEY.public_key().public_numbers()
    assert [len(octets(key[name])) for name in ("x", "y")] == [32, 32]
    assert int.from_bytes(octets(key["x"]), "big") == numbers.x
    # RFC 7638 §3: members in order, no white space.
    text = json.dumps(key, separators=(",", ":"), sort_keys=True).encode()
    assert octets(jws.thumbprint(KEY)) == hashlib.sha256(text).digest()


def test_an_account_is_bound_to_the_customers_key():
    bound = jws.bind(KEY, "https://ca.example/new-account", "kid-1", b"secret")
    over = f"{bound['protected']}.{bound['payload']}".encode()
    assert octets(bound["signature"]) == hmac.new(b"secret", over, hashlib.sha256).digest()
    assert json.loads(octets(bound["payload"])) == jws.public_jwk(KEY)
    assert json.loads(octets(bound["protected"])) == {
        "alg": "HS256", "kid": "kid-1", "url": "https://ca.example/new-account",
    }  # fmt: skip


@pytest.mark.parametrize("text", ["", "AA", "_-8", "AAECAw"])
def test_base64url_there_and_back(text):
    assert jws.encode(jws.decode(text)) == text
