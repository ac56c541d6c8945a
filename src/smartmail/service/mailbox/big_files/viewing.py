"""Showing big files to whoever may look at them and not have them (보기 전용).

NAME       viewing
STATES     Before a look is counted the file is drawn once: what cannot be shown uses nothing up. Under its ticket it is drawn
           again as often as somebody turns the page, while the link lives and `VIEW_MS` have not passed.
LIMITS     previewing.MAX_OCTETS of a file; AT_ONCE of them are drawn by a process, WAITING more may wait.
FAILURE    Unavailable where too many wait or no child comes up.
SECURITY   No octet of the file is handed on: a killable child draws it, with the mark in every picture (formats.layout.views).
           Who looks at a screen can photograph it: the mark says whose screen it was.
"""

import asyncio
from dataclasses import dataclass
from typing import Final

from smartmail.domain.errors import Unavailable
from smartmail.domain.principal import Origin
from smartmail.formats.extract.kinds import kind_of
from smartmail.formats.layout.making import picture_type
from smartmail.formats.layout.model import View
from smartmail.policy import knobs
from smartmail.ports.clock import Clock
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.mailbox import previewing
from smartmail.service.mailbox.big_files.contents import Contents
from smartmail.service.mailbox.big_files.giving import Ticket
from smartmail.service.mailbox.big_files.letters import date_text
from smartmail.service.mailbox.big_files.texts import OpenFile
from smartmail.service.mailbox.previewing import PreviewService

AT_ONCE: Final = 2
WAITING: Final = 8
HEAD: Final = 4096


@dataclass(frozen=True, slots=True)
class Look:
    """What is shown, to whom and when; `printing`: policy lets it be printed."""

    view: View
    recipient: str
    time: str
    address: str
    printing: bool


class Viewing:
    """Draws."""

    def __init__(self, contents: Contents, previews: PreviewService, policy: PolicyService, clock: Clock) -> None:
        self._contents = contents
        self._previews = previews
        self._policy = policy
        self._clock = clock
        self._free = asyncio.Semaphore(AT_ONCE)
        self._here = 0

    async def may_show(self, file: OpenFile) -> bool:
        """Say whether files of this kind are shown at all, from their first octets. Raises NotFound, Unavailable."""
        if file.row.size > previewing.MAX_OCTETS:
            return False
        head = b"".join([piece async for piece in self._contents.pieces(file, 0, HEAD)])
        kind = kind_of(head, file.text.media_type, file.text.name)
        return kind not in {"none", "unsupported"} or picture_type(head) is not None

    async def shows(self, file: OpenFile) -> bool:
        """Say whether something of it can be shown. Raises NotFound, Unavailable."""
        return await self.may_show(file) and _says(await self._drawn(file, "", 0))

    async def look(self, ticket: Ticket, origin: Origin, first: int) -> Look | None:
        """Return what is shown, of a PDF from page `first` on; None for nothing. Raises NotFound, Unavailable."""
        offer, now = ticket.offer, date_text(self._clock.now())
        recipient = offer.text.recipient
        mark = " ".join(one for one in (recipient, now, origin.address) if one)
        view = await self._drawn(offer.file, mark, first)
        if view is None or not _says(view):
            return None
        policy = await self._policy.of(offer.owner)
        return Look(view, recipient, now, origin.address, policy[knobs.BIG_FILES_VIEW_PRINTING])

    async def _drawn(self, file: OpenFile, mark: str, first: int) -> View | None:
        if file.row.size > previewing.MAX_OCTETS:
            return None
        if self._here >= AT_ONCE + WAITING:
            raise Unavailable("other files are being drawn")
        self._here += 1
        try:
            async with self._free:
                octets = b"".join([piece async for piece in self._contents.pieces(file)])
                return await self._previews.view(file.text.media_type, file.text.name, octets, mark, first)
        finally:
            self._here -= 1


def _says(view: View | None) -> bool:
    return view is not None and bool(view.layout or view.pages or view.text)
