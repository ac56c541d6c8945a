"""Small objects, wrapped keys and keyed hashes."""

import hashlib
import hmac

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartmail.formats.seal import (
    SMALL_OVERHEAD,
    SUITE_NAMES,
    SUITES,
    WRAPPED_OCTETS,
    HashRoot,
    Kind,
    Purpose,
    SealError,
    SealKey,
    context,
    derive,
    keyed_hash,
    open_small,
    seal_small,
    unwrap_key,
    wrap_key,
)

KEY = SealKey(bytes(range(32)))
OTHER = SealKey(bytes(range(1, 33)))
NONCE = bytes(range(12))
BLOB = bytes(range(16))
PLACE = context(Kind.SUMMARY, 42, BLOB)


def test_a_value_opens_at_its_place():
    sealed = seal_small(KEY, PLACE, NONCE, "회의록".encode())
    assert open_small(KEY, PLACE, sealed) == "회의록".encode()
    assert len(sealed) == len("회의록".encode()) + SMALL_OVERHEAD


def test_the_sealed_form_is_frozen():
    """Data of older versions must open: a change of these octets needs a new suite or format number."""
    assert seal_small(KEY, PLACE, NONCE, b"plain").hex() == ("01000102030405060708090a0b" + FROZEN_SMALL)
    assert wrap_key(KEY, PLACE, NONCE, OTHER)[14:].hex() == FROZEN_WRAPPED
    assert keyed_hash(KEY, Purpose.SUBJECT, b"a", b"b").hex() == FROZEN_HASH


@pytest.mark.parametrize(
    "place",
    [
        context(Kind.SUMMARY, 43, BLOB),
        context(Kind.SUMMARY, 42, bytes(16)),
        context(Kind.SEARCH_TEXT, 42, BLOB),
        context(Kind.SUMMARY, 42),
        context(Kind.SUMMARY, 42, BLOB, 0),
    ],
)
def test_a_value_moved_to_another_place_does_not_open(place):
    with pytest.raises(SealError):
        open_small(KEY, place, seal_small(KEY, PLACE, NONCE, b"x"))


def test_a_wrong_key_does_not_open():
    with pytest.raises(SealError):
        open_small(OTHER, PLACE, seal_small(KEY, PLACE, NONCE, b"x"))


@given(at=st.integers(0, 40), flip=st.integers(1, 255))
@settings(max_examples=60)
def test_any_changed_octet_is_noticed(at, flip):
    sealed = bytearray(seal_small(KEY, PLACE, NONCE, b"x" * 12))
    sealed[at] ^= flip
    with pytest.raises(SealError):
        open_small(KEY, PLACE, bytes(sealed))


@pytest.mark.parametrize("size", range(SMALL_OVERHEAD + 2))
def test_any_cut_value_is_noticed(size):
    with pytest.raises(SealError):
        open_small(KEY, PLACE, seal_small(KEY, PLACE, NONCE, b"abc")[:size])


@given(st.binary(max_size=80))
@settings(max_examples=100)
def test_foreign_octets_raise_only_seal_error(octets):
    with pytest.raises(SealError):
        open_small(KEY, PLACE, octets)
    with pytest.raises(SealError):
        unwrap_key(KEY, PLACE, octets)


def test_ids_have_one_spelling():
    assert context(Kind.SUMMARY, 7, 8) != context(Kind.SUMMARY, 8, 7)
    assert context(Kind.SUMMARY, 1) == context(Kind.SUMMARY, (1).to_bytes(16, "big"))
    with pytest.raises(ValueError):
        context(Kind.SUMMARY, b"short")


def test_a_key_is_wrapped_for_one_place():
    place = context(Kind.KEY_OF_ACCOUNT, 42)
    wrapped = wrap_key(KEY, place, NONCE, OTHER)
    assert len(wrapped) == WRAPPED_OCTETS
    assert OTHER.octets not in wrapped
    assert unwrap_key(KEY, place, wrapped).octets == OTHER.octets
    for key, elsewhere in ((OTHER, place), (KEY, context(Kind.KEY_OF_ACCOUNT, 43))):
        with pytest.raises(SealError):
            unwrap_key(key, elsewhere, wrapped)
    forged = wrapped[:1] + b"\x07" + wrapped[2:]
    with pytest.raises(SealError):
        unwrap_key(KEY, place, forged)


def test_a_wrapped_key_is_no_small_object():
    place = context(Kind.KEY_OF_ACCOUNT, 42)
    with pytest.raises(SealError):
        open_small(KEY, place, wrap_key(KEY, place, NONCE, OTHER))
    with pytest.raises(SealError):
        unwrap_key(KEY, place, seal_small(KEY, place, NONCE, bytes(33)))


def test_keys_do_not_show():
    assert "SealKey(suite=1)" == repr(KEY) == str(KEY)


@pytest.mark.parametrize(("octets", "suite"), [(bytes(31), 1), (bytes(33), 1), (bytes(32), 0), (bytes(32), 3)])
def test_unknown_suites_and_lengths_are_refused(octets, suite):
    with pytest.raises(SealError):
        SealKey(octets, suite)


def test_the_product_has_two_suites():
    """An unsealed suite exists in the test tree only."""
    assert list(SUITES) == [1, 2] == list(SUITE_NAMES)
    for suite in SUITES:
        key = SealKey(bytes(range(32)), suite)
        sealed = seal_small(key, context(Kind.NOTE, 1), NONCE, b"plain")
        assert sealed[0] == suite and open_small(key, context(Kind.NOTE, 1), sealed) == b"plain"
        for other in set(SUITES) - {suite}:
            with pytest.raises(SealError):
                open_small(SealKey(bytes(range(32)), other), context(Kind.NOTE, 1), sealed)


def test_the_root_of_a_key_gives_its_hashes_and_not_the_key():
    key = SealKey(bytes(range(32)))
    root = HashRoot.of(key)
    assert root.octets != key.octets and repr(root) == "HashRoot()"
    for purpose in Purpose:
        assert root.hash_key(purpose) == key.hash_key(purpose)


def test_the_second_suite_is_that_of_rfc_8439():
    """RFC 8439 §2.8.2, by the cipher that the suite uses."""
    octets = bytes(range(0x80, 0xA0))
    nonce, aad = bytes.fromhex("070000004041424344454647"), bytes.fromhex("50515253c0c1c2c3c4c5c6c7")
    text = b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it."
    sealed = SUITES[2](octets).encrypt(nonce, text, aad)
    assert sealed[-16:].hex() == "1ae10b594f09e26a7e902ecbd0600691" and sealed[:4].hex() == "d31a8d34"


def test_keyed_hashes_differ_by_key_purpose_and_borders():
    hashes = {
        keyed_hash(KEY, Purpose.SUBJECT, b"ab", b"c"),
        keyed_hash(KEY, Purpose.SUBJECT, b"a", b"bc"),
        keyed_hash(KEY, Purpose.SUBJECT, b"abc"),
        keyed_hash(KEY, Purpose.SUBJECT, b"abc", b""),
        keyed_hash(KEY, Purpose.MESSAGE_ID, b"abc"),
        keyed_hash(OTHER, Purpose.SUBJECT, b"abc"),
        keyed_hash(KEY, Purpose.SUBJECT),
    }
    assert len(hashes) == 7
    assert {len(one) for one in hashes} == {16}


def test_derived_keys_follow_rfc_5869():
    """HKDF written out with HMAC alone: extract with a zero salt, expand one block."""
    secret = hmac.digest(bytes(32), KEY.octets, "sha256")
    block = hmac.new(secret, b"smartmail/1/delivery" + b"\x01", hashlib.sha256).digest()
    assert derive(KEY.octets, Purpose.DELIVERY) == block
    assert KEY.hash_key(Purpose.DELIVERY) == block


FROZEN_SMALL = "376eb772ab0760f6c56bf3cd7eb3e13f9fb5cbfde8"
FROZEN_WRAPPED = "4600d51fc0e3c513844b9c87bce7777d92c49420e56d4864217dfe9900771f92e6701bce41637430df110a9666c55d48"
FROZEN_HASH = "177cdc97b766542ff33fce6113f5d4ff"
