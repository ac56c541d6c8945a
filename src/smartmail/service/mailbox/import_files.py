"""Files as sources of old mail: folders of .eml, Maildir, mbox; read one message at a time.

What a file is, is told by its surroundings and its first octets: a directory with `cur` and `new` is a Maildir; a file
that begins with `From ` is an mbox unless it is called .eml; any other file that begins like a header is one message.
Must not know accounts or the store.
LIMITS    A message has at most `MAX_MESSAGE` octets; an mbox file is read as a stream.
FAILURE   What cannot be read is a `Skipped` with its reason; the walk goes on. Links to directories are not followed.
STANDARDS Maildir (D. J. Bernstein) and Maildir++; RFC 4155 for mbox.
"""

import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Literal

from smartmail.formats import mbox
from smartmail.formats.dates import parse_date
from smartmail.formats.headers import Header
from smartmail.service.mailbox.import_names import decode_utf7

MAX_MESSAGE = 256 << 20
_CHUNK = 1 << 20
_HEADER_OCTETS = 64 << 10
_PEEK = 4096

_FIELD = re.compile(rb"(?:\xef\xbb\xbf)?[!-9;-~]{1,200}[ \t]*:")
_NOT_MAIL = {".msf", ".dat", ".db", ".sqlite", ".json", ".xml", ".html", ".htm", ".pst", ".ost", ".zip", ".gz", ".jpg",
             ".png", ".pdf", ".log"}  # fmt: skip
_MAILDIR_FLAGS = {"S": "$seen", "R": "$answered", "F": "$flagged", "D": "$draft", "P": "$forwarded"}
_STATUS = {b"R": "$seen", b"A": "$answered", b"F": "$flagged", b"T": "$draft"}
_MOZILLA = ((0x1, "$seen"), (0x2, "$answered"), (0x4, "$flagged"), (0x1000, "$forwarded"))
_MOZILLA_EXPUNGED = 0x8


@dataclass(frozen=True, slots=True)
class Found:
    """One message of a source. `label` is the source's path of its mailbox, empty for the inbox.

    `octets` without the mbox `From ` line, which is in `envelope`; `received_at` in milliseconds. `place` tells a person
    where it lies.
    """

    label: tuple[str, ...]
    octets: bytes
    place: str
    received_at: int | None
    names: tuple[str, ...] = ()
    kind: Literal["file", "mbox"] = "file"
    envelope: bytes = b""
    separator: bytes = b""
    rule: mbox.Rule = "mboxrd"


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that was not taken, and why. `failed` is False for what no one would call mail."""

    place: str
    reason: str
    failed: bool = True


@dataclass(frozen=True, slots=True)
class Source:
    """A file or Maildir file to be read. `size` in octets."""

    path: str
    label: tuple[str, ...]
    kind: Literal["eml", "maildir", "mbox", "file"]
    size: int
    names: tuple[str, ...] = ()
    modified: float = 0.0


@dataclass(slots=True)
class Survey:
    """What lies below the paths, before anything is read."""

    sources: list[Source] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    @property
    def octets(self) -> int:
        """Return the octets of all sources."""
        return sum(source.size for source in self.sources)


def survey(paths: Iterable[str]) -> Survey:
    """List the sources below paths, in an order that is the same each time."""
    found = Survey()
    for path in paths:
        if not os.path.lexists(path):
            found.skipped.append(Skipped(path, "there is no such file"))
        elif os.path.isdir(path):
            _survey_directory(found, path, ())
        else:
            _survey_file(found, path, _own_label(path))
    return found


def _own_label(path: str) -> tuple[str, ...]:
    """A file that was named itself: an mbox is a mailbox of its name, a message belongs to the inbox."""
    return () if path.lower().endswith(".eml") else (_stem(os.path.basename(path)),)


def _survey_directory(found: Survey, path: str, label: tuple[str, ...]) -> None:
    try:
        entries = sorted(os.scandir(path), key=lambda entry: entry.name)
    except OSError as error:
        found.skipped.append(Skipped(path, _why(error)))
        return
    names = {entry.name for entry in entries}
    if {"cur", "new"} <= names:
        _survey_maildir(found, path, label)
        entries = [entry for entry in entries if entry.name not in {"cur", "new", "tmp"}]
    in_maildir = {"cur", "new"} <= names
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            _survey_directory(found, entry.path, label + _directory_label(entry.name, in_maildir=in_maildir))
        elif not in_maildir and not entry.name.startswith("."):
            _survey_file(found, entry.path, label)


def _directory_label(name: str, *, in_maildir: bool) -> tuple[str, ...]:
    if in_maildir and name.startswith("."):
        # Maildir++: `.Sent.2024` is the mailbox 2024 below Sent, names in modified UTF-7.
        return tuple(decode_utf7(part) for part in name[1:].split(".") if part)
    # Thunderbird keeps the mailboxes below X in X.sbd, Apple Mail a mailbox in X.mbox.
    return (re.sub(r"\.(sbd|mbox)\Z", "", name),)


def _survey_file(found: Survey, path: str, label: tuple[str, ...]) -> None:
    suffix = os.path.splitext(path)[1].lower()
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            found.skipped.append(Skipped(path, "not a plain file", failed=False))
            return
        kind = "eml" if suffix == ".eml" else _kind(path, suffix)
    except OSError as error:
        found.skipped.append(Skipped(path, _why(error)))
        return
    if kind is None:
        found.skipped.append(Skipped(path, "not mail", failed=False))
        return
    stem = _stem(os.path.basename(path))
    if kind == "mbox" and (not label or stem not in {label[-1], "mbox"}):
        label = (*label, stem)
    elif kind == "file" and label == (stem,):
        label = ()
    found.sources.append(Source(path, label, kind, status.st_size, modified=status.st_mtime))


def _kind(path: str, suffix: str) -> Literal["mbox", "file"] | None:
    if suffix in _NOT_MAIL:
        return None
    with open(path, "rb") as file:
        first = file.read(_PEEK)
    if first.startswith(b"From ") or (suffix == ".mbox" and not first):
        return "mbox"
    return "file" if _FIELD.match(first) else None


def _stem(name: str) -> str:
    stem, suffix = os.path.splitext(name)
    return stem if suffix.lower() in {".mbox", ".mbx", ".eml", ".txt"} else name


def _survey_maildir(found: Survey, path: str, label: tuple[str, ...]) -> None:
    keywords = _dovecot_keywords(path)
    for part in ("cur", "new"):
        try:
            entries = [entry for entry in os.scandir(os.path.join(path, part)) if not entry.name.startswith(".")]
            entries.sort(key=lambda entry: entry.name)
        except OSError as error:
            found.skipped.append(Skipped(os.path.join(path, part), _why(error)))
            continue
        for entry in entries:
            names = _maildir_names(entry.name, keywords) if part == "cur" else ()
            try:
                status = entry.stat()
            except OSError as error:
                found.skipped.append(Skipped(entry.path, _why(error)))
                continue
            if stat.S_ISREG(status.st_mode):
                source = Source(entry.path, label, "maildir", status.st_size, names, status.st_mtime)
                found.sources.append(source)


def _dovecot_keywords(path: str) -> dict[str, str]:
    """Return flag letter → keyword of a Dovecot Maildir: lines `0 NonJunk` for the letters a, b, c …"""
    try:
        with open(os.path.join(path, "dovecot-keywords"), encoding="utf-8", errors="replace") as file:
            lines = [line.split(maxsplit=1) for line in file.read(_HEADER_OCTETS).splitlines()]
    except OSError:
        return {}
    pairs = [(line[0], line[1].strip()) for line in lines if len(line) == 2 and line[0].isdecimal()]
    return {chr(ord("a") + int(number)): name for number, name in pairs if int(number) < 26}


def _maildir_names(file_name: str, keywords: dict[str, str]) -> tuple[str, ...]:
    flags = file_name.rpartition(":2,")[2] if ":2," in file_name else ""
    known = {**keywords, **_MAILDIR_FLAGS}
    return tuple(known[flag] for flag in dict.fromkeys(flags) if flag in known)


# --- reading ---------------------------------------------------------------------------------------------------------


def read(source: Source, rule: mbox.Rule | None = None) -> Iterator[Found | Skipped]:
    """Yield the messages of a source. `rule` is how an mbox quotes; None looks at the file itself."""
    try:
        if source.kind == "mbox":
            yield from _read_mbox(source, rule)
        else:
            yield _read_single(source)
    except OSError as error:
        yield Skipped(source.path, _why(error))


def _read_single(source: Source) -> Found | Skipped:
    if source.size > MAX_MESSAGE:
        return Skipped(source.path, "too large")
    with open(source.path, "rb") as file:
        octets = file.read(MAX_MESSAGE + 1)
    # Of a Maildir the file's time is where IMAP servers keep the internal date; the name has the time of delivery.
    at = int(source.modified) if source.kind == "maildir" else None
    return message(source.label, octets, source.path, int(source.modified), source.names, received=at)


def message(
    label: tuple[str, ...], octets: bytes, place: str, modified: int, names: tuple[str, ...] = (), *,
    received: int | None = None,
) -> Found | Skipped:  # fmt: skip
    """Return octets that are one message. `modified`: seconds, of a message that tells no date itself; `received`: of
    one whose date is known.
    """
    if len(octets) > MAX_MESSAGE:
        return Skipped(place, "too large")
    if not octets:
        return Skipped(place, "empty")
    envelope = b""
    if octets.startswith(b"From "):
        # A line of mbox that was left at the head of a single message; the file is given back with it.
        end = octets.find(b"\n", 0, mbox.MAX_ENVELOPE) + 1
        envelope, octets = octets[:end], octets[end:]
    at = _told(octets, envelope) if received is None else received
    return Found(label, octets, place, (modified if at is None else at) * 1000, names, envelope=envelope)


def _told(octets: bytes, envelope: bytes) -> int | None:
    told = mbox.MboxMessage(b"", envelope, b"", "mboxrd").received if envelope else None
    return _header_date(octets) if told is None else told


def _header_date(octets: bytes) -> int | None:
    """Return seconds of the newest Received field, else of Date: when the message came, as far as it tells."""
    header = Header(octets[:_HEADER_OCTETS])
    received = header.first("received")
    date = parse_date(received.rpartition(b";")[2]) if received is not None else None
    date = parse_date(header.first("date") or b"") if date is None else date
    return date[0] if date is not None and date[0] >= 0 else None


def _read_mbox(source: Source, rule: mbox.Rule | None) -> Iterator[Found | Skipped]:
    with open(source.path, "rb") as file:
        yield from boxed(file.read, source.label, source.path, rule)


def boxed(
    read_some: Callable[[int], bytes], label: tuple[str, ...], place: str, rule: mbox.Rule | None = None
) -> Iterator[Found | Skipped]:
    """Yield the messages of an mbox file that is read from its beginning, so many octets at a time."""
    first = read_some(_CHUNK)
    chunks = chain([first], iter(lambda: read_some(_CHUNK), b""))
    for number, one in enumerate(mbox.read(chunks, rule or _mbox_rule(first), MAX_MESSAGE), start=1):
        yield _from_mbox(label, one, f"{place} #{number}")


def looks_like_mail(first: bytes) -> Literal["mbox", "eml"] | None:
    """Say what a file that begins so is; None for what is no mail."""
    if first.startswith(b"From "):
        return "mbox"
    return "eml" if _FIELD.match(first) else None


def _mbox_rule(first: bytes) -> mbox.Rule:
    """Content-Length that is true for the first message tells mboxcl2; else quoting is undone (mboxrd)."""
    for message in mbox.read([first], "mboxcl2"):
        counted = re.search(
            rb"^content-length:[ \t]*(\d{1,12})", message.content[:_HEADER_OCTETS], re.IGNORECASE | re.MULTILINE
        )
        body = re.search(rb"\n\r?\n", message.content)
        if counted and body and len(message.content) - body.end() == int(counted[1]):
            return "mboxcl2"
        break
    return "mboxrd"


def _from_mbox(label: tuple[str, ...], message: mbox.MboxMessage, place: str) -> Found | Skipped:
    if message.truncated:
        return Skipped(place, "too large")
    if not message.content:
        return Skipped(place, "empty")
    names = _mbox_names(message.content)
    if names is None:
        return Skipped(place, "deleted at the source", failed=False)
    received = message.received
    received = _header_date(message.content) if received is None else received
    return Found(
        label, message.content, place, None if received is None else received * 1000, names, "mbox",
        message.envelope, message.separator, message.rule,
    )  # fmt: skip


def _mbox_names(content: bytes) -> tuple[str, ...] | None:
    """Return the keywords that mail programs write into the header; None when it is marked as expunged."""
    header = Header(content[:_HEADER_OCTETS])
    names: dict[str, None] = {}
    for value in (header.first("status"), header.first("x-status")):
        names.update((_STATUS[flag], None) for flag in _letters(value) if flag in _STATUS)
    mozilla = _hexadecimal(header.first("x-mozilla-status"))
    if mozilla & _MOZILLA_EXPUNGED:
        return None
    names.update((name, None) for bit, name in _MOZILLA if mozilla & bit)
    for field_name in ("x-keywords", "x-mozilla-keys"):
        value = header.first(field_name)
        names.update((name.decode("utf-8", "replace"), None) for name in (value or b"").split())
    return tuple(names)


def _letters(value: bytes | None) -> Sequence[bytes]:
    return [bytes([octet]) for octet in (value or b"").strip()[:20].upper()]


def _hexadecimal(value: bytes | None) -> int:
    text = (value or b"").strip()
    return int(text, 16) if re.fullmatch(rb"[0-9A-Fa-f]{1,8}", text) else 0


def _why(error: OSError) -> str:
    return f"cannot be read: {error.strerror or error}"
