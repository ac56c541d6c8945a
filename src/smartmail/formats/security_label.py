"""The security label of a message in its header: SIO-Label (RFC 7444), Sensitivity (RFC 4021 §2.1.55), and the mark before the subject.

`SIO-Label: marking="대외비"; type="…"; label="confidential"`: the marking is for people, the label for programs. A label is read
only where its type is ours; what other houses write stays in the header and means nothing here. Values are encoded by RFC 2231
where they are not ASCII (RFC 7444 §3). Knows no company's table of labels.
"""

from collections.abc import Collection
from typing import Final, NamedTuple

from smartmail.formats import params
from smartmail.formats.headers import Header, encode_unstructured, split_fields

FIELD: Final = "SIO-Label"
TYPE: Final = "https://smartmail.example/ns/security-label"
REASON_FIELD: Final = "X-SmartMail-Label-Reason"
"""Why its sender asks for a lower label than the letters behind have; never leaves."""
MAX_REASON: Final = 500
SENSITIVE: Final = frozenset({"private", "company-confidential"})
"""What mail programs write into Sensitivity where their user chose more than "normal" (RFC 2156 §5.3.4); `personal` is no secrecy of
the company's.
"""
_MOST: Final = 50
"""Fields of this name that are looked at."""


class Marked(NamedTuple):
    """What a header says: the ids of our labels in it, whether a mail program marked it as sensitive, and why a lower label is
    asked for.
    """

    labels: tuple[str, ...] = ()
    sensitive: bool = False
    reason: str = ""


def read(header: Header) -> Marked:
    """Return what a header says of its message. Never raises."""
    found: list[str] = []
    for value in header.all(FIELD.lower())[:_MOST]:
        label = read_field(value)
        if label:
            found.append(label)
    sensitivity = (header.text("sensitivity") or "").strip().lower()
    reason = " ".join((header.text(REASON_FIELD.lower()) or "").split())[:MAX_REASON]
    return Marked(tuple(dict.fromkeys(found)), sensitivity in SENSITIVE, reason)


def read_field(value: bytes) -> str:
    """Return the id of the label of ours that a field's value names, "" for none."""
    told = params.decode_params(params.parse_params(b";" + value))
    return told.get("label", "") if told.get("type") == TYPE else ""


def line(label: str, marking: str) -> bytes:
    """Return the field of a label, ended by CRLF."""
    values = (("marking", marking), ("type", TYPE), ("label", label))
    written = b";\r\n ".join(params.encode_param(name, value).strip(b"; \r\n") for name, value in values)
    return FIELD.encode() + b": " + written + b"\r\n"


def relabelled(block: bytes, label: str, marking: str, mark: str, other_marks: Collection[str] = ()) -> bytes:
    """Return a header with one label of ours, and with `mark` in its subject, in front unless it is there already; "": no mark.
    `other_marks` are taken out of the subject.

    `block` is a header without its empty line. All else stays as it is, byte for byte.
    """
    out: list[bytes] = [line(label, marking)]
    position, has_subject = 0, False
    for field in split_fields(block):
        name = field.name.lower()
        raw = block[field.start : field.end]
        out.append(block[position : field.start])
        position = field.end
        if name == FIELD.lower().encode() and read_field(block[field.value_start : field.end]):
            continue
        if name == b"subject" and not has_subject:
            has_subject = True
            raw = _marked_subject(raw, mark, [one for one in other_marks if one and one != mark])
        out.append(raw)
    out.append(block[position:])
    if mark and not has_subject:
        out.insert(1, encode_unstructured("Subject", mark))
    return b"".join(out)


def _marked_subject(raw: bytes, mark: str, other_marks: Collection[str]) -> bytes:
    text = before = Header(raw).text("subject") or ""
    for one in other_marks:
        text = text.replace(one, "")
    text = " ".join(text.split()) if text != before else text
    if mark and mark not in text:
        text = f"{mark} {text}".strip()
    return raw if text == before else encode_unstructured("Subject", text)
