"""Subscription bombs: thousands of sign-up mails that shall hide one real mail from a person. They are set aside.

STRATEGIES  Automatic mail (RFC 3834, RFC 2919, RFC 2369, RFC 8058 fields, or a sender named no-reply) of a domain that has
            never written to this person costs from a budget of the person. When it is out, such mail goes into a mailbox
            of its own for two hours more; mail of people, and of domains known before, stays where it belongs.
            The same step learns which senders' mail is proved and wanted, so that greylisting spares them.
LIMITS      A mail to several recipients is no sign-up mail: it is let alone.
SECURITY    Domains that write to a person are kept as keyed hashes. What was set aside makes no domain known.
"""

import re
from collections import OrderedDict
from typing import Final

from smartmail.base.i18n import translate
from smartmail.domain.account import Account
from smartmail.domain.errors import AlreadyExists, MailError, NotFound
from smartmail.domain.ids import AccountId, MailboxId
from smartmail.domain.inspection import Inspection, Reason
from smartmail.domain.principal import system_actor
from smartmail.formats.address import split_address
from smartmail.formats.headers import Header
from smartmail.formats.seal import HASH_OCTETS, Purpose
from smartmail.ports.bus import Bus
from smartmail.ports.clock import Clock
from smartmail.ports.store import Store
from smartmail.service.clock import DAY, HOUR
from smartmail.service.defence.background import Background
from smartmail.service.defence.bans import Bans
from smartmail.service.defence.budgets import MOST, Buckets, Budget
from smartmail.service.defence.greylist import Greylist
from smartmail.service.defence.places import place_of
from smartmail.service.inspection.specimen import Specimen
from smartmail.service.keyring import Keyring
from smartmail.service.mailstore.mailboxes import MailboxService

RULE: Final = "subscription-bomb"
TOPIC: Final = "defence-bombs"
EVERY_S: Final = 30.0
LASTS_MS: Final = 2 * HOUR
KNOWN_MS: Final = 180 * DAY
_FIELDS: Final = ("list-id", "list-unsubscribe", "list-help", "feedback-id", "x-auto-response-suppress")
_ROBOT: Final = re.compile(r"(?:no|do[-_.]?not)[-_.]?reply|mailer-daemon|notifications?|newsletter", re.IGNORECASE)


class BombWatch:
    """The last step of the chain of inspectors."""

    name = "defence"

    def __init__(
        self,
        store: Store,
        keyring: Keyring,
        bans: Bans,
        greylist: Greylist,
        bus: Bus,
        clock: Clock,
        background: Background,
    ) -> None:
        self._store = store
        self._keyring = keyring
        self._bans = bans
        self._greylist = greylist
        self._bus = bus
        self._clock = clock
        self._background = background
        self._burst = 0
        self._budgets: Buckets[AccountId] = Buckets(Budget(1, EVERY_S))
        self._bombed: OrderedDict[AccountId, int] = OrderedDict()
        bus.subscribe(TOPIC, self._heard)

    async def examine(self, specimen: Specimen) -> None:
        """Set a mail aside, or learn from it."""
        if specimen.findings.act != "deliver":
            return
        place = place_of(specimen.source.address)
        if place is not None and _proved(specimen):
            self._greylist.learn(place, specimen.reverse_path)
        account = specimen.accounts[0] if len(specimen.accounts) == 1 else None
        if account is not None and is_automatic(specimen.header, _sender(specimen)):
            await self._weigh(specimen, account)

    async def _weigh(self, specimen: Specimen, account: Account) -> None:
        now = self._clock.now()
        key = self._key(account.id, split_address(_sender(specimen))[1])
        if await self._store.known_senders([key], now):
            return
        if now < self._bombed.get(account.id, 0) or not self._within(account.id, now):
            self._bus.publish(TOPIC, f"{account.id} {now + LASTS_MS}")
            self._keep(account.id, now + LASTS_MS)
            specimen.findings.reasons.append(Reason(RULE, 0.0))
            return
        self._background.start(self._store.know_senders([key], now + KNOWN_MS))

    def _within(self, account_id: AccountId, now: int) -> bool:
        burst = self._bans.settings.bomb_burst
        if burst != self._burst:
            self._burst, self._budgets = burst, Buckets(Budget(burst, EVERY_S))
        return self._budgets.take(account_id, now)

    def _heard(self, payload: str) -> None:
        account, _, until = payload.partition(" ")
        if account.isdecimal() and until.isdecimal():
            self._keep(AccountId(int(account)), min(int(until), self._clock.now() + LASTS_MS))

    def _keep(self, account_id: AccountId, until: int) -> None:
        self._bombed[account_id] = max(until, self._bombed.get(account_id, 0))
        self._bombed.move_to_end(account_id)
        while len(self._bombed) > MOST:
            self._bombed.popitem(last=False)

    def _key(self, account_id: AccountId, domain: str) -> bytes:
        fields = (b"first", b"%d" % account_id, domain.lower().encode("utf-8", "surrogatepass"))
        return self._keyring.installation_mac(Purpose.DEFENCE, *fields)[:HASH_OCTETS]


class Aside:
    """Finds or makes the mailbox for what is set aside; `name` is the key of its name in the catalogues."""

    def __init__(self, mailboxes: MailboxService, name: str = "defence.aside") -> None:
        self._mailboxes = mailboxes
        self._name = name

    async def mailbox(self, account: Account) -> MailboxId | None:
        """Return it, None where it cannot be made: the mail then stays in the inbox."""
        actor = system_actor(account.id, account.organization_id)
        path = (translate(account.language or "ko", self._name),)
        try:
            return (await self._mailboxes.find(actor, account.id, path)).row.id
        except NotFound:
            pass
        try:
            return (await self._mailboxes.create_path(actor, account.id, path)).id
        except AlreadyExists:
            return (await self._mailboxes.find(actor, account.id, path)).row.id
        except MailError:
            return None


def is_set_aside(inspection: Inspection | None) -> bool:
    """Say whether a message belongs to a subscription bomb."""
    return inspection is not None and any(reason.rule == RULE for reason in inspection.reasons)


def is_automatic(header: Header, sender: str) -> bool:
    """Say whether a program wrote a message, as sign-up mails are."""
    if any(header.first(name) is not None for name in _FIELDS):
        return True
    submitted = (header.text("auto-submitted") or "no").strip().lower()
    if not submitted.startswith("no"):
        return True
    if (header.text("precedence") or "").strip().lower() in {"bulk", "list", "junk"}:
        return True
    return _ROBOT.search(split_address(sender)[0][:64]) is not None


def _sender(specimen: Specimen) -> str:
    shown = [one.address for one in specimen.summary.addresses.from_ if one.address]
    return shown[0] if shown else specimen.reverse_path


def _proved(specimen: Specimen) -> bool:
    results = {one.method: one.result for one in specimen.findings.authentication}
    return specimen.findings.aligned or results.get("spf") == "pass"
