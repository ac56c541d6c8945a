"""ARC: what earlier hosts found out about a message, handed on with signatures.

NAME
    arc — Authenticated Received Chain.
PURPOSE
    `Chain` judges the sets that a message carries: the header at once, the body through shared hashers, then `judge`.
    `seal` gives the next set for a message that is sent on, so that the next host can see what this one saw.
STATES
    Chain: header given → body hashed → `judge` (once).
LIMITS
    50 sets (RFC 8617 §4.2.1); one key of each set is looked up, two for the newest.
FAILURE
    Judging never raises: anything out of order makes the chain `fail`, and a chain that failed once is never mended
    (§5.1.2). A question without an answer is `temperror`: then nothing is said and nothing sealed.
SECURITY
    A chain that passes proves who handled the message, not that they tell the truth: whoever obeys it must trust the
    sealers (§9.4). What a set says (`Chain.results`) counts only after `judge` gave pass.
STANDARDS
    RFC 8617, RFC 6376 §3.7, RFC 8463.
"""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

from smartmail.formats import authentication_results
from smartmail.formats.authentication_results import AuthenticationResults, MethodResult
from smartmail.formats.headers import Field, split_fields
from smartmail.proto.mailauth import dkim
from smartmail.proto.mailauth.asking import Lookup, TemporaryLookupError
from smartmail.proto.mailauth.bodies import Bodies
from smartmail.proto.mailauth.canonical import relax_field
from smartmail.proto.mailauth.dkim import SigningKey, find_key, fold_list, fold_tags, names_to_sign, signed, verifies
from smartmail.proto.mailauth.keys import MIN_BITS, KeyRecordError
from smartmail.proto.mailauth.signature import (
    ALGORITHMS,
    Signature,
    SignatureError,
    base64_of,
    domain_of,
    selector_of,
    signature_of,
    signed_octets,
    without_signature,
)
from smartmail.proto.mailauth.tags import TagError, parse_tags

MAX_SETS: Final = 50
ArcResult = Literal["none", "pass", "fail", "temperror"]

_RESULTS: Final = b"arc-authentication-results"
_MESSAGE: Final = b"arc-message-signature"
_SEAL: Final = b"arc-seal"
_NAMES: Final = (_RESULTS, _MESSAGE, _SEAL)
_INSTANCE: Final = re.compile(r"[1-9][0-9]?\Z")
_AAR_INSTANCE: Final = re.compile(rb"[ \t\r\n]*i[ \t]*=[ \t]*([0-9]{1,3})[ \t\r\n]*;")
# RFC 8617 §4.1.2: what travels unchanged, the signatures of the sender among it.
SIGNED_FIELDS: Final = (*dkim.SIGNED_FIELDS, "dkim-signature")


@dataclass(frozen=True, slots=True)
class ArcVerdict:
    """The state of the chain. `sealers` are the domains of its sets, the oldest first; they count for pass alone."""

    result: ArcResult
    reason: str = ""
    sets: int = 0
    sealers: tuple[str, ...] = ()


@dataclass(slots=True)
class _Set:
    results: Field | None = None
    message: Field | None = None
    seal: Field | None = None

    @property
    def fields(self) -> tuple[Field, ...]:
        """In the order in which a seal covers them (RFC 8617 §5.1.1)."""
        return tuple(one for one in (self.results, self.message, self.seal) if one is not None)


class _Broken(Exception):
    """The chain does not hold; the text says where."""


class Chain:
    """The sets of one message."""

    def __init__(self, header: bytes, bodies: Bodies) -> None:
        self._header = header
        self._bodies = bodies
        self._fields = split_fields(header)
        self._sets: list[_Set] = []
        self._broken = ""
        self._newest: Signature | None = None
        try:
            self._sets = self._collect()
            if self._sets:
                self._newest = self._message_signature(len(self._sets))
                bodies.want(self._newest.body_form, self._newest.length)
        except _Broken as error:
            self._broken = str(error)

    def _collect(self) -> list[_Set]:
        """RFC 8617 §5.2 steps 1 to 3: three fields of each instance, none missing, none twice."""
        sets: dict[int, _Set] = {}
        for field in self._fields:
            name = field.name.lower()
            if name not in _NAMES:
                continue
            one = sets.setdefault(self._instance(field), _Set())
            place = {_RESULTS: "results", _MESSAGE: "message", _SEAL: "seal"}[name]
            if getattr(one, place) is not None:
                raise _Broken("a field of a set stands twice")
            setattr(one, place, field)
        if sorted(sets) != list(range(1, len(sets) + 1)):
            raise _Broken("a set is missing")
        if any(len(one.fields) < 3 for one in sets.values()):
            raise _Broken("a set is not whole")
        return [sets[number] for number in sorted(sets)]

    def _instance(self, field: Field) -> int:
        if field.name.lower() == _RESULTS:
            match = _AAR_INSTANCE.match(self._header, field.value_start, field.end)
            text = match[1].decode("ascii") if match else ""
        else:
            text = self._tags(field).get("i", "")
        if not _INSTANCE.match(text) or int(text) > MAX_SETS:
            raise _Broken("an instance that is no number of a set")
        return int(text)

    def _tags(self, field: Field) -> dict[str, str]:
        try:
            return parse_tags(self._header[field.value_start : field.end].decode("utf-8", "replace"))
        except TagError as error:
            raise _Broken(str(error)) from None

    def _message_signature(self, number: int) -> Signature:
        """RFC 8617 §4.1.2."""
        field = self._sets[number - 1].message
        assert field is not None
        tags = {name: value for name, value in self._tags(field).items() if name not in {"i", "v"}}
        if any(name not in tags for name in ("a", "b", "bh", "d", "h", "s")):
            raise _Broken(f"message signature {number} misses a tag")
        try:
            signature = signature_of(tags)
        except SignatureError as error:
            raise _Broken(f"message signature {number}: {error}") from None
        if "arc-seal" in signature.fields:
            raise _Broken(f"message signature {number} signs a seal")
        return signature

    @property
    def length(self) -> int:
        """Return how many sets there are, 0 when they are not in order."""
        return len(self._sets)

    def results(self, number: int) -> AuthenticationResults | None:
        """Return what the host of a set (from 1) says that it found."""
        field = self._sets[number - 1].results
        return (
            None if field is None else authentication_results.parse(self._header[field.value_start : field.end].strip())
        )

    async def judge(self, lookup: Lookup) -> ArcVerdict:
        """Return the state of the chain (RFC 8617 §5.2). The body has been hashed."""
        if self._broken:
            return ArcVerdict("fail", self._broken, len(self._sets))
        if not self._sets:
            return ArcVerdict("none")
        try:
            seals = [self._seal(number) for number in range(1, len(self._sets) + 1)]
            await self._check_message(lookup)
            for number in range(len(self._sets), 0, -1):
                await self._check_seal(number, seals[number - 1], lookup)
        except _Broken as error:
            return ArcVerdict("fail", str(error), len(self._sets))
        except TemporaryLookupError:
            return ArcVerdict("temperror", "a key could not be looked up", len(self._sets))
        return ArcVerdict("pass", "", len(self._sets), tuple(seal.domain for seal in seals))

    async def _check_message(self, lookup: Lookup) -> None:
        number, signature = len(self._sets), self._newest
        field = self._sets[-1].message
        assert signature is not None
        assert field is not None
        digest, octets = self._bodies.digest(signature.body_form, signature.length)
        if digest != signature.body_hash or (signature.length or 0) > octets:
            raise _Broken(f"message signature {number}: body hash did not verify")
        others = [one for one in self._fields if one is not field]
        value = self._header[field.value_start : field.end]
        covered = signed_octets(self._header, others, signature.fields, signature.header_form, field.name, value)
        await _verify(signature, covered, lookup, f"message signature {number}")

    def _seal(self, number: int) -> Signature:
        """RFC 8617 §4.1.3: cv= is none in the first and pass in all others; there is no h=."""
        field = self._sets[number - 1].seal
        assert field is not None
        tags = self._tags(field)
        if any(name not in tags for name in ("a", "b", "cv", "d", "s")) or "h" in tags:
            raise _Broken(f"seal {number}: a tag is missing, or h= stands there")
        if tags["cv"].lower() != ("none" if number == 1 else "pass"):
            raise _Broken(f"seal {number} says cv={tags['cv'][:10]}")
        if tags["a"] not in ALGORITHMS:
            raise _Broken(f"seal {number}: algorithm is not accepted")
        try:
            domain, selector, octets = domain_of(tags), selector_of(tags), base64_of(tags, "b")
        except SignatureError as error:
            raise _Broken(f"seal {number}: {error}") from None
        return Signature(
            tags["a"], octets, b"", "relaxed", "relaxed", domain, selector, "@" + domain, (), None, None, None
        )

    async def _check_seal(self, number: int, seal: Signature, lookup: Lookup) -> None:
        """RFC 8617 §5.1.1: a seal covers all sets up to its own, its own b= left out."""
        *before, (own_results, own_message, _own) = self._relaxed_sets[:number]
        own = self._sets[number - 1].seal
        assert own is not None
        value = without_signature(self._header[own.value_start : own.end])
        stripped = relax_field(own.name, value).removesuffix(b"\r\n")
        covered = b"".join([*(field for each in before for field in each), own_results, own_message, stripped])
        await _verify(seal, covered, lookup, f"seal {number}")

    @cached_property
    def _relaxed_sets(self) -> list[tuple[bytes, ...]]:
        """The fields of all sets in relaxed form, made once: each seal covers all sets before it."""
        return [
            tuple(
                relax_field(one.name, self._header[one.value_start : one.end].removesuffix(b"\r\n"))
                for one in each.fields
            )
            for each in self._sets
        ]

    # -- the next set ----------------------------------------------------------------------------------------------

    def covered(self) -> bytes:
        """Return the canonical sets for the seal of the next one; nothing of a chain that does not hold."""
        return b"".join([field for each in self._relaxed_sets for field in each])


async def _verify(signature: Signature, covered: bytes, lookup: Lookup, what: str) -> None:
    try:
        record = await find_key(signature, lookup)
    except KeyRecordError as error:
        raise _Broken(f"{what}: {error}") from None
    if record.kind == "rsa" and record.bits < MIN_BITS:
        raise _Broken(f"{what}: key is too short")
    if not verifies(record.key, signature.signature, covered):
        raise _Broken(f"{what} did not verify")


def seal(
    header: bytes,
    chain: Chain,
    found: ArcResult,
    results: Sequence[MethodResult],
    body_hash: bytes,
    key: SigningKey,
    *,
    server: str,
    signed_at: int,
) -> bytes:
    """Return the next set with CRLF, to be put before `header`; b"" where none may be added (RFC 8617 §5.1).

    `found` is the state of the chain when the message came, `results` what was found out then; `body_hash` the relaxed
    hash of the body as it leaves.
    """
    number = chain.length + 1
    if number > MAX_SETS or found == "temperror" or (found == "none") != (chain.length == 0):
        # A chain that is not the one that was judged: what is said about it would be a lie.
        return b""
    if found == "fail":
        return b""
    tail = [f"d={key.domain}", f"s={key.selector}", f"t={signed_at}"]
    algorithm = "rsa-sha256" if not dkim.is_ed25519(key.private) else "ed25519-sha256"
    aar = authentication_results.write(server, results, field="ARC-Authentication-Results", instance=number)
    names = names_to_sign(split_fields(header), SIGNED_FIELDS)
    tags = [f"i={number}", f"a={algorithm}", "c=relaxed/relaxed", *tail]
    value = (
        f" {fold_tags(tags)};\r\n\th={fold_list(names)};\r\n\tbh={base64.b64encode(body_hash).decode('ascii')};\r\n\tb="
    ).encode()
    octets = signed_octets(header, split_fields(header), names, "relaxed", b"ARC-Message-Signature", value)
    ams = b"ARC-Message-Signature:" + value + _lines(signed(key.private, octets))
    cv = "none" if number == 1 else "pass"
    value = f" {fold_tags([f'i={number}', f'a={algorithm}', f'cv={cv}', *tail])};\r\n\tb=".encode()
    new = [_relaxed(aar), _relaxed(ams), relax_field(b"ARC-Seal", value).removesuffix(b"\r\n")]
    octets = b"".join([chain.covered(), *new])
    return b"ARC-Seal:" + value + _lines(signed(key.private, octets)) + ams + aar


def _relaxed(field: bytes) -> bytes:
    name, _colon, value = field.partition(b":")
    return relax_field(name, value.removesuffix(b"\r\n"))


def _lines(signature: bytes) -> bytes:
    text = base64.b64encode(signature).decode("ascii")
    return "\r\n\t".join(text[at : at + 70] for at in range(0, len(text), 70)).encode("ascii") + b"\r\n"
