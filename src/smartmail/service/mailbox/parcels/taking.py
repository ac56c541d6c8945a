"""Making a parcel: mailboxes in one ZIP, as directories of .eml files or as an mbox each.

LIMITS      One message at a time is at hand, and the archive's directory. Octets are sealed as they come.
FAILURE     What cannot be read is named and left out; the others go on. Begun anew, what was made before is dropped first.
SECURITY    A message goes out octet by octet as it came in; names of files are made of subjects and never leave their directory.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from smartmail.base.i18n import translate
from smartmail.domain.account import Account
from smartmail.domain.mailbox import Mailbox
from smartmail.domain.principal import Actor
from smartmail.formats.zip_stream import ZipFile, ZipStream
from smartmail.service.mailbox.export_files import safe_name
from smartmail.service.mailbox.exporting import Exported, ExportService
from smartmail.service.mailbox.parcels.parts import PartWriter
from smartmail.service.mailbox.parcels.progress import Progress
from smartmail.service.mailbox.parcels.texts import ParcelText

_KOREA_MINUTES: Final = 9 * 60
_SUBJECT: Final = 80
_ASIDE: Final = 1 << 20
"""Octets from which a message is packed beside the loop."""


async def take(
    exports: ExportService, actor: Actor, account: Account, asked: ParcelText, out: PartWriter, progress: Progress
) -> None:
    """Write the parcel. Raises StorageFull, Unavailable, StateMismatch (another worker has it), NotFound (it is gone)."""
    language = account.language or "ko"
    held = await exports.mailboxes(actor, account.id)
    wanted = [one for one in held if not asked.mailboxes or one.row.id in asked.mailboxes]
    progress.total = sum(one.row.total for one in wanted)
    archive, places = ZipStream(_KOREA_MINUTES), _Places(held, language)
    for mailbox in wanted:
        place = places.of(mailbox)
        box = _Mbox(archive, f"{place}.mbox") if asked.form == "mbox" else None
        async for one in exports.messages(actor, account.id, mailbox, asked.since, asked.until or None):
            progress.done += 1
            if not isinstance(one, Exported):
                progress.fail(f"{place}/{one[0]}", one[1])
                continue
            if box is not None:
                await out.feed(await _aside(partial(box.add, at=one.received_at), one.mbox_octets()))
            else:
                name = f"{place}/{_file_name(one)}"
                await out.feed(await _aside(partial(archive.add, name, at=one.received_at), one.file_octets()))
            progress.taken += 1
        if box is not None:
            await out.feed(box.end())
    await out.feed(archive.finish())


async def _aside(pack: Callable[[bytes], bytes], octets: bytes) -> bytes:
    """Return octets packed; many of them beside the loop."""
    return await asyncio.to_thread(pack, octets) if len(octets) >= _ASIDE else pack(octets)


class _Mbox:
    """The file of one mailbox (RFC 4155): messages one behind the other, an empty line between them. A mailbox without
    mail has none.
    """

    def __init__(self, archive: ZipStream, name: str) -> None:
        self._archive = archive
        self._name = name
        self._file: ZipFile | None = None

    def add(self, octets: bytes, at: int) -> bytes:
        head = b""
        if self._file is None:
            self._file = self._archive.begin(self._name, at)
            head = self._file.head
        # The last message of an old file may have had no empty line after it.
        gap = b"" if octets.endswith((b"\n\n", b"\n\r\n")) else b"\n" if octets.endswith(b"\n") else b"\n\n"
        return head + self._file.feed(octets + gap)

    def end(self) -> bytes:
        return b"" if self._file is None else self._file.end()


class _Places:
    """Paths in the archive: roles in the person's language, and no two mailboxes alike."""

    def __init__(self, held: list[Mailbox], language: str) -> None:
        self._language = language
        self._by_path = {one.path: one for one in held}
        self._used: set[str] = set()

    def of(self, mailbox: Mailbox) -> str:
        path = mailbox.path
        names = [self._name(path[: depth + 1]) for depth in range(len(path))]
        place = unique = "/".join(safe_name(name) for name in names)
        number = 1
        # Not all file systems tell capitals apart.
        while unique.casefold() in self._used:
            number += 1
            unique = f"{place}~{number}"
        self._used.add(unique.casefold())
        return unique

    def _name(self, path: tuple[str, ...]) -> str:
        mailbox = self._by_path.get(path)
        role = mailbox.row.role if mailbox is not None else None
        return translate(self._language, f"parcel.mailbox.{role}") if role else path[-1]


def _file_name(one: Exported) -> str:
    """Return `20261127-0930 subject 17.eml`: sorted by time, told apart by UID."""
    when = (datetime.fromtimestamp(max(0, one.received_at), UTC) + timedelta(minutes=_KOREA_MINUTES)).strftime(
        "%Y%m%d-%H%M"
    )
    subject = "".join(char for char in one.summary.subject if char.isprintable())[:_SUBJECT].strip()
    return safe_name(f"{when} {subject} {one.uid}") + ".eml"
