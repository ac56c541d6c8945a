"""Witnesses of an act that nobody else could consent to: told before it happens, and able to stop it.

STRATEGIES  Everybody who administers the organisation, or did lately, gets a link by mail and by the second channel. It is
            good once, until the act is due, and needs no login: who was shut out a minute ago can still object.
FAILURE     A witness whom the author, or a hand of the author, shut out and whom nothing reaches any more: then there is no
            waiting time, the act is refused, and the command line is the way. Otherwise who suspends the others first would
            be alone with the clock.
SECURITY    Links are kept as hashes and never open anything but the page that asks once more.
Must not know what the act is.
"""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol

from smartmail.base import log
from smartmail.base.i18n import translate
from smartmail.domain.account import Account
from smartmail.domain.errors import AuthFailed, Forbidden, MailError
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.independence import Witness
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_settings import OnceStore
from smartmail.service.kernel.independence import Independence
from smartmail.service.kernel.notifications import Notices
from smartmail.service.kernel.proposals.telling import SecondChannel, shown_time


class _Store(AccountStore, OnceStore, Protocol): ...


PURPOSE: Final = "objection"

Reaches = Callable[[Account], Awaitable[bool]]
"""Says whether an account has a second channel."""
Objected = Callable[[int, Account], Awaitable[None]]
"""Stops what waits under a number, as a witness. Raises AlreadyExists where it waits no more."""


class Witnesses:
    """Finds them, tells them, takes their objections."""

    def __init__(
        self, store: _Store, clock: Clock, independence: Independence, notices: Notices, site: str, channel: SecondChannel,
        reaches: Reaches,
    ) -> None:  # fmt: skip
        self._store = store
        self._clock = clock
        self._independence = independence
        self._notices = notices
        self._site = site
        self._stops: dict[str, Objected] = {}
        self.second_channel, self.reaches = channel, reaches

    def stops(self, kind: str, stop: Objected) -> None:
        """Let objections of a kind do something. Raises ValueError where the kind is taken."""
        if kind in self._stops:
            raise ValueError(f"two services take objections of {kind}")
        self._stops[kind] = stop

    async def gather(self, organization_id: OrganizationId, author: AccountId) -> list[Account]:
        """Return who has to be told before something happens by itself. Raises Forbidden (see FAILURE)."""
        found = await self._independence.witnesses(organization_id, author)
        for account, witness in found:
            if await self._is_silenced(account, witness, author):
                raise Forbidden(
                    f"{account.login} was an administrator until you, or somebody tied to you, took that away, and cannot be"
                    " told of this: it is done on the command line",
                    reason="witness.silenced",
                    login=account.login,
                )
        return [account for account, _ in found]

    async def tell(
        self, witnesses: Sequence[Account], kind: str, number: int, until: int, about: Callable[[str], dict[str, str]]
    ) -> None:
        """Tell each, with a link to object by. `about`: words of the texts `<kind>.witness.*` in a language."""
        for account in witnesses:
            token = self._clock.random(24).hex()
            await self._store.put_once(_hash(token), f"{PURPOSE}:{kind}:{number}:{account.id}", until)
            language = account.language or "ko"
            words = {
                "number": str(number), "time": shown_time(until), "link": f"{self._site}/proof#object={token}",
                **about(language),
            }  # fmt: skip
            subject = translate(language, f"{kind}.witness.subject", **words)
            text = translate(language, f"{kind}.witness.text", **words)
            try:
                await self.second_channel(account, subject, text)
                await self._notices.send(account, subject, text)
            except MailError as error:
                log.event("proposal.notify_failed", proposal=number, error=type(error).__name__)

    async def object(self, token: str) -> None:
        """Stop what a link is for. Raises AuthFailed (used, unknown, too late), AlreadyExists (it is decided)."""
        purpose = await self._store.use_once(_hash(token))
        word, _, rest = (purpose or "").partition(":")
        kind, _, numbers = rest.partition(":")
        if word != PURPOSE or kind not in self._stops:
            raise AuthFailed(reason="ended")
        number, _, account_id = numbers.partition(":")
        await self._stops[kind](int(number), await self._store.account(AccountId(int(account_id))))

    async def _is_silenced(self, account: Account, witness: Witness, author: AccountId) -> bool:
        if witness.lost_by is None or account.may("login", self._clock.now()):
            return False
        if witness.lost_by != author and await self._independence.tie(author, witness.lost_by) is None:
            return False
        return not await self.reaches(account)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
