"""The signed receipt of a recall (회수 확인서): what became of each copy of one sent mail, for anybody who has the public key.

    file       JSON {"document": "...", "signature": hex}; the signature (Ed25519, RFC 8032) goes over PREFIX and the document
    document   canonical JSON: kind, version, at, key (public, hex), message_id, sender, subject, recipients, links; times in
               milliseconds since 1970 UTC, 0 where there is none

A receipt claims no more than the house knows. Of a recipient it has what was done (`result`), what is known of the reading at that
moment (`reading`, by which the copy was judged), and the last word of the other server (`reply`); of a link, how often it was
followed before it ended. Knows no store.
"""

import json
from collections.abc import Sequence
from typing import Any, Final

import msgspec

PREFIX: Final = b"smartmail recall receipt\n"
"""No other document that this installation signs begins so."""
VERSION: Final = 1


class ReceiptRecipient(msgspec.Struct, frozen=True, kw_only=True):
    """One recipient. `result`: recalled, cancelled, read, gone, outside, failed, large; `reading`: read, unread, unknown;
    `members`: of a list, how many members each result was reached at.
    """

    address: str
    result: str
    reading: str = "unknown"
    read_at: int = 0
    delivered_at: int = 0
    reply: str = ""
    members: dict[str, int] = {}


class ReceiptLink(msgspec.Struct, frozen=True, kw_only=True):
    """One link to a big file of the mail, which ended at `revoked_at`. `recipient` "": not for one person."""

    file: str
    recipient: str
    downloads: int
    last_download_at: int
    revoked_at: int


class RecallReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """What a receipt says."""

    at: int
    key: str
    message_id: str
    sender: str
    subject: str
    recipients: tuple[ReceiptRecipient, ...]
    links: tuple[ReceiptLink, ...] = ()
    kind: str = "recall-receipt"
    version: int = VERSION


class ReceiptError(Exception):
    """Octets that are no receipt, or not signed by the key that is asked for. The text says which."""


def write(receipt: RecallReceipt) -> str:
    """Return the document of a receipt."""
    facts: Any = msgspec.to_builtins(receipt)
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def signed_octets(document: str) -> bytes:
    """Return what is signed of a document."""
    return PREFIX + document.encode("ascii")


def file_octets(document: str, signature: bytes) -> bytes:
    """Return the file that is kept."""
    return json.dumps({"document": document, "signature": signature.hex()}).encode() + b"\n"


def read_document(octets: bytes) -> tuple[str, bytes]:
    """Return document and signature of a file. Raises ReceiptError."""
    try:
        kept = json.loads(octets)
        return str(kept["document"]), bytes.fromhex(kept["signature"])
    except (ValueError, TypeError, KeyError) as error:
        raise ReceiptError("it is no receipt") from error


def read(document: str) -> RecallReceipt:
    """Return what a document says; its signature is the caller's to check. Raises ReceiptError."""
    try:
        return msgspec.json.decode(document, type=RecallReceipt, strict=True)
    except msgspec.DecodeError as error:
        raise ReceiptError("it is no receipt") from error


def counts(results: Sequence[ReceiptRecipient]) -> dict[str, int]:
    """Return how many people each result was reached at, members of lists one by one."""
    found: dict[str, int] = {}
    for one in results:
        for result, count in (one.members or {one.result: 1}).items():
            found[result] = found.get(result, 0) + count
    return found
