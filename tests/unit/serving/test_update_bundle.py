"""Bundles for updates: what their vendor signed and nothing else, checked before anything is unpacked."""

import base64
import hashlib
import random

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from smartmail.adapters.versions import VersionDirectory
from smartmail.formats.update_bundle import BundleError, BundleFile, Manifest, head_octets, is_safe, sign, verify

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
PUBLIC = KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
FILES = {
    "src/smartmail/__init__.py": b"",
    "smartmail": b"#!/bin/sh\n",
    "web/dist/a.js": b"x" * 5_000,
    "requirements.lock": b"anyio==1\n",
}


def manifest(files=None, **changes) -> Manifest:
    named = tuple(
        BundleFile(name, len(octets), hashlib.sha256(octets).hexdigest(), name == "smartmail")
        for name, octets in (FILES if files is None else files).items()
    )
    facts = {
        "id": "1.4.0", "version": "1.4.0", "made_at": 1, "schema": 40, "floor": 28, "fixes": ("CVE-2026-1",),
        "packages": hashlib.sha256(FILES["requirements.lock"]).hexdigest(), "files": named,
    }  # fmt: skip
    return Manifest(**{**facts, **changes})


def bundle(one: Manifest | None = None, files=None) -> bytes:
    return sign(one or manifest(files), KEY) + b"".join((FILES if files is None else files).values())


def take(place: VersionDirectory, path) -> Manifest:
    head = place.head(str(path))
    one = verify(head, PUBLIC)
    place.check(str(path), len(head), one)
    place.install(str(path), len(head), one)
    return one


@pytest.fixture
def place(tmp_path):
    lock = tmp_path / "requirements.lock"
    lock.write_bytes(FILES["requirements.lock"])
    return VersionDirectory(str(tmp_path / "versions"), str(lock))


def test_a_bundle_is_unpacked_as_it_was_made(tmp_path, place):
    path = tmp_path / "bundle"
    path.write_bytes(bundle())
    assert take(place, path).fixes == ("CVE-2026-1",)
    home = tmp_path / "versions" / "1.4.0"
    for name, octets in FILES.items():
        assert (home / name).read_bytes() == octets
    assert (home / "smartmail").stat().st_mode & 0o111 and not (home / "web/dist/a.js").stat().st_mode & 0o111
    assert [(one.id, one.chosen, one.healthy) for one in place.states()] == [("", True, True), ("1.4.0", False, False)]
    place.choose("1.4.0")
    assert [(one.id, one.chosen, one.previous) for one in place.states()] == [("", False, True), ("1.4.0", True, False)]
    place.choose("")
    assert [(one.id, one.chosen, one.previous) for one in place.states()] == [("", True, False), ("1.4.0", False, True)]
    with pytest.raises(BundleError):
        place.choose("9.9.9")


@pytest.mark.parametrize("seed", range(60))
def test_any_octet_that_was_changed_added_or_cut_is_noticed_and_nothing_is_left(tmp_path, place, seed):
    chance, octets = random.Random(seed), bytearray(bundle())
    kind = seed % 3
    if kind == 0:
        octets[chance.randrange(len(octets))] ^= 1 << chance.randrange(8)
    elif kind == 1:
        del octets[chance.randrange(len(octets)) :]
    else:
        octets += chance.randbytes(1)
    path = tmp_path / "bundle"
    path.write_bytes(octets)
    with pytest.raises(BundleError):
        take(place, path)
    assert not (tmp_path / "versions").exists() or list((tmp_path / "versions").iterdir()) == []


def test_a_bundle_of_somebody_else_is_refused(tmp_path):
    other = Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    head = bundle()[: head_octets(bundle())]
    with pytest.raises(BundleError, match="signature"):
        verify(head, other)
    assert verify(head, PUBLIC) == manifest()


@pytest.mark.parametrize(
    "name", ["../x", "/etc/passwd", "a/../../b", "a//b", ".", "a\\b", "a/./b", "C:x", "x\0y", "", "a" * 1001]
)
def test_a_name_that_leads_elsewhere_is_refused_even_when_it_is_signed(name):
    assert not is_safe(name)
    with pytest.raises(BundleError):
        sign(manifest({name: b""}), KEY)
    # Also where whoever signed did not look.
    octets = msgspec.json.encode(manifest({name: b""}))
    head = b"SMUPDATE1\n" + len(octets).to_bytes(4, "big") + octets
    with pytest.raises(BundleError):
        verify(head + KEY.sign(head), PUBLIC)


def test_a_bundle_whose_packages_are_others_brings_them_or_is_refused(tmp_path, place):
    path = tmp_path / "bundle"
    path.write_bytes(bundle(manifest(packages="0" * 64)))
    with pytest.raises(BundleError, match="packages"):
        take(place, path)
    assert list((tmp_path / "versions").iterdir()) == []


def test_versions_that_nothing_leads_to_are_removed_in_time(tmp_path, place):
    for number in range(7):
        path = tmp_path / f"bundle{number}"
        path.write_bytes(bundle(manifest(id=f"1.{number}")))
        take(place, path)
        if number == 1:
            place.choose("1.1")
    names = {one.id for one in place.states()}
    assert {"", "1.1", "1.6"} <= names and len(names) <= 6


def test_the_public_key_of_a_pair_is_what_is_pinned():
    assert len(base64.b64decode(base64.b64encode(PUBLIC))) == 32
