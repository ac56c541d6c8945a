"""What a letter of ours holds that tells a thief's from its owner's: its words, where it leads, its files, who is answered.

STRATEGIES  Words and subject come from the summary that was made anyway. Links and files need the text: it is read only for
            a mail that has become suspicious otherwise, of which one in hundreds is.
LIMITS      TEXT octets of two text parts, FILE octets of either end of FILES files.
FAILURE     A text that cannot be read has no links.
Must not know whose letter it is, nor what was sent before.
"""

import hashlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from smartmail.formats import html_signs, links
from smartmail.formats.address import normalize, split_address
from smartmail.formats.lookalike import registered
from smartmail.formats.mime.parts import HTML_BODY, TEXT_BODY, Part
from smartmail.formats.summary import Summary, part_text

Read = Callable[[int, int], Awaitable[bytes]]
"""Returns octets [start, start + length) of the letter."""

TEXT: Final = 32 << 10
FILE: Final = 8 << 10
FILES: Final = 3
MOST_HOSTS: Final = 10
_DIGITS: Final = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Body:
    """What reading a letter brought: registered domains that it links to, and what its files are, b"" for none."""

    domains: tuple[str, ...] = ()
    files: bytes = b""


def words_of(summary: Summary) -> str:
    """Return the beginning of the text without its numbers: amounts and dates make no other letter of it."""
    return _DIGITS.sub("0", " ".join(summary.preview.split()))


def subject_of(summary: Summary) -> str:
    """Return the subject in the same way; "" for an answer, which has that of what it answers."""
    return "" if summary.ids.in_reply_to else _DIGITS.sub("0", " ".join(summary.subject.split()))


def is_answered_elsewhere(summary: Summary) -> bool:
    """Say whether Reply-To leads to another domain than From: whoever answers a thief must reach them."""
    shown = {_domain(one.address) for one in summary.addresses.from_}
    asked = {_domain(one.address) for one in summary.addresses.reply_to if one.address}
    return bool(asked - shown)


async def read_body(summary: Summary, read: Read) -> Body:
    """Return where a letter leads and what its files are. Raises what `read` raises."""
    hosts: dict[str, None] = {}
    for part in [one for one in summary.parts if one.shown & (TEXT_BODY | HTML_BODY) and not one.nested][:2]:
        if part.type in {"text/plain", "text/html"}:
            octets = await read(part.body_start, min(part.octets, TEXT))
            hosts |= dict.fromkeys(one.host for one in _links(part_text(octets, part), part) if one.host)
    domains = dict.fromkeys(registered(host) for host in hosts)
    return Body(tuple(domains)[:MOST_HOSTS], await _files(summary, read))


def _links(text: str, part: Part) -> list[links.Link]:
    if part.type == "text/html":
        signs = html_signs.read(text)
        return [*signs.links, *links.in_text(signs.text)]
    return links.in_text(text)


async def _files(summary: Summary, read: Read) -> bytes:
    """Return a digest of what the files begin and end with: payslips of one form differ in some of it."""
    found = [part for part in summary.parts if part.is_file and not part.is_multipart and not part.nested][:FILES]
    digest = hashlib.sha256()
    for part in found:
        digest.update(b"%d " % part.octets + await read(part.body_start, min(part.octets, FILE)))
        if part.octets > FILE:
            tail = min(part.octets - FILE, FILE)
            digest.update(await read(part.body_end - tail, tail))
    return digest.digest() if found else b""


def _domain(address: str) -> str:
    return registered(split_address(normalize(address))[1])
