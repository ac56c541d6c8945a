"""The DKIM-Signature field: its tags read and judged (RFC 6376 §3.5, §6.1.1), and the octets that are signed (§3.7)."""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, cast

from smartmail.formats.headers import Field
from smartmail.proto.mailauth.canonical import Form, relax_field
from smartmail.proto.mailauth.tags import MAX_LENGTH, TagError, colon_list, parse_tags, without_space

FIELD_NAME: Final = b"dkim-signature"
ALGORITHMS: Final = ("rsa-sha256", "ed25519-sha256")
# Names in h= that are followed; a mail has some thirty fields.
MAX_SIGNED_FIELDS: Final = 200
_REQUIRED: Final = ("v", "a", "b", "bh", "d", "h", "s")
_DOMAIN: Final = re.compile(
    r"(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)+[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
)
_SELECTOR: Final = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,198}[A-Za-z0-9_])?")
_NUMBER: Final = re.compile(r"[0-9]{1,12}")
_LONG_NUMBER: Final = re.compile(r"[0-9]{1,76}")
_B_VALUE: Final = re.compile(rb"((?:\A|;)[ \t\r\n]*b[ \t\r\n]*=)[^;]*")


class SignatureError(ValueError):
    """A signature that cannot count: RFC 6376 calls it PERMFAIL."""


@dataclass(frozen=True, slots=True)
class Signature:
    """A well-formed signature. Times are seconds since 1970."""

    algorithm: str
    signature: bytes
    body_hash: bytes
    header_form: Form
    body_form: Form
    domain: str
    selector: str
    identity: str
    fields: tuple[str, ...]
    length: int | None
    signed_at: int | None
    expires_at: int | None

    @property
    def query(self) -> str:
        """The name of the key record (RFC 6376 §3.6.2.1)."""
        return f"{self.selector}._domainkey.{self.domain}"


def parse_signature(value: bytes) -> Signature:
    """Return the signature in a field value. Raises SignatureError with the words of RFC 6376 §6.1.1."""
    if len(value) > MAX_LENGTH:
        raise SignatureError("signature syntax error")
    try:
        tags = parse_tags(value.decode("utf-8", "replace"))
    except TagError as error:
        raise SignatureError(f"signature syntax error: {error}") from None
    missing = next((name for name in _REQUIRED if name not in tags), None)
    if missing is not None:
        raise SignatureError(f"signature missing required tag {missing}")
    if tags["v"] != "1":
        raise SignatureError("incompatible version")
    return signature_of(tags)


def signature_of(tags: Mapping[str, str]) -> Signature:
    """Return the signature that well-formed tags say; the required ones are there. Raises SignatureError."""
    if tags["a"] not in ALGORITHMS:
        # RFC 8301 §3.1: rsa-sha1 no longer counts.
        raise SignatureError("signature algorithm is not accepted")
    if "q" in tags and "dns/txt" not in colon_list(tags, "q"):
        raise SignatureError("signature query method is not known")
    header_form, body_form = _forms(tags.get("c", "simple"))
    signed_at, expires_at = time_of(tags, "t"), time_of(tags, "x")
    if signed_at is not None and expires_at is not None and expires_at <= signed_at:
        raise SignatureError("signature expires before it was made")
    domain = domain_of(tags)
    return Signature(
        algorithm=tags["a"],
        signature=base64_of(tags, "b"),
        body_hash=base64_of(tags, "bh"),
        header_form=header_form,
        body_form=body_form,
        domain=domain,
        selector=selector_of(tags),
        identity=_identity(tags, domain),
        fields=_fields(tags),
        length=_length(tags),
        signed_at=signed_at,
        expires_at=expires_at,
    )


def _forms(value: str) -> tuple[Form, Form]:
    header, slash, body = value.partition("/")
    body = body if slash else "simple"
    if header not in {"simple", "relaxed"} or body not in {"simple", "relaxed"}:
        raise SignatureError("canonicalization is not known")
    return cast("Form", header), cast("Form", body)


def base64_of(tags: Mapping[str, str], name: str) -> bytes:
    """Return the octets of a tag. Raises SignatureError."""
    try:
        octets = base64.b64decode(without_space(tags[name]), validate=True)
    except (binascii.Error, ValueError):
        octets = b""
    if not octets:
        raise SignatureError(f"signature syntax error: {name}= is not base64")
    return octets


def time_of(tags: Mapping[str, str], name: str) -> int | None:
    """Return a time in seconds since 1970, None where the tag is missing. Raises SignatureError."""
    if name not in tags:
        return None
    if not _NUMBER.fullmatch(tags[name]):
        raise SignatureError(f"signature syntax error: {name}= is no time")
    return int(tags[name])


def _length(tags: Mapping[str, str]) -> int | None:
    if "l" not in tags:
        return None
    if not _LONG_NUMBER.fullmatch(tags["l"]):
        raise SignatureError("signature syntax error: l= is no length")
    return int(tags["l"])


def domain_of(tags: Mapping[str, str]) -> str:
    """Return d= in look-up form. Raises SignatureError."""
    domain = _ascii(tags["d"])
    if len(domain) > 253 or not _DOMAIN.fullmatch(domain):
        raise SignatureError("signature syntax error: d= is no domain")
    return domain.lower()


def selector_of(tags: Mapping[str, str]) -> str:
    """Return s= in look-up form. Raises SignatureError."""
    if not _SELECTOR.fullmatch(_ascii(tags["s"])):
        raise SignatureError("signature syntax error: s= is no selector")
    return _ascii(tags["s"])


def _ascii(domain: str) -> str:
    """RFC 8616 §3: d=, i= and s= may hold U-labels; look-ups take A-labels."""
    if domain.isascii() or len(domain) > 253:
        return domain
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain


def _identity(tags: Mapping[str, str], domain: str) -> str:
    """RFC 6376 §3.5: i= lies in d= or below; without it, it is `@` and d=."""
    identity = tags.get("i", "@" + domain)
    below = _ascii(identity.rpartition("@")[2]).lower()
    if "@" not in identity or not ("." + below).endswith("." + domain):
        raise SignatureError("domain mismatch")
    return identity


def _fields(tags: Mapping[str, str]) -> tuple[str, ...]:
    fields = tuple(name.lower() for name in colon_list(tags, "h"))
    if "from" not in fields:
        raise SignatureError("From field not signed")
    if len(fields) > MAX_SIGNED_FIELDS or "" in fields:
        raise SignatureError("signature syntax error: h= is too long or has an empty name")
    return fields


# -- the octets that are signed -------------------------------------------------------------------------------------


def signed_octets(
    header: bytes, fields: Iterable[Field], names: Iterable[str], form: Form, own_name: bytes, own_value: bytes
) -> bytes:
    """Return the canonical header that the signature covers (RFC 6376 §3.7).

    `own_name` and `own_value` are the DKIM-Signature field itself; what its b= holds is left out.
    """
    out = list(_chosen(header, fields, names, form))
    stripped = without_signature(own_value)
    out.append(_canonical(own_name, stripped, own_name + b":" + stripped, form).removesuffix(b"\r\n"))
    return b"".join(out)


def without_signature(value: bytes) -> bytes:
    """Return a field value without what its b= holds (RFC 6376 §3.5) and without its line end."""
    return _B_VALUE.sub(rb"\1", value.removesuffix(b"\r\n"), count=1)


def _chosen(header: bytes, fields: Iterable[Field], names: Iterable[str], form: Form) -> Iterator[bytes]:
    """RFC 6376 §5.4.2: of several fields of one name the last is taken first; a name too many gives nothing."""
    waiting: dict[str, list[Field]] = {}
    for field in fields:
        waiting.setdefault(field.name.decode("latin-1").lower(), []).append(field)
    for name in names:
        if stack := waiting.get(name):
            field = stack.pop()
            raw = header[field.start : field.end]
            yield _canonical(field.name, header[field.value_start : field.end], raw, form)


def _canonical(name: bytes, value: bytes, raw: bytes, form: Form) -> bytes:
    """RFC 6376 §3.4.1–3.4.2."""
    if form == "relaxed":
        return relax_field(name, value)
    return raw if raw.endswith(b"\r\n") else raw + b"\r\n"
