"""A body as somebody else has laid it out: a tree of parts becomes the octets of a MIME entity.

`compose` builds the one nesting that every mail client shows rightly; here the caller's own is kept (RFC 8621 §4.6
bodyStructure). Knows no message header, no account and no blob.
LIMITS    The caller bounds size and depth; recursion follows the tree.
FAILURE   ComposeError, naming the field: a control character, a name that is no field name, a type that is none, a
          multipart without parts or another with them.
STANDARDS RFC 2045, 2046, 2183, 2387, 2392, 2557, 3282.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from smartmail.formats import encoding
from smartmail.formats.compose import (
    FIELD_NAME,
    MEDIA_TYPE,
    MSG_ID,
    Attachment,
    Boundaries,
    ComposeError,
    leaf,
    leaf_content,
    multipart,
    name_param,
    refuse_controls,
)
from smartmail.formats.headers import encode_param, encode_unstructured

# What a part's own values write; RFC 8621 §4.6 refuses the transfer encoding, which is ours to choose.
WRITTEN: Final = frozenset(
    {"content-type", "content-transfer-encoding", "content-disposition", "content-id", "content-language",
     "content-location", "mime-version"}
)  # fmt: skip
_DISPOSITION: Final = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,40}")
_LANGUAGE: Final = re.compile(r"[A-Za-z0-9-]{1,35}")
_LOCATION: Final = re.compile(r"[\x21-\x7e]{1,900}")
_TEXT: Final = "text/plain"


@dataclass(frozen=True, slots=True)
class Node:
    """One part: octets, or text that is encoded as UTF-8, or the parts below it. `headers` are (name, text)."""

    type: str = _TEXT
    content: bytes | str = b""
    children: "Sequence[Node] | None" = None
    name: str = ""
    charset: str = ""
    disposition: str = ""
    content_id: str = ""
    language: Sequence[str] = ()
    location: str = ""
    headers: Sequence[tuple[str, str]] = ()


def encode(root: Node, *, nonce: str) -> bytes:
    """Return the entity, from its Content-Type line on. `nonce` as in `compose`. Raises ComposeError."""
    return _entity(root, Boundaries(nonce))


def _entity(node: Node, boundaries: Boundaries) -> bytes:
    match = MEDIA_TYPE.fullmatch(node.type.strip().lower())
    if match is None:
        raise ComposeError("type", "is no media type")
    if (match[1] == "multipart") != (node.children is not None):
        raise ComposeError("subParts", "belong to a multipart, and only there")
    extra = _lines(node)
    if node.children is not None:
        if not node.children:
            raise ComposeError("subParts", "must not be empty")
        boundary = boundaries.next()
        parts = [_entity(child, boundaries) for child in node.children]
        # RFC 2387 §3.1: the type of the root must be told.
        root = f';\r\n type="{node.children[0].type}"'.encode() if match[2] == "related" else b""
        entity = multipart(match[2].encode(), boundary, parts, root)
        return extra + entity
    kind, transfer, data = _content(node, match.group())
    if node.name:
        kind += b";\r\n " + name_param(node.name)
    return leaf(kind, transfer, data, extra)


def _content(node: Node, media_type: str) -> tuple[bytes, str, bytes]:
    if isinstance(node.content, bytes):
        return leaf_content(Attachment(node.name, media_type, node.content, charset=node.charset))
    if media_type.startswith("message/"):
        return leaf_content(Attachment(node.name, media_type, encoding.canonical_lines(node.content.encode())))
    transfer, data = encoding.encode_text(node.content)
    kind = media_type.encode()
    return kind + b"; charset=utf-8" if media_type.startswith("text/") else kind, transfer, data


def _lines(node: Node) -> bytes:
    """Return all header lines of a part but Content-Type and Content-Transfer-Encoding."""
    refuse_controls("name", node.name)
    refuse_controls("type", node.type, node.charset)
    lines = [_disposition(node)] if node.disposition else []
    if node.content_id:
        lines.append(b"Content-ID: <%b>\r\n" % _checked("cid", MSG_ID, node.content_id))
    if node.language:
        tags = [_checked("language", _LANGUAGE, one) for one in node.language]
        lines.append(b"Content-Language: %b\r\n" % b", ".join(tags))
    if node.location:
        lines.append(b"Content-Location: %b\r\n" % _checked("location", _LOCATION, node.location))
    for name, text in node.headers:
        if not FIELD_NAME.fullmatch(name) or name.lower() in WRITTEN:
            raise ComposeError(f"header:{name}", "is written from the part itself, or no field name")
        refuse_controls(f"header:{name}", text)
        lines.append(encode_unstructured(name, text))
    return b"".join(lines)


def _disposition(node: Node) -> bytes:
    kind = _checked("disposition", _DISPOSITION, node.disposition)
    line = b"Content-Disposition: " + kind.lower()
    if node.name:
        line += b";\r\n " + encode_param("filename", node.name)
    return line + b"\r\n"


def _checked(field: str, pattern: re.Pattern[str], text: str) -> bytes:
    if not text.isascii() or not pattern.fullmatch(text):
        raise ComposeError(field, "has a form that cannot be sent")
    return text.encode("ascii")
