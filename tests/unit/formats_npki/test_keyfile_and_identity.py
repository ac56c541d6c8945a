"""Known answers, key files in every way that is found, identity numbers."""

import pytest
from cryptography.hazmat.decrepit.ciphers.algorithms import SEED
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from tests.lab import npki
from tests.lab.npki import Pki

from smartmail.formats.npki import keyfile
from smartmail.formats.npki.names import (
    Identity,
    family_of,
    hash_content,
    identity_of,
    identity_proof,
    is_under,
    policies_of,
    proves_identity,
)


@pytest.fixture(scope="module")
def pki() -> Pki:
    return Pki()


@pytest.mark.parametrize(
    ("key", "plain", "sealed"),
    [
        ("00" * 16, "000102030405060708090a0b0c0d0e0f", "5ebac6e0054e166819aff1cc6d346cdb"),
        ("000102030405060708090a0b0c0d0e0f", "00" * 16, "c11f22f20140505084483597e4370f43"),
        ("4706480851e61be85d74bfb3fd956185", "83a2f8a288641fb9a4e9a5cc2f131c7d", "ee54d13ebcae706d226bc3142cd40d4a"),
        ("28dbc3bc49ffd87dcfa509b11d422be7", "b41e6be2eba84a148e2eed84593c5ec7", "9b9b7bfcd1813cb95d0b3618f40f5122"),
    ],
)
def test_seed_is_the_cipher_of_rfc_4269(key: str, plain: str, sealed: str):
    cipher = Cipher(SEED(bytes.fromhex(key)), modes.ECB()).encryptor()  # noqa: S305
    assert (cipher.update(bytes.fromhex(plain)) + cipher.finalize()).hex() == sealed


def test_pbkdf1_gives_the_known_key_and_vector():
    derived = keyfile.pbkdf1(b"test1234!", bytes(range(8)), 2048)
    assert derived[:16].hex() == "2dfe4c4cd89b16e603f0f5f8c1f15539"
    assert keyfile._vector(derived).hex() == "1783846ed8d00e11fc03a343fdca22b2"


def test_the_identity_number_gives_the_known_vid():
    random = bytes(range(20))
    content = "3023130a31323334353637383931031500000102030405060708090a0b0c0d0e0f10111213"
    assert hash_content("123-45-67891", random).hex() == content
    proof = identity_proof("1234567891", random)
    vid = bytes.fromhex("b9cb214f30366293c8ed681fd050e7a554a6aba40eda1f2720f2897531eee490")
    assert proves_identity(Identity("홍길동", "sha256", vid), proof)
    assert not proves_identity(Identity("홍길동", "sha256", vid), identity_proof("1234567892", random))
    assert not proves_identity(Identity("홍길동", "sha256", vid), vid)
    assert not proves_identity(None, proof)


@pytest.mark.parametrize("way", ["seed15", "seed4", "pbes2-seed", "pbes2-aes"])
def test_every_protected_key_opens_with_its_password_alone(pki: Pki, way: str):
    person = pki.leaf()
    file = npki.key_file(person, way=way)
    opened = keyfile.open_key(file, b"test1234!")
    assert opened.der == person.key_info()
    assert opened.random == person.random
    assert "random" not in repr(opened)
    for wrong in (b"test1234", b"", b"TEST1234!"):
        with pytest.raises(keyfile.WrongPasswordError):
            keyfile.open_key(file, wrong)


@pytest.mark.parametrize("junk", [b"", b"\x30\x00", b"\x30\x82\xff\xff", b"x" * 100])
def test_what_is_no_key_file_is_said_to_be_none(junk: bytes):
    with pytest.raises(ValueError):
        keyfile.open_key(junk, b"x")


def test_a_certificate_tells_its_holder_and_its_purposes(pki: Pki):
    person = pki.leaf("김철수()0011")
    identity = identity_of(person.certificate)
    assert identity is not None
    assert (identity.name, identity.hash) == ("김철수", "sha256")
    assert proves_identity(identity, person.vid_proof())
    assert policies_of(person.certificate) == (npki.PERSONAL,)
    assert identity_of(pki.root.certificate) is None
    assert policies_of(pki.leaf(policy=None).certificate) == ()


def test_policy_names_are_matched_whole_or_by_branch():
    assert is_under("1.2.3.4", "1.2.3.4")
    assert is_under("1.2.3.4", "1.2.3.*")
    assert not is_under("1.2.34", "1.2.3.*")
    assert not is_under("1.2.3.4", "1.2.3")
    assert family_of(("1.2.410.100001.5.1",)) == "gpki"
    assert family_of(("1.2.410.200005.1.1.4",)) == "npki"
    assert family_of(("1.3.6.1",)) == "other"
