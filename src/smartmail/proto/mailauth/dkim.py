"""DKIM: signing what leaves and judging what arrives.

NAME
    dkim — DomainKeys Identified Mail signatures.
PURPOSE
    `sign` gives a DKIM-Signature field for a header and the hash of a body; `Verifier` takes a message in chunks and
    then judges all its signatures. It knows no resolver, clock or key store: the look-up is a callable, the time and
    the keys are arguments.
STATES
    Verifier: header given → body chunks → `finish` (once).
LIMITS
    `MAX_SIGNATURES` signatures are judged, the rest is ignored; a signature has at most 16 KiB and 200 names in h=;
    RSA keys have 1024 to 8192 bits.
FAILURE
    Judging never raises: each signature gets a `Verdict`. A look-up that fails for now is `temperror`.
SECURITY
    A body of more octets than l= covers is told (`Verdict.covers_all`), for what is appended is unsigned. SHA-1 does
    not count. From is signed once more than it stands there, so that none can be added; so are the fields that
    readers show.
STANDARDS
    RFC 6376, RFC 8301, RFC 8463, RFC 8601 §2.7.1, RFC 8616.
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from smartmail.formats.headers import Field, split_fields
from smartmail.proto.mailauth.asking import Lookup, TemporaryLookupError
from smartmail.proto.mailauth.bodies import Bodies
from smartmail.proto.mailauth.canonical import Form
from smartmail.proto.mailauth.keys import MIN_BITS, KeyRecord, KeyRecordError, PrivateKey, PublicKey, parse_record
from smartmail.proto.mailauth.signature import FIELD_NAME, Signature, SignatureError, parse_signature, signed_octets

MAX_SIGNATURES: Final = 10
# RFC 6376 §5.4.1, and what readers see or clients act on. Those that must stand once are signed once more.
SIGNED_FIELDS: Final = (
    "from", "sender", "reply-to", "subject", "date", "message-id", "to", "cc", "mime-version", "content-type",
    "content-transfer-encoding", "in-reply-to", "references", "list-id", "list-unsubscribe", "list-unsubscribe-post",
)  # fmt: skip
OVERSIGNED: Final = frozenset(
    {"from", "sender", "reply-to", "subject", "date", "message-id", "to", "cc", "content-type"}
)

_LINE: Final = 74


Result = Literal["pass", "fail", "neutral", "policy", "temperror", "permerror"]


@dataclass(frozen=True, slots=True)
class SigningKey:
    """Whose key it is, and the key."""

    domain: str
    selector: str
    private: PrivateKey


# -- signing --------------------------------------------------------------------------------------------------------


def sign(
    header: bytes,
    body_hash: bytes,
    key: SigningKey,
    *,
    signed_at: int,
    header_form: Form = "relaxed",
    body_form: Form = "relaxed",
    expires_at: int | None = None,
    identity: str = "",
    fields: Sequence[str] = SIGNED_FIELDS,
) -> bytes:
    """Return the DKIM-Signature field with CRLF, to be put before `header`.

    `body_hash` is the digest of a `BodyHasher` of `body_form`; one hash serves all keys. Times are seconds since 1970.
    """
    found = split_fields(header)
    names = names_to_sign(found, fields)
    algorithm = "ed25519-sha256" if is_ed25519(key.private) else "rsa-sha256"
    tags = [
        "v=1", f"a={algorithm}", f"c={header_form}/{body_form}", f"d={key.domain}", f"s={key.selector}",
        f"t={signed_at}",
    ]  # fmt: skip
    tags += [f"x={expires_at}"] if expires_at is not None else []
    tags += [f"i={identity}"] if identity else []
    head = fold_tags(tags) + ";\r\n\th=" + fold_list(names) + ";\r\n\tbh=" + base64.b64encode(body_hash).decode("ascii")
    value = b" " + head.encode("utf-8") + b";\r\n\tb="
    octets = signed_octets(header, found, names, header_form, b"DKIM-Signature", value)
    signature = base64.b64encode(signed(key.private, octets)).decode("ascii")
    lines = "\r\n\t".join(signature[at : at + _LINE - 4] for at in range(0, len(signature), _LINE - 4))
    return b"DKIM-Signature:" + value + lines.encode("ascii") + b"\r\n"


def names_to_sign(found: Sequence[Field], wanted: Sequence[str]) -> list[str]:
    """Return the names for h=, those that must stand once, once more."""
    present = [field.name.decode("latin-1").lower() for field in found]
    names: list[str] = []
    for name in wanted:
        names += [name] * present.count(name)
        if name in OVERSIGNED:
            names.append(name)
    return names


def is_ed25519(key: PrivateKey) -> bool:
    """Say which of the two kinds a key is."""
    return isinstance(key, Ed25519PrivateKey)


def signed(key: PrivateKey, octets: bytes) -> bytes:
    """Return the signature of octets (RFC 6376 §3.3, RFC 8463 §3)."""
    if isinstance(key, Ed25519PrivateKey):
        # RFC 8463 §3: the hash is signed, not the octets.
        return key.sign(hashlib.sha256(octets).digest())
    return key.sign(octets, PKCS1v15(), SHA256())


def fold_tags(tags: Sequence[str]) -> str:
    """Return tags joined and folded."""
    out, column = tags[0], len("DKIM-Signature: ") + len(tags[0])
    for tag in tags[1:]:
        joint = "; " if column + len(tag) + 2 <= _LINE else ";\r\n\t"
        column = column + len(tag) + 2 if joint == "; " else len(tag)
        out += joint + tag
    return out


def fold_list(names: Sequence[str]) -> str:
    """Return names joined by colons and folded."""
    out, column = names[0], len(names[0]) + 10
    for name in names[1:]:
        joint = ":" if column + len(name) + 1 <= _LINE else ":\r\n\t "
        column = column + len(name) + 1 if joint == ":" else len(name)
        out += joint + name
    return out


# -- judging --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one signature is worth (RFC 8601 §2.7.1). `reason` is for the trace; empty on pass.

    `covers_all` is false when l= leaves octets of the body unsigned. `testing`: the domain says that it is trying.
    """

    result: Result
    reason: str = ""
    domain: str = ""
    selector: str = ""
    identity: str = ""
    algorithm: str = ""
    signature: str = ""
    key_bits: int = 0
    covers_all: bool = True
    testing: bool = False


class Verifier:
    """Judges the signatures of one message: the header at once, the body in chunks, then `finish`.

    `bodies` where others want hashes of the same body: then whoever holds it feeds it, and not this.
    """

    def __init__(self, header: bytes, bodies: Bodies | None = None) -> None:
        self._header = header
        self._fields = split_fields(header)
        self._bodies = bodies or Bodies()
        self._found: list[tuple[Field, Signature | SignatureError]] = []
        for field in self._fields:
            if field.name.lower() == FIELD_NAME and len(self._found) < MAX_SIGNATURES:
                self._add(field)

    def _add(self, field: Field) -> None:
        try:
            signature = parse_signature(self._header[field.value_start : field.end])
        except SignatureError as error:
            self._found.append((field, error))
            return
        self._found.append((field, signature))
        self._bodies.want(signature.body_form, signature.length)

    @property
    def queries(self) -> tuple[str, ...]:
        """Return the names under which the keys of all signatures lie, each once."""
        return tuple(dict.fromkeys(one.query for _field, one in self._found if isinstance(one, Signature)))

    def update(self, chunk: bytes) -> None:
        """Take the next octets of the body."""
        self._bodies.update(chunk)

    async def finish(self, lookup: Lookup, now: int) -> tuple[Verdict, ...]:
        """Return a verdict for each signature, in the order of the fields; empty when the message has none."""
        verdicts: list[Verdict] = []
        for field, signature in self._found:
            if isinstance(signature, SignatureError):
                verdicts.append(Verdict("permerror", str(signature)))
                continue
            digest, octets = self._bodies.digest(signature.body_form, signature.length)
            verdicts.append(await self._judge(field, signature, digest, octets, lookup, now))
        return tuple(verdicts)

    async def _judge(
        self, field: Field, signature: Signature, digest: bytes, octets: int, lookup: Lookup, now: int
    ) -> Verdict:
        verdict = _told(signature, octets)
        if signature.expires_at is not None and now > signature.expires_at:
            return replace(verdict, result="fail", reason="signature expired")
        # The body is judged before the look-up: a changed body needs no DNS.
        if signature.length is not None and signature.length > octets:
            return replace(verdict, result="permerror", reason="body is shorter than l= says")
        if digest != signature.body_hash:
            return replace(verdict, result="fail", reason="body hash did not verify")
        try:
            record = await find_key(signature, lookup)
        except TemporaryLookupError:
            return replace(verdict, result="temperror", reason="key could not be looked up")
        except KeyRecordError as error:
            return replace(verdict, result="permerror", reason=str(error))
        verdict = replace(verdict, key_bits=record.bits, testing=record.testing)
        if record.bits < MIN_BITS and record.kind == "rsa":
            return replace(verdict, result="policy", reason="key is too short")
        value = self._header[field.value_start : field.end]
        covered = signed_octets(
            self._header, self._others(field), signature.fields, signature.header_form, field.name, value
        )
        if verifies(record.key, signature.signature, covered):
            return replace(verdict, result="pass")
        return replace(verdict, result="fail", reason="signature did not verify")

    def _others(self, own: Field) -> list[Field]:
        """RFC 6376 §3.5 (h=): the field being judged is never among those that it signs."""
        return [field for field in self._fields if field is not own]


def _told(signature: Signature, octets: int) -> Verdict:
    return Verdict(
        result="neutral",
        domain=signature.domain,
        selector=signature.selector,
        identity=signature.identity,
        algorithm=signature.algorithm,
        signature=base64.b64encode(signature.signature).decode("ascii"),
        covers_all=signature.length is None or signature.length >= octets,
    )


async def find_key(signature: Signature, lookup: Lookup) -> KeyRecord:
    """Return the key (RFC 6376 §6.1.2); of several records the first that can be used.

    Raises KeyRecordError, TemporaryLookupError.
    """
    records = await lookup(signature.query)
    if not records:
        raise KeyRecordError("no key for signature")
    failure = KeyRecordError("no key for signature")
    for text in records[:10]:
        try:
            record = parse_record(text)
        except KeyRecordError as error:
            failure = error
            continue
        _fits(record, signature)
        return record
    raise failure


def _fits(record: KeyRecord, signature: Signature) -> None:
    if signature.algorithm != f"{record.kind}-sha256":
        raise KeyRecordError("inappropriate key algorithm")
    if record.hashes and "sha256" not in record.hashes:
        raise KeyRecordError("inappropriate hash algorithm")
    if record.strict_domain and signature.identity.rpartition("@")[2].lower() != signature.domain:
        raise KeyRecordError("domain mismatch")


def verifies(key: PublicKey, signature: bytes, octets: bytes) -> bool:
    """Say whether a signature is the key's (RFC 6376 §6.1.3, RFC 8463 §3)."""
    try:
        if isinstance(key, Ed25519PublicKey):
            key.verify(signature, hashlib.sha256(octets).digest())
        else:
            key.verify(signature, octets, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True
