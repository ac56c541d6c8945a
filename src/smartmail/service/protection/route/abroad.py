"""A mailbox of its own for mail from abroad (KA-33), for who wants it.

STRATEGIES  Mail is from abroad when the host that it verifiably came from lies in a country that is not home (knob
            `country.home`); what is unknown, or came from a private network, is not. Policy decides (`abroad.aside` on or
            off) or leaves it to the person, whose wish is a setting of the account.
            A person's filters come after: only what they leave where it is goes there.
FAILURE     Where the mailbox cannot be made the mail stays in the inbox.
SECURITY    Nothing of a message is kept; spam and what is held go their own way.
"""

from dataclasses import dataclass
from typing import Final, Literal, Protocol

from smartmail.domain.account import Account
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Forbidden, MailError
from smartmail.domain.ids import AccountId, MailboxId
from smartmail.domain.inspection import Inspection
from smartmail.domain.principal import Actor
from smartmail.policy import knobs
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_settings import SettingStore
from smartmail.service.kernel.policy import PolicyService


class Aside(Protocol):
    """Finds or makes the mailbox in which mail lies apart; None: it stays in the inbox."""

    async def mailbox(self, account: Account, /) -> MailboxId | None: ...


class _Store(AccountStore, SettingStore, Protocol): ...


SCOPE: Final = "abroad-aside"
PRIVATE: Final = "-"
_ON: Final = "true"


@dataclass(frozen=True, slots=True)
class AbroadWish:
    """Whether mail from abroad lies apart, who says so, and which countries are home."""

    apart: bool
    by: Literal["person", "policy"]
    home: tuple[str, ...]


class AbroadService:
    """Knows what people want, and where such mail goes."""

    def __init__(self, store: _Store, policy: PolicyService, aside: Aside, clock: Clock) -> None:
        self._store = store
        self._policy = policy
        self._aside = aside
        self._clock = clock

    async def wish(self, account_id: AccountId) -> AbroadWish:
        """Return what holds for an account. Raises NotFound."""
        policy = await self._policy.of_id(account_id)
        if policy[knobs.ABROAD_ASIDE] != "personal":
            return AbroadWish(policy[knobs.ABROAD_ASIDE] == "on", "policy", policy[knobs.HOME_COUNTRIES])
        kept = await self._store.setting(SCOPE, str(int(account_id)))
        return AbroadWish(kept == _ON, "person", policy[knobs.HOME_COUNTRIES])

    async def set_wish(self, actor: Actor, *, apart: bool) -> AbroadWish:
        """Say whether one's own mail from abroad shall lie apart. Raises Forbidden where policy says it."""
        if (await self.wish(actor.account_id)).by == "policy":
            raise Forbidden("the company decides where mail from abroad goes", reason="abroad.company")
        account = str(int(actor.account_id))
        record = AuditRecord(
            self._clock.now(), actor.named, "abroad.apart" if apart else "abroad.together", f"account:{account}",
            actor.origin.address, door=actor.origin.door,
        )  # fmt: skip
        await self._store.put_setting(SCOPE, account, _ON if apart else None, audit=record)
        return await self.wish(actor.account_id)

    async def mailbox(self, account_id: AccountId, inspection: Inspection | None) -> MailboxId | None:
        """Return the mailbox for a message from abroad, None for what goes to the inbox."""
        country = "" if inspection is None else inspection.country
        if country in ("", PRIVATE):
            return None
        try:
            wish = await self.wish(account_id)
            if not wish.apart or country in wish.home:
                return None
            return await self._aside.mailbox(await self._store.account(account_id))
        except MailError:
            return None
