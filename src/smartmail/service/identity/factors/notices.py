"""What owners are told about how their account was opened: by mail, in their language.

A notice that cannot be queued is logged alone: no login fails for it.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final

from smartmail.base import log
from smartmail.base.i18n import translate
from smartmail.domain.account import Account
from smartmail.domain.errors import MailError
from smartmail.ports.clock import Clock
from smartmail.service.identity.factors.challenges import Page

Send = Callable[[Account, str, str], Awaitable[None]]
"""(reader, subject, text): queues one mail of the house."""
AGENT_MOST: Final = 200


class FactorNotices:
    """Writes them."""

    def __init__(self, send: Send, clock: Clock) -> None:
        self._send = send
        self._clock = clock

    async def recovery_used(self, account: Account, page: Page, left: int) -> None:
        """A recovery code has opened the account."""
        await self._tell(account, "recovery", page, left=left)

    async def wrong_factors(self, account: Account, page: Page) -> None:
        """Somebody has the password, and not the second factor."""
        await self._tell(account, "wrong", page)

    async def new_device(self, account: Account, page: Page) -> None:
        """The account was opened from a browser that it did not know."""
        await self._tell(account, "device", page)

    async def elsewhere(self, account: Account, page: Page) -> None:
        """Somebody proved everything and was refused, because the account is signed in elsewhere (BR-24)."""
        await self._tell(account, "elsewhere", page)

    async def changed(self, account: Account, page: Page, what: str) -> None:
        """A second factor came or went, or the password was set by another way: `what` is a key `proof.what.…`."""
        language = account.language or "ko"
        await self._tell(account, "changed", page, what=translate(language, f"proof.what.{what}"))

    async def _tell(self, account: Account, key: str, page: Page, **values: object) -> None:
        language = account.language or "ko"
        at = datetime.fromtimestamp(self._clock.now() / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
        places = {
            "address": account.login, "at": at, "place": page.origin.address or "-",
            "agent": page.agent[:AGENT_MOST] or "-", **values,
        }  # fmt: skip
        subject = translate(language, f"proof.notice.{key}.subject", **places)
        text = translate(language, f"proof.notice.{key}", **places)
        try:
            await self._send(account, subject, text)
        except MailError as error:
            log.event("factor.notify_failed", account=account.id, notice=key, error=type(error).__name__)
