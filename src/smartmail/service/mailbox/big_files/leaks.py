"""Leak prevention at links that people make by hand: a file that must not leave has no link.

STRATEGIES  Judged by the one inspection as a letter to those whom the link is for. Who has a link that asks for no code can hand it
            on, so it counts as one to anyone outside.
FAILURE     Nobody waits at a link: what a rule wants to be held, answered or changed makes none. Without readable rules none either.
Must not know what a rule looks for. Links of a letter's own attachments are judged with the letter.
"""

from collections.abc import Sequence
from typing import Protocol

from smartmail.base.i18n import translate
from smartmail.domain.account import Account
from smartmail.domain.errors import PolicyRejected
from smartmail.service.mailbox.big_files.contents import Contents
from smartmail.service.mailbox.big_files.texts import OpenFile
from smartmail.service.protection.leaks import ANYONE, AutomaticLeaks


class LinkBlocked(PolicyRejected):
    """A leak rule lets a file have no link."""


class Asked(Protocol):
    """What is asked of a link that is to be made (`links.LinkWish`)."""

    @property
    def recipient(self) -> str: ...
    @property
    def code(self) -> bool: ...


class LinkLeaks:
    """Asks about files."""

    def __init__(self, leaks: AutomaticLeaks, contents: Contents) -> None:
        self._leaks = leaks
        self._contents = contents

    async def check(self, account: Account, file: OpenFile, wishes: Sequence[Asked]) -> None:
        """Raise LinkBlocked where a rule stops a file; what matched is an incident then. Raises Unavailable, NotFound."""

        async def read(start: int, length: int) -> bytes:
            return b"".join([piece async for piece in self._contents.pieces(file, start, start + length)])

        named = dict.fromkeys(one.recipient for one in wishes if one.recipient)
        handed_on = not all(one.code and one.recipient for one in wishes)
        recipients = [*named, ANYONE] if handed_on else list(named)
        # What has not come whole cannot be looked into: bytes that are missing make it a file that nobody could read.
        size = file.row.size
        if await self._leaks.stops_file(
            account.id, "link", account.login, recipients, file.text.name, file.text.media_type, size, read,
            whole=file.row.state != "coming",
        ):  # fmt: skip
            raise LinkBlocked(translate(account.language or "ko", "leaks.link"), reason="leak.blocked")
