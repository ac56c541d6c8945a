"""Subscription bombs: thousands of sign-up mails that shall hide one real mail from a person. They are set aside.

STRATEGIES  Automatic mail (RFC 3834, RFC 2919, RFC 2369, RFC 8058 fields, or a sender named no-reply) of a list or domain
            that has never written to this person, nor for a day and longer to anybody of the company, costs from a budget
            of the person: a list costs once, however many write to it. When the budget is out, such mail goes into a
            mailbox of its own for two hours more; mail of people, and of lists known before, stays where it belongs.
            The same step learns which senders' mail is proved and wanted, so that greylisting spares them.
            Old mail is no bomb: what was written days ago comes from another server (a move), what was fetched from a
            mailbox elsewhere lay there already. Both teach, and so do files
            that a person brings in. Policy (`sign-up-watch.mode`) may have all mail of a person
            or a company only teach while they move in, or nobody be watched.
LIMITS      A mail to several recipients is no sign-up mail: it is let alone.
SECURITY    Lists and domains that write to a person are kept as keyed hashes. What was set aside makes nobody known.
"""

import re
from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from smartmail.domain.account import Account
from smartmail.domain.defence import GreyRow
from smartmail.domain.ids import AccountId
from smartmail.domain.inspection import Inspection, Reason
from smartmail.formats.address import split_address
from smartmail.formats.headers import Header
from smartmail.formats.lookalike import registered
from smartmail.formats.seal import HASH_OCTETS, Purpose
from smartmail.formats.summary import Summary
from smartmail.policy import knobs
from smartmail.ports.bus import Bus
from smartmail.ports.clock import Clock
from smartmail.ports.store_defence import DefenceStore
from smartmail.service.kernel.clock import DAY, HOUR, SECOND
from smartmail.service.kernel.inspection.specimen import Specimen
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.protection.defence.background import Background
from smartmail.service.protection.defence.budgets import MOST, Buckets, Budget
from smartmail.service.protection.defence.greylist import Greylist
from smartmail.service.protection.defence.places import place_of

RULE: Final = "subscription-bomb"
TOPIC: Final = "defence-bombs"
EVERY_S: Final = 30.0
LASTS_MS: Final = 2 * HOUR
KNOWN_MS: Final = 180 * DAY
OLD_MS: Final = 2 * DAY
"""Nobody signs a person up today by a mail that was written before."""
COMPANY_MS: Final = 1 * DAY
"""Since when a list must have written to a company: those of a bomb write to one person after the other."""
MOST_BURSTS: Final = 16
MAX_LIST_ID: Final = 255
_LIST_ID: Final = re.compile(r"<([^<>\s]{1,255})>")
_FIELDS: Final = ("list-id", "list-unsubscribe", "list-help", "feedback-id", "x-auto-response-suppress")
_TOLD: Final = (*_FIELDS, "auto-submitted", "precedence")
_ROBOT: Final = re.compile(r"(?:no|do[-_.]?not)[-_.]?reply|mailer-daemon|notifications?|newsletter", re.IGNORECASE)


class BombWatch:
    """The last step of the chain of inspectors."""

    name = "defence"

    def __init__(
        self,
        store: DefenceStore,
        keyring: Keyring,
        policy: PolicyService,
        greylist: Greylist,
        bus: Bus,
        clock: Clock,
        background: Background,
    ) -> None:
        self._store = store
        self._keyring = keyring
        self._policy = policy
        self._greylist = greylist
        self._bus = bus
        self._clock = clock
        self._background = background
        self._budgets: OrderedDict[int, Buckets[AccountId]] = OrderedDict()
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

    async def teach(self, account: Account, letters: Sequence[Summary]) -> None:
        """A person brought these along from elsewhere: the lists among them are known. Never raises."""
        keys: set[bytes] = set()
        for summary in letters:
            header = Header(summary.header_fields(_TOLD) or b"")
            sender = next((one.address for one in summary.from_ if one.address), "")
            if sender and is_automatic(header, sender):
                keys.update(self._keys(header, sender, account)[0])
        if keys:
            self._background.start(self._store.know_senders(sorted(keys), self._clock.now() + KNOWN_MS))

    async def _weigh(self, specimen: Specimen, account: Account) -> None:
        policy, now = await self._policy.of(account), self._clock.now()
        if policy[knobs.SIGN_UP_WATCH] == "off":
            return
        own, company = self._keys(specimen.header, _sender(specimen), account)
        known = await self._store.known_senders([*own, *company], now)
        teaches = policy[knobs.SIGN_UP_WATCH] == "learn" or _is_old(specimen)
        if not known and not teaches and not self._admits(account.id, policy[knobs.SIGN_UP_BURST], now):
            specimen.findings.reasons.append(Reason(RULE, 0.0))
            return
        if not known & {*own}:
            self._background.start(self._store.know_senders(own, now + KNOWN_MS))
        if not known & {*company}:
            self._background.start(self._teach_company(company, now))

    def _admits(self, account_id: AccountId, burst: int, now: int) -> bool:
        """Take one from the budget of a person; False while they are bombed."""
        if now >= self._bombed.get(account_id, 0) and self._within(account_id, burst, now):
            return True
        self._bus.publish(TOPIC, f"{account_id} {now + LASTS_MS}")
        self._keep(account_id, now + LASTS_MS)
        return False

    def _within(self, account_id: AccountId, burst: int, now: int) -> bool:
        buckets = self._budgets.setdefault(burst, Buckets(Budget(burst, EVERY_S)))
        self._budgets.move_to_end(burst)
        while len(self._budgets) > MOST_BURSTS:
            self._budgets.popitem(last=False)
        return buckets.take(account_id, now)

    async def _teach_company(self, keys: list[bytes], now: int) -> None:
        """Make a list known to a company that has had mail from it for a day."""
        first = [await self._store.grey_first(GreyRow(key, now, now + KNOWN_MS), now) for key in keys]
        since = [key for key, at in zip(keys, first, strict=True) if at <= now - COMPANY_MS]
        if since:
            await self._store.know_senders(since, now + KNOWN_MS)

    def _heard(self, payload: str) -> None:
        account, _, until = payload.partition(" ")
        if account.isdecimal() and until.isdecimal():
            self._keep(AccountId(int(account)), min(int(until), self._clock.now() + LASTS_MS))

    def _keep(self, account_id: AccountId, until: int) -> None:
        self._bombed[account_id] = max(until, self._bombed.get(account_id, 0))
        self._bombed.move_to_end(account_id)
        while len(self._bombed) > MOST:
            self._bombed.popitem(last=False)

    def _keys(self, header: Header, sender: str, account: Account) -> tuple[list[bytes], list[bytes]]:
        """Return by what a person, and by what their company, knows who writes: the list, where it is one, and the domain."""
        domain, named = split_address(sender)[1].lower(), _list_id(header)
        said = [("domain", registered(domain))] if not named else [("list", named)]
        own = [self._key(b"first", account.id, domain)]  # as it was kept when there was nothing but domains
        own += [self._key(kind.encode(), account.id, name) for kind, name in said]
        return own, [self._key(b"company-" + kind.encode(), account.organization_id, name) for kind, name in said]

    def _key(self, kind: bytes, number: int, name: str) -> bytes:
        fields = (kind, b"%d" % number, name.encode("utf-8", "surrogatepass"))
        return self._keyring.installation_mac(Purpose.DEFENCE, *fields)[:HASH_OCTETS]


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


def _list_id(header: Header) -> str:
    """Return the identifier of the list that a mail came over (RFC 2919 §2), "" for none."""
    text = header.text("list-id") or ""
    found = _LIST_ID.search(text)
    return (found[1] if found else text.strip())[:MAX_LIST_ID].lower()


def _is_old(specimen: Specimen) -> bool:
    """Say whether a mail was written long before it came here, or lay in a mailbox elsewhere."""
    sent_at = specimen.summary.sent_at
    return specimen.source.pulled or (sent_at is not None and sent_at * SECOND < specimen.received_at - OLD_MS)


def _sender(specimen: Specimen) -> str:
    shown = [one.address for one in specimen.summary.addresses.from_ if one.address]
    return shown[0] if shown else specimen.reverse_path


def _proved(specimen: Specimen) -> bool:
    results = {one.method: one.result for one in specimen.findings.authentication}
    return specimen.findings.aligned or results.get("spf") == "pass"
