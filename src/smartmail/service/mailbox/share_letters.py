"""Mail that tells people what is shared with them, and that it has ended: what there is to tell.

NAME        share letters
PURPOSE     Note for whoever is given mail of others what, whose, as what and until when; for both sides that a share has
            ended by itself. share_letter_work writes the letters, behind the answer. Must not decide anything.
STRATEGIES  What one act gives of several mailboxes is told in one letter (`together`).
FAILURE     What cannot be noted is logged alone; what was given stands. A process killed between an act and its note
            loses the letter, never the share.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar

from smartmail.base import log
from smartmail.domain.errors import MailError
from smartmail.domain.ids import AccountId, MailboxId
from smartmail.domain.rights import Grant, Grantee
from smartmail.domain.share_letters import NOBODY, ShareLetter, ShareLetterKind
from smartmail.ports.clock import Clock
from smartmail.ports.store_share_letters import ShareLetterStore
from smartmail.service.mailbox.sharing.telling import Given

_GATHERED: ContextVar[list[Given] | None] = ContextVar("share letters", default=None)
ID_OCTETS = 16


class ShareLetters:
    """Notes them (service.mailbox.sharing.telling.ShareTelling)."""

    def __init__(self, store: ShareLetterStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    @asynccontextmanager
    async def together(self) -> AsyncIterator[None]:
        """Tell what is given inside in one letter to each person, when it is over."""
        gathered: list[Given] = []
        token = _GATHERED.set(gathered)
        try:
            yield
        finally:
            _GATHERED.reset(token)
            await self._note(self._given(gathered))

    async def given(self, one: Given) -> None:
        """Tell of something that was given."""
        gathered = _GATHERED.get()
        if gathered is not None:
            gathered.append(one)
        else:
            await self._note(self._given([one]))

    async def ended(self, grant: Grant, owners: list[AccountId]) -> None:
        """Tell whoever had it and whose it is that a share has ended."""
        readers = tuple(dict.fromkeys([grant.account_id, *owners]))
        boxes = (grant.mailbox_id,)
        await self._note([
            self._letter("ended", NOBODY, grant, boxes), self._letter("over", NOBODY, grant, boxes, readers)
        ])  # fmt: skip

    def _given(self, every: list[Given]) -> list[ShareLetter]:
        """Return one letter for all that is given alike to the same people by the same person."""
        alike: dict[tuple[AccountId, AccountId, Grantee, frozenset[str], int], list[Given]] = {}
        for one in every:
            grant = one.grant
            key = (one.by, grant.account_id, grant.grantee, grant.rights, grant.ends_at)
            alike.setdefault(key, []).append(one)
        return [
            self._letter("given", some[0].by, some[0].grant, tuple(each.grant.mailbox_id for each in some))
            for some in alike.values()
        ]

    def _letter(
        self, kind: ShareLetterKind, by: AccountId, grant: Grant, boxes: tuple[MailboxId, ...],
        readers: tuple[AccountId, ...] = (),
    ) -> ShareLetter:  # fmt: skip
        return ShareLetter(
            self._clock.random(ID_OCTETS), grant.account_id, kind, by, grant.grantee, grant.rights, grant.ends_at, boxes,
            readers, self._clock.now(),
        )  # fmt: skip

    async def _note(self, rows: list[ShareLetter]) -> None:
        if not rows:
            return
        try:
            await self._store.add_share_letters(rows)
        except MailError as error:
            log.event("share.notify_failed", account=rows[0].account_id, error=error.code)
