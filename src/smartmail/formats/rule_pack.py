"""A pack of rules against spam, brought by file: what is in it, and who signed it. Pure.

Layout
    magic    "SMRULES01\\n"
    length   of the pack, 4 octets, big-endian
    pack     JSON: `RulePack`
    sign     64 octets: Ed25519 (RFC 8032) by the vendor over everything before it, and nothing behind it

A rule is met when one of its `words` stands in subject or text (and one of `also`, where it names any), when a link leads to
one of its `hosts` or below, or when the sender is of one of its `senders` or below. There are no patterns in it: what a file
says is looked for as it stands, so that no pack can make a message take long.

SECURITY  Nothing of the pack is read before its signature is found good.
LIMITS    `MAX_OCTETS`, `MAX_RULES`, `MAX_WORDS` of all rules together, `MAX_WEIGHT` either way: one rule of a pack alone puts a
          message into Junk, it never refuses one.
"""

import re
from typing import Annotated, Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

MAGIC: Final = b"SMRULES01\n"
LENGTH_OCTETS: Final = 4
SIGNATURE_OCTETS: Final = 64
MAX_OCTETS: Final = 1 << 20
MAX_RULES: Final = 1_000
MAX_WORDS: Final = 2_000
MAX_WEIGHT: Final = 8.0
MAX_NOTES: Final = 2_000
FORMAT: Final = 1
"""The newest format that this program reads."""
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}", re.ASCII)
_ID: Final = re.compile(r"[a-z0-9][a-z0-9.+_-]{0,63}", re.ASCII)
_HOST: Final = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}", re.ASCII)
_Word = Annotated[str, msgspec.Meta(min_length=2, max_length=80)]
_Host = Annotated[str, msgspec.Meta(min_length=4, max_length=253)]


class RulePackError(ValueError):
    """A pack that is refused; the text says why."""


class PackRule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule. `title` is told to who asks why a message was judged so."""

    name: str
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    weight: float
    words: tuple[_Word, ...] = ()
    also: tuple[_Word, ...] = ()
    hosts: tuple[_Host, ...] = ()
    senders: tuple[_Host, ...] = ()


class RulePack(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a pack says of itself. `weights`: rules of the program that weigh otherwise, None for off; an administrator's own
    weight goes before them.
    """

    id: str
    made_at: int
    format: int = FORMAT
    notes: Annotated[str, msgspec.Meta(max_length=MAX_NOTES)] = ""
    weights: dict[str, float | None] = {}
    rules: tuple[PackRule, ...] = ()


def sign(pack: RulePack, key: Ed25519PrivateKey) -> bytes:
    """Return the file. Raises RulePackError for a pack that nobody would take."""
    check(pack)
    octets = msgspec.json.encode(pack)
    head = MAGIC + len(octets).to_bytes(LENGTH_OCTETS, "big") + octets
    if len(head) + SIGNATURE_OCTETS > MAX_OCTETS:
        raise RulePackError("it is too large")
    return head + key.sign(head)


def verify(file: bytes, public_key: bytes) -> RulePack:
    """Return the pack of a file that the key has signed. Raises RulePackError."""
    if len(file) > MAX_OCTETS:
        raise RulePackError("it is too large")
    begin = len(MAGIC) + LENGTH_OCTETS
    if file[: len(MAGIC)] != MAGIC or len(file) < begin + SIGNATURE_OCTETS:
        raise RulePackError("this is no pack of rules")
    if begin + int.from_bytes(file[len(MAGIC) : begin], "big") + SIGNATURE_OCTETS != len(file):
        raise RulePackError("it is cut off")
    signed, signature = file[:-SIGNATURE_OCTETS], file[-SIGNATURE_OCTETS:]
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, signed)
    except (InvalidSignature, ValueError):
        raise RulePackError("its signature is not by the key that is trusted here") from None
    return read(signed[begin:])


def read(octets: bytes) -> RulePack:
    """Return the pack of its JSON. Raises RulePackError."""
    try:
        kept = msgspec.json.decode(octets, type=_Head)
        if kept.format > FORMAT:
            raise RulePackError("it is for a newer version of SmartMail: update the program first")
        pack = msgspec.json.decode(octets, type=RulePack)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise RulePackError(f"it cannot be read: {error}") from None
    check(pack)
    return pack


def check(pack: RulePack) -> None:
    """Raise RulePackError for a pack that is beyond its bounds."""
    if not _ID.fullmatch(pack.id) or pack.made_at <= 0:
        raise RulePackError("its id or its time is none")
    if len(pack.rules) > MAX_RULES or len(pack.weights) > MAX_RULES:
        raise RulePackError(f"it has more than {MAX_RULES} rules")
    if sum(len(one.words) + len(one.also) + len(one.hosts) + len(one.senders) for one in pack.rules) > MAX_WORDS:
        raise RulePackError(f"its rules have more than {MAX_WORDS} words and hosts")
    names = [one.name for one in pack.rules]
    if len(set(names)) != len(names):
        raise RulePackError("it names a rule twice")
    for one in pack.rules:
        _check_rule(one)
    for name, weight in pack.weights.items():
        if weight is not None and not abs(weight) <= MAX_WEIGHT:
            raise RulePackError(f"rule {name}: a weight is between -{MAX_WEIGHT:g} and {MAX_WEIGHT:g}")


def _check_rule(one: PackRule) -> None:
    if not _NAME.fullmatch(one.name):
        raise RulePackError(f"{one.name[:40]!r} is no name of a rule")
    if not abs(one.weight) <= MAX_WEIGHT:
        raise RulePackError(f"rule {one.name}: a weight is between -{MAX_WEIGHT:g} and {MAX_WEIGHT:g}")
    if not (one.words or one.hosts or one.senders):
        raise RulePackError(f"rule {one.name} looks for nothing")
    wrong = next((host for host in (*one.hosts, *one.senders) if not _HOST.fullmatch(host)), "")
    if wrong:
        raise RulePackError(f"rule {one.name}: {wrong[:80]!r} is no host")


class _Head(msgspec.Struct):
    format: int = FORMAT
