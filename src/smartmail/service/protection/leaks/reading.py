"""Reading: what a letter holds: findings in its subject, texts, names of files and files, and what its files are.

STRATEGIES  Only what the rules want is looked for. Where it is enough to know whether anything may be there (Needs.glance), reading
            ends at the first text in which it may. A file is read once for its content: what was found in it is kept by hash and
            by what was wanted, for files are sent again and again. Files are read thoroughly (ports.extraction): what is in an
            archive or a document is a file too, found in the attachment that holds it.
LIMITS      MAX_PART bytes of a text part, MAX_BINARY of a file, MAX_PARTS parts; `KEPT` files are remembered.
FAILURE     What cannot be looked into says so (`problem`), and so does a letter that was not read to its end (`unread`): a
            policy decides, and by default it is held. No child to read a file, a damaged blob: the same. Never raises for
            what a letter holds.
Must not know rules, nor who sends the letter.
"""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Final, TypeVar

from smartmail.domain.errors import Unavailable
from smartmail.domain.leaks import FileFacts, Hit
from smartmail.formats import file_names, security_label
from smartmail.formats.extract import kinds
from smartmail.formats.extract.out import FileInside
from smartmail.formats.extract.wordless import is_wordless
from smartmail.formats.headers import Header
from smartmail.formats.mime.parts import Part
from smartmail.formats.search import message as messages
from smartmail.formats.summary import Summary
from smartmail.policy.leak_conditions import Needs
from smartmail.ports.blobs import BlobDamaged
from smartmail.ports.extraction import ExtractedText, TextExtractor
from smartmail.service.protection.leaks.letter import Read
from smartmail.service.protection.leaks.searching import hits_in, may_hit

KEPT: Final = 512
WHOLE: Final = 256 << 10
"""Letters up to this size are read in one go."""
_HEAD: Final = 36 << 10
"""Bytes of a file that tell its kind (formats.file_names)."""
_LONG: Final = 64 << 10
"""Characters of a text from which on it is searched in a thread."""
_SEALED: Final = frozenset({
    "application/pkcs7-mime", "application/x-pkcs7-mime", "application/pgp-encrypted", "multipart/encrypted",
})  # fmt: skip
"""What S/MIME and OpenPGP keep from everybody but its reader."""
_ENCRYPTED: Final = frozenset({"encrypted", "locked"})
_NOTHING: Final = ExtractedText("")
_Said = TypeVar("_Said")


@dataclass(slots=True)
class Content:
    """What a letter holds. `unread`: why it was not read to its end, "" where it was. `may`: of a glance, there may be hits."""

    hits: list[Hit] = field(default_factory=list)
    files: list[FileFacts] = field(default_factory=list)
    unread: str = ""
    may: bool = False


@dataclass(frozen=True, slots=True)
class _File:
    facts: FileFacts
    hits: tuple[Hit, ...]
    may: bool = False
    inside: tuple[FileFacts, ...] = ()


class LetterReader:
    """Reads letters. `extractor` None: this process has no children, and no file is looked into."""

    def __init__(self, extractor: TextExtractor | None) -> None:
        self._extractor = extractor
        self._known: OrderedDict[tuple[bytes, str, date, Needs], _File] = OrderedDict()

    async def content(self, summary: Summary, read: Read, wanted: Needs, today: date) -> Content:
        """Return what a letter holds of what is wanted. Raises StorageFull and Unavailable of the volume alone."""
        found = Content(unread="limits" if summary.limited else "")
        letter = _Letter(read, summary)
        try:
            await self._search(found, summary.subject, "subject", wanted, today)
            for part in summary.parts[: messages.MAX_PARTS]:
                if found.may:
                    break
                await self._part(found, letter, part, wanted, today)
        except BlobDamaged:
            found.unread = "damaged"
        if len(summary.parts) > messages.MAX_PARTS:
            found.unread = found.unread or "limits"
        return found

    async def _part(self, found: Content, letter: "_Letter", part: Part, wanted: Needs, today: date) -> None:
        if part.name:
            await self._search(found, part.name, f"name:{part.name}", wanted, today)
        if part.type in _SEALED:
            found.files.append(replace(_facts(part, b""), encrypted=True, problem="encrypted"))
        elif part.is_multipart or not part.octets:
            return
        elif part.type.startswith("text/") or part.inner_body:
            await self._text(found, letter, part, wanted, today)
        elif wanted.files or part.is_file:
            await self._file(found, letter, part, wanted, today)

    async def _text(self, found: Content, letter: "_Letter", part: Part, wanted: Needs, today: date) -> None:
        labels = await self._labels(letter, part, wanted)
        if part.is_file or labels:
            found.files.append(replace(_facts(part, b""), labels=labels))
        if not wanted.content:
            return
        if part.inner_body:
            octets = await letter.octets(part.body_start, min(part.inner_body - part.body_start, WHOLE))
        else:
            octets = await letter.octets(part.body_start, min(part.octets, messages.MAX_PART))
            if part.octets > messages.MAX_PART:
                found.unread = found.unread or "limits"
        text = messages.part_text(part, {part.section: octets})
        await self._search(found, text, f"file:{part.name}" if part.name else "body", wanted, today)

    async def _labels(self, letter: "_Letter", part: Part, wanted: Needs) -> tuple[str, ...]:
        """Return the security labels of ours that an attached mail carries."""
        if not part.inner_body or "label" not in wanted.facts:
            return ()
        block = await letter.octets(part.body_start, min(part.inner_body - part.body_start, WHOLE))
        return security_label.read(Header(block)).labels

    async def _file(self, found: Content, letter: "_Letter", part: Part, wanted: Needs, today: date) -> None:
        if part.octets > messages.MAX_BINARY:
            head = messages.decoded(part, await letter.octets(part.body_start, _HEAD))
            found.files.append(replace(_facts(part, head), problem="limits"))
            return
        octets = messages.decoded(part, await letter.octets(part.body_start, part.octets))
        if not wanted.files:
            found.files.append(_facts(part, octets))
            return
        key = (hashlib.sha256(octets).digest(), part.name, today, wanted)
        known = self._known.get(key)
        if known is None:
            known = await self._opened(part, octets, wanted, today)
            if known.facts.problem not in {"unavailable", "crashed"}:  # those may be gone the next time
                self._known[key] = known
                while len(self._known) > KEPT:
                    self._known.popitem(last=False)
        else:
            self._known.move_to_end(key)
        found.files += (known.facts, *known.inside)
        found.hits += known.hits
        found.may |= known.may

    async def _opened(self, part: Part, octets: bytes, wanted: Needs, today: date) -> _File:
        facts = _facts(part, octets)
        read, problem = await self._read_thoroughly(part, octets)
        if problem:
            facts = replace(facts, problem=problem, encrypted=problem in _ENCRYPTED)
        if read.files:
            facts = replace(facts, labels=read.files[0].labels)
        content = Content()
        await self._search(content, read.text, f"file:{part.name}", wanted, today)
        if content.unread and not problem:
            facts = replace(facts, problem=content.unread)
        return _File(
            facts, tuple(content.hits), content.may, tuple(_facts_inside(part.name, one) for one in read.files[1:])
        )

    async def _read_thoroughly(self, part: Part, octets: bytes) -> tuple[ExtractedText, str]:
        """Return what a file says, and why it is not all. What a file is says its content, its name may lie."""
        extractor, name, kind = self._extractor, part.name, part.type
        if is_wordless(octets, kind, name):
            return _NOTHING, ""
        if extractor is None:
            return _NOTHING, "" if kinds.kind_of(octets[:_HEAD], kind, name) == "none" else "unavailable"
        try:
            found = await extractor.text_of(kind, name, octets, thorough=True)
        except Unavailable:
            return _NOTHING, "unavailable"
        if found is None:
            return _NOTHING, ""
        return found, found.problem or ("" if found.complete else "limits")

    async def _search(self, found: Content, text: str, place: str, wanted: Needs, today: date) -> None:
        if not text or not wanted.content:
            return
        if wanted.glance:
            found.may = found.may or await _aside(text, partial(may_hit, text, wanted, today))
            return
        hits, is_cut = await _aside(text, partial(hits_in, text, place, wanted, today))
        found.hits += hits
        if is_cut:
            found.unread = found.unread or "limits"


async def _aside(text: str, search: Callable[[], _Said]) -> _Said:
    """Return what a search of a text says: of a long one, in a thread."""
    return await asyncio.to_thread(search) if len(text) > _LONG else search()


class _Letter:
    """The bytes of a letter: a small one is read at once."""

    def __init__(self, read: Read, summary: Summary) -> None:
        self._read = read
        self._summary = summary
        self._whole: bytes | None = None

    async def octets(self, start: int, length: int) -> bytes:
        if self._summary.size > WHOLE:
            return await self._read(start, length)
        if self._whole is None:
            self._whole = await self._read(0, self._summary.size)
        return self._whole[start : start + length]


def _facts_inside(holder: str, one: FileInside) -> FileFacts:
    return FileFacts(
        f"{holder}/{one.name}", one.kind, file_names.ending_of(one.name), one.size, encrypted=one.problem in _ENCRYPTED,
        problem=one.problem, labels=one.labels, inside=True,
    )  # fmt: skip


def _facts(part: Part, octets: bytes) -> FileFacts:
    """Return what a file is, as far as its name and its first bytes tell."""
    signs: Sequence[file_names.FileSign] = file_names.signs_of_head(octets[:_HEAD], part.name) if octets else ()
    return FileFacts(
        part.name, file_names.kind_of_head(octets[:_HEAD]), file_names.ending_of(part.name), part.decoded_size,
        mismatch=any(one.sign == "disguised" for one in signs),
    )  # fmt: skip
