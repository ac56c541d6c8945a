"""The summary: everything about a message that lists, IMAP FETCH and JMAP Email/get ask for, made once at acceptance.

It is stored sealed beside the message's row, so that nothing parses the message again. Those who only serve IMAP read
ready wire texts; what JMAP and the webmail read lies in nested encodings that are opened when asked for.

Must not know: accounts, keys, mailboxes, flags. A summary is a pure function of the message's octets.

LIMITS: the octets kept of header fields, of addresses per field, of parts (the scanner's) bound its size.
"""

import struct
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from typing import Final

import msgspec

from smartmail.formats import address, charset, dates, words
from smartmail.formats.headers import Header, message_ids
from smartmail.formats.mime import preview, wire
from smartmail.formats.mime.entity import Entity
from smartmail.formats.mime.parts import Part, as_now, has_attachment, list_parts
from smartmail.formats.mime.parts import section as find_section
from smartmail.formats.mime.scanner import DEFAULT_LIMITS, Limits, scan
from smartmail.formats.mime.transfer import decode_body

VERSION: Final = 3
"""2: parts tell what the shown HTML embeds (parts.EMBEDDED); of older summaries that is guessed as they are read.
3: Part.decoded_size is exact; in older summaries that of base64 and quoted-printable is an estimate."""
_EMBEDS: Final = 2

# Raw fields that are kept: those that IMAP clients ask for in lists, that JMAP and threads need, and that a reading
# pane shows. The order is part of the stored form: append only, at most 255.
KEPT_FIELDS: Final = (
    "from", "to", "cc", "bcc", "reply-to", "sender", "subject", "date", "message-id", "in-reply-to", "references",
    "newsgroups", "content-type", "content-transfer-encoding", "mime-version", "content-disposition", "content-language",
    "priority", "x-priority", "importance", "x-msmail-priority", "sensitivity", "precedence", "auto-submitted",
    "x-auto-response-suppress", "x-mailer", "user-agent", "x-mimeole", "organization", "mail-followup-to",
    "mail-reply-to", "list-id", "list-unsubscribe", "list-unsubscribe-post", "list-post", "list-help",
    "list-subscribe", "list-owner", "list-archive", "disposition-notification-to", "return-receipt-to",
    "x-confirm-reading-to", "return-path", "delivered-to", "x-original-to", "envelope-to", "authentication-results",
    "received-spf", "x-spam-flag", "x-spam-status", "x-spam-score", "x-spam-level", "x-spam-checker-version",
    "thread-topic", "thread-index", "resent-from", "resent-to", "resent-cc", "resent-date", "resent-sender",
    "resent-message-id", "comments", "keywords", "content-id", "content-description", "content-location",
    "content-md5", "content-class", "followup-to", "xref", "lines", "status", "x-status", "x-uniform-type-identifier",
    "x-universally-unique-identifier", "x-forwarded-to", "x-forwarded-for", "x-loop", "feedback-id", "x-label",
    "x-keywords", "x-account-key", "x-identity-key", "archived-at", "errors-to", "bimi-indicator", "bimi-location",
    "x-face", "face", "original-recipient", "reply-by", "expires", "x-google-original-from", "x-sender", "apparently-to",
    "sio-label", "x-forwarded-message-id", "x-smartmail-label-reason",
)  # fmt: skip
_FIELD_IDS: Final = {name.encode(): number for number, name in enumerate(KEPT_FIELDS)}

_MAX_FIELDS_OCTETS: Final = 49_152  # kept raw; a message whose fields are longer is asked for them itself
_ENTRY: Final = struct.Struct("<BH")  # number of the field's name, octets of the field
_MAX_SUBJECT: Final = 2_000  # characters


class HeaderAddress(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One address of a field, decoded. `group` is the name of the group it stands in, None outside of groups.

    A group without members is one entry with an empty name and address.
    """

    name: str
    address: str
    group: str | None = None


class Addresses(msgspec.Struct, array_like=True, frozen=True):
    """The decoded address fields of a message."""

    from_: tuple[HeaderAddress, ...] = ()
    sender: tuple[HeaderAddress, ...] = ()
    reply_to: tuple[HeaderAddress, ...] = ()
    to: tuple[HeaderAddress, ...] = ()
    cc: tuple[HeaderAddress, ...] = ()
    bcc: tuple[HeaderAddress, ...] = ()


class Ids(msgspec.Struct, array_like=True, frozen=True):
    """Message-IDs without angle brackets, as RFC 8621 §4.1.2.5 gives them; empty where the field is missing."""

    message_id: tuple[str, ...] = ()
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()


class Summary(msgspec.Struct, array_like=True, frozen=True, dict=True):
    """What is known of a message without opening it. Sizes and offsets are octets of the message as stored.

    `envelope`, `body`, `bodystructure` are IMAP texts with their parentheses, ready to send. `fields` holds the raw
    octets of the kept fields in message order (see `header_fields`). `sent_at` (seconds since 1970) is None without a
    readable Date; `sent_zone` is in minutes east. `limited`: the scanner met a limit, so the tree is not the whole.
    `received_count`: Received fields, against loops (RFC 5321 §6.3). `origin`: how an imported file differed from what
    is stored (service.mailbox.import_origin), empty for mail that came by protocol.
    """

    version: int
    size: int
    header_size: int
    lines: int
    envelope: bytes
    body: bytes
    bodystructure: bytes
    fields: bytes
    field_map: bytes
    fields_complete: bool
    subject: str
    sent_at: int | None
    sent_zone: int
    preview: str
    has_attachment: bool
    limited: bool
    received_count: int
    packed_addresses: bytes
    packed_ids: bytes
    packed_parts: bytes
    origin: bytes = b""

    @cached_property
    def addresses(self) -> Addresses:
        """The decoded address fields."""
        return _ADDRESSES.decode(self.packed_addresses)

    @cached_property
    def ids(self) -> Ids:
        """The ids of the message, of what it answers and refers to."""
        return _IDS.decode(self.packed_ids)

    @property
    def from_(self) -> tuple[HeaderAddress, ...]:
        """The addresses of From."""
        return self.addresses.from_

    @property
    def sender(self) -> tuple[HeaderAddress, ...]:
        """The addresses of Sender."""
        return self.addresses.sender

    @property
    def reply_to(self) -> tuple[HeaderAddress, ...]:
        """The addresses of Reply-To."""
        return self.addresses.reply_to

    @property
    def to(self) -> tuple[HeaderAddress, ...]:
        """The addresses of To."""
        return self.addresses.to

    @property
    def cc(self) -> tuple[HeaderAddress, ...]:
        """The addresses of Cc."""
        return self.addresses.cc

    @property
    def bcc(self) -> tuple[HeaderAddress, ...]:
        """The addresses of Bcc."""
        return self.addresses.bcc

    @property
    def message_ids(self) -> tuple[str, ...]:
        """The id of Message-ID, alone or none."""
        return self.ids.message_id

    @property
    def in_reply_to(self) -> tuple[str, ...]:
        """The ids of In-Reply-To."""
        return self.ids.in_reply_to

    @property
    def references(self) -> tuple[str, ...]:
        """The ids of References, oldest first."""
        return self.ids.references

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The table of parts, depth first."""
        parts = _PARTS.decode(self.packed_parts)
        return parts if self.version >= _EMBEDS else as_now(parts)

    @cached_property
    def has_files(self) -> bool:
        """Whether a person should be offered a file, also where an older way of reading did not see it."""
        return self.has_attachment or (self.version < _EMBEDS and has_attachment(self.parts))

    def header_fields(self, names: Iterable[str]) -> bytes | None:
        """Return the raw fields of these names and the empty line: IMAP HEADER.FIELDS; None: open the message."""
        wanted = _numbers(tuple(names))
        if wanted is None or not self.fields_complete:
            return None
        fields, out, start = self.fields, [], 0
        for number, length in _ENTRY.iter_unpack(self.field_map):
            if number in wanted:
                out.append(fields[start : start + length])
            start += length
        out.append(b"\r\n")
        return b"".join(out)

    def section(self, spec: str) -> tuple[int, int] | None:
        """Return the octet range of an IMAP section, None when the message has no such part."""
        return find_section(self.parts, self.header_size, self.size, spec)


@lru_cache(256)
def _numbers(names: tuple[str, ...]) -> frozenset[int] | None:
    """Return the numbers of field names, None if one of them is not kept. Clients ask for the same names each time."""
    try:
        return frozenset(_FIELD_IDS[name.lower().encode()] for name in names)
    except (KeyError, UnicodeEncodeError):
        return None


_ADDRESSES: Final = msgspec.msgpack.Decoder(Addresses)
_IDS: Final = msgspec.msgpack.Decoder(Ids)
_PARTS: Final = msgspec.msgpack.Decoder(tuple[Part, ...])
_SUMMARY: Final = msgspec.msgpack.Decoder(Summary)
_ENCODER: Final = msgspec.msgpack.Encoder()


def encode(summary: Summary) -> bytes:
    """Return the stored form."""
    return _ENCODER.encode(summary)


def decode(octets: bytes) -> Summary:
    """Return the summary of a stored form. Raises msgspec.DecodeError when the octets are none."""
    return _SUMMARY.decode(octets)


def summarize(message: bytes, limits: Limits = DEFAULT_LIMITS, fallback: str = charset.DEFAULT_FALLBACK) -> Summary:
    """Return the summary of a whole message."""
    return build(scan(message, limits), fallback)


def build(root: Entity, fallback: str = charset.DEFAULT_FALLBACK) -> Summary:
    """Return the summary of a scanned message. `fallback` is the charset of octets that tell nothing."""
    header = Header(root.header)
    lists = wire.raw_addresses(header)
    body, bodystructure = wire.structure(root)
    fields, field_map, complete = _keep_fields(header)
    sent = dates.parse_date(header.first("date") or b"")
    parts = list_parts(root, fallback)
    subject = header.first("subject")
    return Summary(
        VERSION,
        root.body_end,
        root.body_start,
        sum([part.lines for part in parts if not part.nested]),
        wire.envelope(header, lists),
        body,
        bodystructure,
        fields,
        field_map,
        complete and not root.limited,
        words.decode_text(subject, fallback)[:_MAX_SUBJECT] if subject else "",
        sent[0] if sent else None,
        sent[1] if sent else 0,
        _preview(root, fallback),
        has_attachment(parts),
        root.limited,
        len(header.all("received")),
        _ENCODER.encode(_addresses(lists, fallback)),
        _ENCODER.encode(_ids(header)),
        _ENCODER.encode(parts),
    )


def of_file(root: Entity, part: Part, *, limited: bool) -> Summary:
    """Return the summary of a message that is one file, whole or not; `root`: a scanned message without anything in it."""
    return msgspec.structs.replace(
        build(root), size=part.octets, header_size=0, limited=limited, packed_parts=_ENCODER.encode((part,))
    )


def _keep_fields(header: Header) -> tuple[bytes, bytes, bool]:
    """Return (raw octets of the kept fields, their map, whether all fitted)."""
    block, out, entries, room = header.block, [], [], _MAX_FIELDS_OCTETS
    for field in header.fields:
        number = _FIELD_IDS.get(field.name.lower())
        if number is None:
            continue
        length = field.end - field.start
        room -= length
        if room < 0:
            return b"", b"", False
        out.append(block[field.start : field.end])
        entries.append(_ENTRY.pack(number, length))
    return b"".join(out), b"".join(entries), True


def _addresses(lists: wire.RawAddresses, fallback: str) -> Addresses:
    return Addresses(*[_address_list(lists.get(name, ()), fallback) for name in wire.ADDRESS_FIELDS])


def _address_list(raw: Sequence[address.RawAddress], fallback: str) -> tuple[HeaderAddress, ...]:
    out: list[HeaderAddress] = []
    for item in address.resolve(raw, fallback):
        if isinstance(item, address.Mailbox):
            out.append(HeaderAddress(item.name, item.address))
        elif item.members:
            out += [HeaderAddress(member.name, member.address, item.name) for member in item.members]
        else:
            out.append(HeaderAddress("", "", item.name))
    return tuple(out)


def _ids(header: Header) -> Ids:
    return Ids(
        message_ids(header.first("message-id") or b"", 1),
        message_ids(header.first("in-reply-to") or b""),
        message_ids(header.first("references") or b""),
    )


def _preview(root: Entity, fallback: str) -> str:
    """Return the preview from the first plain text that has words, else from the first HTML."""
    samples: dict[str, Entity] = {}
    _find_samples(root, samples)
    for subtype in ("plain", "html"):
        leaf = samples.get(subtype)
        if leaf is None:
            continue
        label = leaf.param(b"charset") or b""
        text = preview.preview(
            leaf.sample, leaf.encoding, label.decode("latin-1"), is_html=subtype == "html", fallback=fallback
        )
        if text:
            return text
    return ""


def _find_samples(entity: Entity, samples: dict[str, Entity]) -> None:
    if entity.sample:
        samples.setdefault(entity.subtype, entity)
    if entity.is_multipart:
        for child in entity.children:
            _find_samples(child, samples)


def part_text(octets: bytes, part: Part, fallback: str = charset.DEFAULT_FALLBACK) -> str:
    """Return the text of a part from its octets as stored: transfer encoding and charset undone."""
    return charset.decode(decode_body(octets, part.encoding), part.charset, fallback)[0]


def section(source: Summary | Entity, spec: str) -> tuple[int, int] | None:
    """Return the octet range of an IMAP section of a summary or of a scanned message."""
    if isinstance(source, Summary):
        return source.section(spec)
    parts: Sequence[Part] = list_parts(source)
    return find_section(parts, source.body_start, source.body_end, spec)
