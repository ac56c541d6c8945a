"""What the services of account life stand on: the store, who may, who is told, and words for both."""

from datetime import date, datetime, timedelta, timezone
from typing import Final, TypeVar

from smartmail.base import log
from smartmail.base.i18n import translate
from smartmail.domain.account import Account
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Invalid, MailError, NotFound
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import SYSTEM_ORIGIN, Actor
from smartmail.ports.bus import Bus
from smartmail.ports.clock import Clock
from smartmail.service.identity.auth import AuthService
from smartmail.service.kernel.audit.texts import RecordTexts
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.notifications import Notices
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.kernel.push import Hints
from smartmail.service.people.account_life.store import Store
from smartmail.service.people.organization.ground import Ground

KOREA: Final = timezone(timedelta(hours=9))
MAX_TEXT: Final = 1_000
NO_COLLEAGUE: Final = "that is no active person of the company"


S_co = TypeVar("S_co", bound=Store, covariant=True)


class LifeGround(Ground[S_co]):
    """Shared by the services of this package."""

    def __init__(
        self, store: S_co, authority: Authority, keyring: Keyring, bus: Bus, clock: Clock, auth: AuthService,
        policy: PolicyService, texts: RecordTexts, notices: Notices, hints: Hints,
    ) -> None:  # fmt: skip
        super().__init__(store, authority, keyring, bus, clock)
        self.auth = auth
        self.policy = policy
        self.hints = hints
        self._texts = texts
        self._notices = notices

    async def may_change(self, actor: Actor, account_id: AccountId) -> Account:
        """Return an account that the actor administers. Raises Forbidden, NotFound."""
        await self.authority.require(actor, "account.change", Scope("account", str(int(account_id))))
        return await self.store.account(account_id)

    async def why(self, actor: Actor, action: str, account: Account, reason: str) -> AuditRecord:
        """Return the audit record of an act with its reason, sealed."""
        now, thing = self.clock.now(), f"account:{account.id}"
        text = None
        if reason:
            text = await self._texts.seal(account.organization_id, action, thing, now, {"reason": reason})
        return AuditRecord(now, actor.named, action, thing, actor.origin.address, text, actor.origin.door)

    def changed(self, account: Account) -> None:
        """Tell every process that an account lives otherwise: logins, directory, what follows from it, planned mail."""
        self.auth.changed(account)
        self.tell(account.organization_id)
        self.hints.queue_changed()

    async def inform(self, reader_id: AccountId, key: str, **words: str) -> None:
        """Send somebody a mail of the house (catalogue: `life.<key>.subject`, `.text`). What fails is logged alone."""
        try:
            reader = await self.store.account(reader_id)
            language = reader.language or "ko"
            subject = translate(language, f"life.{key}.subject", **words)
            await self._notices.send(reader, subject, translate(language, f"life.{key}.text", **words))
        except MailError as error:
            log.event("account.notify_failed", account=reader_id, kind=key, error=type(error).__name__)

    async def colleague(self, account: Account, other: AccountId) -> Account:
        """Return an active person of the same company. Raises Invalid."""
        found = await self.person_of(account.organization_id, other)
        if found.id == account.id:
            raise Invalid(NO_COLLEAGUE, reason="person.colleague")
        return found

    async def person_of(self, organization_id: OrganizationId, account_id: AccountId) -> Account:
        """Return an active person of a company. Raises Invalid: the same for a foreign one as for none at all."""
        try:
            found = await self.store.account(account_id)
        except NotFound:
            raise Invalid(NO_COLLEAGUE, reason="person.colleague") from None
        is_here = found.organization_id == organization_id and found.kind == "person"
        if not is_here or not found.may("login", self.clock.now()):
            raise Invalid(NO_COLLEAGUE, reason="person.colleague")
        return found


def house(organization_id: OrganizationId) -> Actor:
    """Return the actor of what the house does by itself, after somebody with the right to it has said so."""
    return Actor(AccountId(0), organization_id, "", is_admin=True, origin=SYSTEM_ORIGIN)


def end_of_day(day: date) -> int:
    """Return 24:00 of a day in Korea, in milliseconds."""
    return int(datetime(day.year, day.month, day.day, tzinfo=KOREA).timestamp() * 1000) + 24 * 3_600_000


def day_of(milliseconds: int) -> str:
    """Return the last whole day in Korea before a moment, for people."""
    return datetime.fromtimestamp((milliseconds - 1) / 1000, KOREA).date().isoformat()


def typed(text: str) -> str:
    """Return a text that somebody typed. Raises Invalid."""
    words = " ".join(text.split())
    if len(words) > MAX_TEXT or not (words.isprintable()):
        raise Invalid(f"a text has at most {MAX_TEXT} characters", reason="text.long", most=MAX_TEXT)
    return words
