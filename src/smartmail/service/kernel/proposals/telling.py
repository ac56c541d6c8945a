"""Who hears of a proposal: those who may consent, and its author where it happens by itself.

Failure: a notice that cannot be sent is logged; the proposal stands. Must not know how an act is done.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

from smartmail.base import log
from smartmail.base.i18n import translate
from smartmail.domain.account import Account
from smartmail.domain.errors import MailError, NotFound
from smartmail.domain.proposals import ProposalRow
from smartmail.ports.store_accounts import AccountStore
from smartmail.service.kernel.notifications import ADMINISTRATORS_MOST, Notices

SecondChannel = Callable[[Account, str, str], Awaitable[bool]]
"""Tells an account a subject and a text by its second channel; False where it has none."""


class ProposalNotices:
    """Writes them."""

    def __init__(self, store: AccountStore, notices: Notices, second_channel: SecondChannel) -> None:
        self._store = store
        self._notices = notices
        self.second_channel = second_channel

    async def asked(self, row: ProposalRow, deciders: Sequence[Account]) -> None:
        """Tell those who may consent."""
        for one in deciders[:ADMINISTRATORS_MOST]:
            await self._send(one, row, "asked", row.expires_at)

    async def waits(self, row: ProposalRow) -> None:
        """Tell the author that it happens by itself, and how to stop it: by the second channel and by mail."""
        await self._tell_author(row, "waits", row.due_at or row.expires_at, everywhere=True)

    async def ended(self, row: ProposalRow) -> None:
        """Tell the author what became of it."""
        await self._tell_author(row, row.state, row.decided_at or row.expires_at)

    async def _tell_author(self, row: ProposalRow, what: str, at: int, *, everywhere: bool = False) -> None:
        if not row.author:
            return
        try:
            author = await self._store.account(row.author)
        except NotFound:
            return
        await self._send(author, row, what, at, everywhere=everywhere)

    async def _send(self, reader: Account, row: ProposalRow, what: str, at: int, *, everywhere: bool = False) -> None:
        language = reader.language or "ko"
        values = {
            "number": str(row.id), "act": named_act(language, row.act), "who": row.named,
            "time": shown_time(at),
        }  # fmt: skip
        subject = translate(language, f"proposal.{what}.subject", **values)
        text = translate(language, f"proposal.{what}.text", **values)
        try:
            if everywhere:
                await self.second_channel(reader, subject, text)
            await self._notices.send(reader, subject, text)
        except MailError as error:
            log.event("proposal.notify_failed", proposal=row.id, error=type(error).__name__)


def shown_time(at: int) -> str:
    """Return a time (milliseconds) as notices say it."""
    return f"{datetime.fromtimestamp(at / 1000, UTC):%Y-%m-%d %H:%M} UTC"


def named_act(language: str, act: str) -> str:
    """Return what an act is called, or its bare name where no catalogue has it."""
    try:
        return translate(language, f"act.{act}")
    except KeyError:
        return act
