"""A pack of rules by file: taken as it was signed, refused with a reason."""

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from smartmail.formats.rule_pack import MAGIC, PackRule, RulePack, RulePackError, sign, verify

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
RULE = PackRule(name="parcel", title="택배 사칭", weight=3.0, words=("배송 조회",), hosts=("bad.example",))
PACK = RulePack(id="2026-11", made_at=1_760_000_000_000, weights={"spf-fail": 2.5}, rules=(RULE,))


def test_a_pack_is_read_as_it_was_signed():
    assert verify(sign(PACK, KEY), PUBLIC) == PACK


def test_another_key_another_octet_or_a_cut_is_refused():
    file = sign(PACK, KEY)
    other = Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    with pytest.raises(RulePackError, match="signature"):
        verify(file, other)
    for at in range(len(MAGIC) + 4, len(file), 7):
        with pytest.raises(RulePackError):
            verify(file[:at] + bytes([file[at] ^ 1]) + file[at + 1 :], PUBLIC)
    for end in (0, 5, len(MAGIC), len(file) - 1):
        with pytest.raises(RulePackError):
            verify(file[:end], PUBLIC)
    with pytest.raises(RulePackError):
        verify(file + b"x", PUBLIC)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"rules": (RULE, RULE)}, "twice"),
        ({"rules": (msgspec.structs.replace(RULE, weight=9.0),)}, "between"),
        ({"rules": (msgspec.structs.replace(RULE, weight=float("nan")),)}, "between"),
        ({"rules": (msgspec.structs.replace(RULE, words=(), hosts=()),)}, "nothing"),
        ({"rules": (msgspec.structs.replace(RULE, hosts=("no host",)),)}, "no host"),
        ({"rules": (msgspec.structs.replace(RULE, name="Bad Name"),)}, "no name"),
        ({"weights": {"spf-fail": 99.0}}, "between"),
        ({"id": ""}, "id"),
        ({"made_at": 0}, "time"),
        ({"rules": tuple(PackRule(name=f"r{n}", title="x", weight=1, words=("ab",)) for n in range(1001))}, "more than"),
        ({"rules": (msgspec.structs.replace(RULE, words=tuple(f"w{n}" for n in range(2001))),)}, "words"),
    ],
)  # fmt: skip
def test_what_is_beyond_its_bounds_is_neither_signed_nor_taken(change, why):
    with pytest.raises(RulePackError, match=why):
        sign(msgspec.structs.replace(PACK, **change), KEY)


def test_a_pack_for_a_newer_program_says_so():
    file = sign(msgspec.structs.replace(PACK, format=99), KEY)
    with pytest.raises(RulePackError, match="newer version"):
        verify(file, PUBLIC)


@given(st.binary(max_size=400))
def test_any_octets_are_a_pack_or_refused(octets):
    for file in (octets, MAGIC + octets):
        with pytest.raises(RulePackError):
            verify(file, PUBLIC)
