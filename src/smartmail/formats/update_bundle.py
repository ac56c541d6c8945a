"""A bundle for updates without a network: what is in it, and who signed it. Pure.

Layout
    magic    "SMUPDATE1\\n"
    length   of the manifest, 4 octets, big-endian
    manifest JSON: `Manifest`
    sign     64 octets: Ed25519 (RFC 8032) by the vendor over everything before it
    payload  the files one after the other, in the manifest's order, nothing between and nothing after them

A package is the same unpacked in a folder: magic to sign in the file `HEAD_NAME`, the files by their names.

SECURITY  Nothing of the payload is looked at before the signature over the manifest is found good, and no file is used whose
          SHA-256 is not the one that the manifest names. A name leads nowhere but below the folder it is unpacked in.
LIMITS    `MAX_MANIFEST`, `MAX_FILES`, `MAX_PAYLOAD`.
"""

import re
from typing import Annotated, Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

MAGIC: Final = b"SMUPDATE1\n"
HEAD_NAME: Final = "update.head"
LENGTH_OCTETS: Final = 4
SIGNATURE_OCTETS: Final = 64
KEY_OCTETS: Final = 32
MAX_MANIFEST: Final = 16 << 20
MAX_FILES: Final = 100_000
MAX_PAYLOAD: Final = 4 << 30
_ID: Final = re.compile(r"[a-z0-9][a-z0-9.+_-]{0,63}", re.ASCII)
_DIGEST = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
_REFUSED: Final = frozenset({"", ".", ".."})


class BundleError(ValueError):
    """A bundle that is refused; the text says why."""


class BundleFile(msgspec.Struct, frozen=True, array_like=True):
    """One file: where it goes, its size and SHA-256, and whether it is run."""

    name: str
    size: int
    sha256: _DIGEST
    runs: bool = False


class Manifest(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a bundle says of itself.

    `schema`: of the store after the update. `floor`: programs that know the schema up to it still work on that store, so
    that the way back is open to them. `packages`: SHA-256 of the lock file of the packages that it runs on. `fixes`: CVEs.
    """

    id: str
    version: str
    made_at: int
    schema: int
    floor: int
    packages: _DIGEST
    fixes: tuple[str, ...] = ()
    notes: str = ""
    files: tuple[BundleFile, ...] = ()


def sign(manifest: Manifest, key: Ed25519PrivateKey) -> bytes:
    """Return magic, length, manifest and signature. Raises BundleError for a manifest that nobody would take."""
    _check(manifest)
    octets = msgspec.json.encode(manifest)
    head = MAGIC + len(octets).to_bytes(LENGTH_OCTETS, "big") + octets
    return head + key.sign(head)


def head_octets(begin: bytes) -> int:
    """Return how many octets the signed head has, of the first octets of a bundle. Raises BundleError."""
    if begin[: len(MAGIC)] != MAGIC or len(begin) < len(MAGIC) + LENGTH_OCTETS:
        raise BundleError("this is no bundle for updates")
    length = int.from_bytes(begin[len(MAGIC) : len(MAGIC) + LENGTH_OCTETS], "big")
    if length > MAX_MANIFEST:
        raise BundleError("its manifest is too long")
    return len(MAGIC) + LENGTH_OCTETS + length + SIGNATURE_OCTETS


def verify(head: bytes, public_key: bytes) -> Manifest:
    """Return the manifest of a head that the key has signed. Raises BundleError."""
    signed, signature = head[:-SIGNATURE_OCTETS], head[-SIGNATURE_OCTETS:]
    if len(head) != head_octets(head):
        raise BundleError("it is cut off")
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, signed)
    except (InvalidSignature, ValueError):
        raise BundleError("its signature is not by the key that is trusted here") from None
    try:
        manifest = msgspec.json.decode(signed[len(MAGIC) + LENGTH_OCTETS :], type=Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise BundleError("its manifest cannot be read") from None
    _check(manifest)
    return manifest


def _check(manifest: Manifest) -> None:
    if not _ID.fullmatch(manifest.id):
        raise BundleError("its id is none")
    if len(manifest.files) > MAX_FILES or not 0 <= sum(one.size for one in manifest.files) <= MAX_PAYLOAD:
        raise BundleError("it is too large")
    names = [one.name for one in manifest.files]
    if len(set(names)) != len(names):
        raise BundleError("it names a file twice")
    for one in manifest.files:
        if one.size < 0 or not is_safe(one.name):
            raise BundleError(f"it names a file that leads elsewhere: {one.name!r}")


def is_safe(name: str) -> bool:
    """Say whether a name leads to a place below the folder that it is unpacked in."""
    parts = name.split("/")
    return not _REFUSED & set(parts) and "\\" not in name and "\0" not in name and len(name) <= 1000 and ":" not in name
