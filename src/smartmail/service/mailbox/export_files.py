"""What an export writes: a directory of .eml files, a Maildir, or mbox files.

Must not know accounts or the store. Files are new ones always: nothing that exists is overwritten.
"""

import os
import re
from typing import BinaryIO, Literal, Protocol

from smartmail.service.mailbox.exporting import Exported
from smartmail.service.mailbox.import_names import encode_utf7

Form = Literal["eml", "maildir", "mbox"]

_UNSAFE = re.compile(r'[\x00-\x1f/\\:*?"<>|]')
"""Characters that one file system or another does not take."""
_MAILDIR_FLAGS = {"$draft": "D", "$flagged": "F", "$forwarded": "P", "$answered": "R", "$seen": "S"}
_MAX_NAME = 200


class Writer(Protocol):
    """Takes the messages of one mailbox after the other."""

    def begin(self, path: tuple[str, ...], role: str | None) -> None:
        """Begin a mailbox."""
        ...

    def add(self, message: Exported) -> int:
        """Write a message; return its octets. Raises OSError."""
        ...

    def close(self) -> None:
        """End the last mailbox."""
        ...


class _Places:
    """Paths below a directory, one for each mailbox: two names that come out alike get numbers."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._used: set[str] = set()

    def take(self, path: tuple[str, ...], suffix: str = "") -> str:
        place = os.path.join(self._target, *(safe_name(part) for part in path))
        unique, number = place, 1
        # Not all file systems tell capitals apart.
        while (unique + suffix).casefold() in self._used:
            number += 1
            unique = f"{place}~{number}"
        self._used.add((unique + suffix).casefold())
        return unique + suffix


class EmlWriter:
    """`DIR/Mailbox/Child/UID.eml`; the file's time is when the message was received."""

    def __init__(self, target: str) -> None:
        self._places = _Places(target)
        self._directory = target

    def begin(self, path: tuple[str, ...], role: str | None) -> None:
        self._directory = self._places.take(path)
        os.makedirs(self._directory, mode=0o700, exist_ok=True)

    def add(self, message: Exported) -> int:
        return _write(
            os.path.join(self._directory, f"{message.uid:08}.eml"), message.file_octets(), message.received_at
        )

    def close(self) -> None:
        return


class MaildirWriter:
    """Maildir++ at DIR: the inbox is the root, `Sent/2024` is `.Sent.2024`; flags in the names, dates in the times."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._directory = target

    def begin(self, path: tuple[str, ...], role: str | None) -> None:
        below = path[1:] if path[0] == "INBOX" else path
        name = "." + ".".join(encode_utf7(part).replace(".", "_").replace("/", "_") for part in below) if below else ""
        self._directory = os.path.join(self._target, name) if name else self._target
        for part in ("cur", "new", "tmp"):
            os.makedirs(os.path.join(self._directory, part), mode=0o700, exist_ok=True)
        if name:
            with open(os.path.join(self._directory, "maildirfolder"), "wb"):
                # Maildir++ marks its child directories with this empty file.
                pass

    def add(self, message: Exported) -> int:
        flags = "".join(sorted(_MAILDIR_FLAGS[name] for name in message.names if name in _MAILDIR_FLAGS))
        octets = message.file_octets()
        name = f"{message.received_at}.U{message.uid}.export,S={len(octets)}:2,{flags}"
        return _write(os.path.join(self._directory, "cur", name), octets, message.received_at)

    def close(self) -> None:
        return


class MboxWriter:
    """One file for one mailbox: FILE itself, or `DIR/Mailbox/Child.mbox` when there are several."""

    def __init__(self, target: str, *, single: bool) -> None:
        self._target = target
        self._places = _Places(target)
        self._single = single
        self._file: BinaryIO | None = None
        self._gap = b""

    def begin(self, path: tuple[str, ...], role: str | None) -> None:
        self.close()
        place = self._target if self._single else self._places.take(path, ".mbox")
        os.makedirs(os.path.dirname(os.path.abspath(place)), mode=0o700, exist_ok=True)
        self._file = os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb")
        self._gap = b""

    def add(self, message: Exported) -> int:
        assert self._file is not None
        octets = message.mbox_octets()
        self._file.write(self._gap + octets)
        # The last message of an old file may have had no empty line after it.
        self._gap = b"" if octets.endswith((b"\n\n", b"\n\r\n")) else b"\n" if octets.endswith(b"\n") else b"\n\n"
        return len(octets)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def open_writer(form: Form, target: str, *, single: bool) -> Writer:
    """Return the writer of a form. `single` says that only one mailbox comes."""
    if form == "eml":
        return EmlWriter(target)
    return MaildirWriter(target) if form == "maildir" else MboxWriter(target, single=single)


def safe_name(name: str) -> str:
    """Return a name that every file system takes and that never leaves its directory."""
    text = _UNSAFE.sub("_", name).strip()
    text = text.encode()[:_MAX_NAME].decode("utf-8", "ignore").rstrip(". ")
    return "_" + text if not text or text.startswith(".") else text


def _write(path: str, octets: bytes, received_at: int) -> int:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
        file.write(octets)
    os.utime(path, (received_at, max(0, received_at)))
    return len(octets)
