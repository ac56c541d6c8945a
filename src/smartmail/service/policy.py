"""What policy says: the snapshot of rules that this process obeys, and questions to it.

STRATEGIES
  One immutable ruleset per process, swapped as a whole (AR-9). A hint on the bus, or a second
  without a look at the epoch, makes the next question look; so nobody asks about an epoch older than a second, a lost
  hint included, and no loop runs for it.
FAILURE
  An epoch that cannot be compiled (a newer program's) is logged; the last good one holds. Without any: Unavailable.
Must not know who may change policy (service.governing) nor what a door does with the answer.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from smartmail.base import log
from smartmail.domain.account import Account, Group
from smartmail.domain.errors import Invalid, MailError, Unavailable
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.organization import lineage
from smartmail.domain.policy import AccountPolicy, PolicyRule, Scope, Value
from smartmail.formats.address import split_address
from smartmail.policy import knobs
from smartmail.policy.deciding import Decision, Facts, Ruleset, Why, decide, explain
from smartmail.policy.knobs import CLIENT_DOORS, DOORS, GATED_DOORS, KNOBS, Knob
from smartmail.policy.mechanisms import WireFacts, mechanisms
from smartmail.ports.bus import Bus
from smartmail.ports.clock import Clock
from smartmail.ports.store import Store
from smartmail.service.clock import SECOND

__all__ = ["CLIENT_DOORS", "GATED_DOORS", "Effective", "Explained", "PolicyService", "WireFacts"]

V = TypeVar("V", bound=Value)

TOPIC = "policy"
FRESH_MS = SECOND
MAX_KNOWN = 10_000
"""Accounts whose scopes are remembered, some hundred octets each."""

SYSTEM = Scope("system")

_FIELDS: Mapping[str, Knob[Any]] = {
    "app_password_required": knobs.APP_PASSWORD_REQUIRED,
    "app_passwords": knobs.APP_PASSWORDS,
    "access_tokens": knobs.ACCESS_TOKENS,
    "client_certificates": knobs.CLIENT_CERTIFICATES,
    "login_record_days": knobs.LOGIN_RECORD_DAYS,
    "access_record_days": knobs.ACCESS_RECORD_DAYS,
    "admin_record_days": knobs.ADMIN_RECORD_DAYS,
    "password_min_length": knobs.PASSWORD_MIN_LENGTH,
    "session_hours": knobs.SESSION_HOURS,
    "session_idle_minutes": knobs.SESSION_IDLE_MINUTES,
    "session_concurrent": knobs.SESSION_CONCURRENT,
    "pop3_dele": knobs.POP3_DELE,
    "pop3_login_delay_seconds": knobs.POP3_LOGIN_DELAY,
    "quota_octets": knobs.QUOTA_OCTETS,
    "quota_over": knobs.QUOTA_OVER,
    "message_max_octets": knobs.MESSAGE_MAX_OCTETS,
    "message_max_recipients": knobs.MESSAGE_MAX_RECIPIENTS,
    "message_max_outside": knobs.MESSAGE_MAX_OUTSIDE,
    "message_warn_outside": knobs.MESSAGE_WARN_OUTSIDE,
    "day_max_outside": knobs.DAY_MAX_OUTSIDE,
    "day_warn_outside": knobs.DAY_WARN_OUTSIDE,
    "outside_over": knobs.OUTSIDE_OVER,
    "forward_external": knobs.FORWARD_EXTERNAL,
    "vacation": knobs.VACATION,
    "vacation_external": knobs.VACATION_EXTERNAL,
    "undo_max_seconds": knobs.UNDO_MAX_SECONDS,
    "sending_confirm": knobs.SENDING_CONFIRM,
    "recall_inside": knobs.RECALL_INSIDE,
    "sending_stop": knobs.SENDING_STOP,
    "sending_stop_points": knobs.SENDING_STOP_POINTS,
    "sending_stop_alike": knobs.SENDING_STOP_ALIKE,
    "sending_stop_owner": knobs.SENDING_STOP_OWNER,
    "sign_up_watch": knobs.SIGN_UP_WATCH,
    "sign_up_burst": knobs.SIGN_UP_BURST,
    "holidays_public": knobs.HOLIDAYS_PUBLIC,
    "holidays_own": knobs.HOLIDAYS_OWN,
    "sieve_scripts": knobs.SIEVE_SCRIPTS,
    "brand_logos": knobs.BRAND_LOGOS,
    "read_told": knobs.READ_TOLD,
    "sharing_anyone": knobs.SHARING_ANYONE,
    "sharing_between_domains": knobs.SHARING_BETWEEN_DOMAINS,
    "sharing_ask": knobs.SHARING_ASK,
    "sharing_mail": knobs.SHARING_MAIL,
    "vault_days": knobs.VAULT_DAYS,
    "trash_days": knobs.TRASH_DAYS,
    "detach": knobs.DETACH,
    "language": knobs.LANGUAGE,
    "languages": knobs.OFFERED_LANGUAGES,
    "spam_junk_score": knobs.SPAM_JUNK_SCORE,
    "spam_quarantine_score": knobs.SPAM_QUARANTINE_SCORE,
    "spam_reject_score": knobs.SPAM_REJECT_SCORE,
    "quarantine_days": knobs.QUARANTINE_DAYS,
    "quarantine_release": knobs.QUARANTINE_RELEASE,
    "quarantine_links": knobs.QUARANTINE_LINKS,
    "digest": knobs.DIGEST,
    "digest_hours": knobs.DIGEST_HOURS,
    "digest_zone": knobs.DIGEST_ZONE,
    "client_address": knobs.CLIENT_ADDRESS,
    "country_header": knobs.COUNTRY_HEADER,
    "sender_memory": knobs.SENDER_MEMORY,
    "home_countries": knobs.HOME_COUNTRIES,
    "abroad_aside": knobs.ABROAD_ASIDE,
    "signing_rotate_days": knobs.SIGNING_ROTATE_DAYS,
    "outside_send": knobs.OUTSIDE_SEND,
    "outside_receive": knobs.OUTSIDE_RECEIVE,
    "quota_grace_days": knobs.QUOTA_GRACE_DAYS,
    "quota_warn_percent": knobs.QUOTA_WARN_PERCENT,
    "quota_alarm_percent": knobs.QUOTA_ALARM_PERCENT,
    "junk_days": knobs.JUNK_DAYS,
    "inbox_days": knobs.INBOX_DAYS,
    "sent_days": knobs.SENT_DAYS,
    "retention_spares_starred": knobs.RETENTION_SPARES_STARRED,
    "retention_notice_days": knobs.RETENTION_NOTICE_DAYS,
    "export": knobs.EXPORT,
    "export_step_up": knobs.EXPORT_STEP_UP,
    "importing": knobs.IMPORT,
    "parcel_days": knobs.PARCEL_DAYS,
    "pull": knobs.PULL,
    "pull_most": knobs.PULL_MOST,
    "pull_minutes": knobs.PULL_MINUTES,
    "pull_delete": knobs.PULL_DELETE,
    "pull_plain": knobs.PULL_PLAIN,
    "print": knobs.PRINT,
    "watermark": knobs.WATERMARK,
    "route_flags": knobs.ROUTE_FLAGS,
    "offline": knobs.OFFLINE,
    "archive_key": knobs.ARCHIVE_KEY,
    "push_content": knobs.PUSH_CONTENT,
    "attachment_doors": knobs.ATTACHMENT_DOORS,
    "attachment_max_octets": knobs.ATTACHMENT_MAX_OCTETS,
    "footer_text": knobs.FOOTER_TEXT,
    "footer_where": knobs.FOOTER_WHERE,
    "footer_once": knobs.FOOTER_ONCE,
    "signature_text": knobs.SIGNATURE_TEXT,
    "signature_use": knobs.SIGNATURE_USE,
    "big_files": knobs.BIG_FILES,
    "big_files_switch_octets": knobs.BIG_FILES_SWITCH_OCTETS,
    "big_files_max_octets": knobs.BIG_FILES_MAX_OCTETS,
    "big_files_room_octets": knobs.BIG_FILES_ROOM_OCTETS,
    "big_files_days": knobs.BIG_FILES_DAYS,
    "big_files_downloads": knobs.BIG_FILES_DOWNLOADS,
    "big_files_password": knobs.BIG_FILES_PASSWORD,
    "big_files_countries": knobs.BIG_FILES_COUNTRIES,
    "big_files_per_recipient": knobs.BIG_FILES_PER_RECIPIENT,
    "big_files_inside": knobs.BIG_FILES_INSIDE,
    "big_files_view_only": knobs.BIG_FILES_VIEW_ONLY,
    "big_files_view_printing": knobs.BIG_FILES_VIEW_PRINTING,
    "contacts": knobs.CONTACTS,
    "contacts_max_cards": knobs.CONTACTS_MAX_CARDS,
    "contacts_max_octets": knobs.CONTACTS_MAX_OCTETS,
    "password_classes": knobs.PASSWORD_CLASSES,
    "password_history": knobs.PASSWORD_HISTORY,
    "password_max_age_days": knobs.PASSWORD_MAX_AGE_DAYS,
    "password_change_initial": knobs.PASSWORD_CHANGE_INITIAL,
    "password_change_later": knobs.PASSWORD_CHANGE_LATER,
    "password_breached_list": knobs.PASSWORD_BREACHED_LIST,
    "password_forbid_parts": knobs.PASSWORD_FORBID_PARTS,
    "password_forbid_runs": knobs.PASSWORD_FORBID_RUNS,
    "password_import_weak": knobs.PASSWORD_IMPORT_WEAK,
    "photographs": knobs.PHOTOGRAPHS,
    "lockout_tries": knobs.LOCKOUT_TRIES,
    "lockout_minutes": knobs.LOCKOUT_MINUTES,
    "connections_per_account": knobs.CONNECTIONS_PER_ACCOUNT,
    "commands_per_minute": knobs.COMMANDS_PER_MINUTE,
    "octets_read_per_hour": knobs.OCTETS_READ_PER_HOUR,
    "octets_written_per_hour": knobs.OCTETS_WRITTEN_PER_HOUR,
    "second_factor_required": knobs.SECOND_FACTOR_REQUIRED,
    "office_networks": knobs.OFFICE_NETWORKS,
    "second_factor_grace_days": knobs.SECOND_FACTOR_GRACE_DAYS,
    "second_factor_kinds": knobs.SECOND_FACTOR_KINDS,
    "certificate_revocation": knobs.CERTIFICATE_REVOCATION,
    "certificate_soft_hours": knobs.CERTIFICATE_SOFT_HOURS,
    "step_up_minutes": knobs.STEP_UP_MINUTES,
    "consent_required": knobs.CONSENT_REQUIRED,
    "known_device_notice": knobs.KNOWN_DEVICE_NOTICE,
    "session_admin_idle_minutes": knobs.SESSION_ADMIN_IDLE_MINUTES,
    "admin_networks": knobs.ADMIN_NETWORKS,
    "admin_separation": knobs.ADMIN_SEPARATION,
    "admin_two_person": knobs.ADMIN_TWO_PERSON,
    "admin_sole_wait_hours": knobs.ADMIN_SOLE_WAIT_HOURS,
    "admin_consent_hours": knobs.ADMIN_CONSENT_HOURS,
    "admin_independence_days": knobs.ADMIN_INDEPENDENCE_DAYS,
    "dormant_days": knobs.DORMANT_DAYS,
    "leaver_days": knobs.LEAVER_DAYS,
    "leaver_address_months": knobs.LEAVER_ADDRESS_MONTHS,
    "leaver_read_days": knobs.LEAVER_READ_DAYS,
}


@dataclass(frozen=True, slots=True)
class Explained:
    """Why a knob has its value for an account: every rule that names it, strongest first, and what became of it."""

    knob: str
    value: Value
    epoch: int
    rule: PolicyRule | None
    rules: tuple[tuple[PolicyRule, Why], ...]


@dataclass(frozen=True, slots=True)
class Effective:
    """Everything that holds for one account, each value with the rule that gave it (None: nobody set it)."""

    epoch: int
    knobs: Mapping[str, Decision[Any]]


@dataclass(frozen=True, slots=True)
class Standing:
    """How far this process is: the epoch that it obeys, since when, the newest that it has seen, why it obeys no newer."""

    epoch: int
    since: int
    seen: int
    error: str


@dataclass(frozen=True, slots=True)
class _Known:
    epoch: int
    place: tuple[object, ...]
    scopes: Mapping[Scope, int]


class PolicyService:
    """Answers for every door and every service."""

    def __init__(self, store: Store, clock: Clock, bus: Bus) -> None:
        self._store = store
        self._clock = clock
        self._rules: Ruleset | None = None
        self._seen = -1
        self._since = 0
        self._error = ""
        self._fresh_until = 0
        self._looking = asyncio.Lock()
        self._known: OrderedDict[AccountId, _Known] = OrderedDict()
        bus.subscribe(TOPIC, self._heard)

    async def ruleset(self) -> Ruleset:
        """Return the rules in force, as of a second ago at most. Raises Unavailable."""
        if self._rules is None or self._clock.now() >= self._fresh_until:
            async with self._looking:
                if self._rules is None or self._clock.now() >= self._fresh_until:
                    await self._look()
        assert self._rules is not None
        return self._rules

    async def of(self, account: Account) -> AccountPolicy:
        """Return everything that holds for an account now."""
        rules = await self.ruleset()
        return _compose(rules, await self._facts(rules, account))

    async def scopes_of(self, account: Account) -> Mapping[Scope, int]:
        """Return the scopes that an account lies in, with their priority."""
        return (await self._facts(await self.ruleset(), account)).scopes

    async def of_id(self, account_id: AccountId) -> AccountPolicy:
        """The same by id. Raises NotFound."""
        return await self.of(await self._store.account(account_id))

    async def of_place(self, organization_id: OrganizationId, domain: str, department: str = "") -> AccountPolicy:
        """Return what holds for somebody who shall have a place there but has no account yet."""
        scopes = _place_scopes(organization_id, domain)
        if department:
            _add_departments(scopes, organization_id, await self._above(organization_id, department))
        return _compose(await self.ruleset(), Facts(self._clock.now(), scopes))

    async def at_large(self) -> AccountPolicy:
        """Return what holds where nobody has said yet who they are: what is set for the system."""
        rules = await self.ruleset()
        return _compose(rules, self._nobody())

    async def value(self, account: Account, knob: Knob[V]) -> V:
        """Return one knob's value for an account."""
        rules = await self.ruleset()
        if not rules.levels(knob.name) & {"department", "group"}:
            # Nobody's seats and groups matter: for quotas of all accounts after each move that is worth a lot.
            scopes = _place_scopes(account.organization_id, split_address(account.login)[1])
            scopes[Scope("account", str(account.id))] = 0
            return decide(rules, knob, Facts(self._clock.now(), scopes)).value
        return decide(rules, knob, await self._facts(rules, account)).value

    async def value_at_large(self, name: str) -> Value:
        """Return a knob's value where nobody has said yet who they are. Raises Invalid (no such knob)."""
        if name not in KNOBS:
            raise Invalid(f"there is no knob {name!r}")
        return cast("Value", decide(await self.ruleset(), KNOBS[name], self._nobody()).value)

    async def value_of_place(self, name: str, organization_id: OrganizationId | None) -> Value:
        """Return a knob's value for an organisation as such, None: for the system. Raises Invalid (no such knob)."""
        if organization_id is None:
            return await self.value_at_large(name)
        if name not in KNOBS:
            raise Invalid(f"there is no knob {name!r}")
        scopes = {SYSTEM: 0, Scope("organization", str(organization_id)): 0}
        return cast("Value", decide(await self.ruleset(), KNOBS[name], Facts(self._clock.now(), scopes)).value)

    async def explain(self, account_id: AccountId, name: str) -> Explained:
        """Say why a knob has its value for an account. Raises NotFound, Invalid (no such knob)."""
        if name not in KNOBS:
            raise Invalid(f"there is no knob {name!r}")
        account = await self._store.account(account_id)
        rules = await self.ruleset()
        decision, about = explain(rules, KNOBS[name], await self._facts(rules, account))
        return Explained(name, decision.value, rules.epoch, decision.rule, tuple(about))

    async def effective(self, account_id: AccountId) -> Effective:
        """Return every knob's value for an account with where it came from. Raises NotFound."""
        account = await self._store.account(account_id)
        rules = await self.ruleset()
        facts = await self._facts(rules, account)
        return Effective(rules.epoch, {name: decide(rules, knob, facts) for name, knob in KNOBS.items()})

    async def standing(self) -> Standing:
        """Look whether there is a newer epoch, as of a second ago at most; return how far this process is.

        Raises Unavailable where it obeys none at all.
        """
        rules = await self.ruleset()
        return Standing(rules.epoch, self._since, self._seen, self._error)

    async def scopes_of_all(self, accounts: Sequence[Account]) -> dict[AccountId, Mapping[Scope, int]]:
        """Return the scopes of many accounts with their priorities: what `Facts` of each are made of."""
        groups: dict[AccountId, list[Group]] = {}
        for group in await self._store.groups():
            for member in await self._store.group_members(group.id):
                groups.setdefault(member, []).append(group)
        return {account.id: await self._scopes_with(account, groups.get(account.id, ())) for account in accounts}

    async def is_closed_for_some(self, door: str) -> bool:
        """Say whether any rule in force closes a door, for whomever."""
        knob = DOORS.get(door)
        return knob is not None and (await self.ruleset()).sets(knob.name, value=False, now=self._clock.now())

    async def mechanisms(self, door: str, wire: WireFacts) -> tuple[str, ...]:
        """Return the SASL mechanisms that a door offers before login, best first.

        Not a decision about anybody: each login is judged anew. A door that is closed for most may be open for some,
        so it offers what it has. Where the rules cannot be read now, those at hand hold.
        """
        try:
            rules = await self.ruleset()
        except MailError:
            rules = self._rules or Ruleset(0, ())
        large = _compose(rules, self._nobody())
        return mechanisms(
            door, wire, open_door=True, main_passwords=not large.app_password_required,
            app_passwords=large.app_passwords, tokens=large.access_tokens, certificates=large.client_certificates,
        )  # fmt: skip

    def _heard(self, _payload: str) -> None:
        self._fresh_until = 0

    async def _look(self) -> None:
        # The time before the look: a change during it is found by the next.
        now = self._clock.now()
        if self._rules is None or await self._store.policy_epoch() != self._seen:
            await self._read()
        self._fresh_until = now + FRESH_MS

    async def _read(self) -> None:
        epoch, rows = await self._store.policy_rules()
        try:
            rules = Ruleset(epoch, rows)
        except ValueError as error:
            log.event("policy.unreadable", epoch=epoch, detail=str(error))
            if self._rules is None:
                raise Unavailable(detail=f"epoch {epoch} of the policy cannot be obeyed: {error}") from error
            self._seen, self._error = epoch, str(error)
            return
        self._rules, self._seen, self._since, self._error = rules, epoch, self._clock.now(), ""
        if epoch:
            log.event("policy.applied", epoch=epoch)

    def _nobody(self) -> Facts:
        return Facts(self._clock.now(), {SYSTEM: 0})

    async def _facts(self, rules: Ruleset, account: Account) -> Facts:
        place = (account.organization_id, account.login, account.department)
        known = self._known.get(account.id)
        if known is None or known.epoch != rules.epoch or known.place != place:
            known = _Known(rules.epoch, place, await self._scopes(account))
            self._known[account.id] = known
            while len(self._known) > MAX_KNOWN:
                self._known.popitem(last=False)
        return Facts(self._clock.now(), known.scopes)

    async def _scopes(self, account: Account) -> Mapping[Scope, int]:
        return await self._scopes_with(account, await self._store.groups_of(account.id))

    async def _scopes_with(self, account: Account, groups: Sequence[Group]) -> Mapping[Scope, int]:
        scopes = _place_scopes(account.organization_id, split_address(account.login)[1])
        _add_departments(scopes, account.organization_id, (await self._store.standing(account.id)).departments)
        scopes[Scope("account", str(account.id))] = 0
        for group in groups:
            scopes[Scope("group", str(group.id))] = group.priority
        return scopes

    async def _above(self, organization_id: OrganizationId, department: str) -> dict[str, int]:
        """Return the department of a code or name and those above it, by code with their distance."""
        known = {one.id: one for one in await self._store.departments(organization_id)}
        named = [one for one in known.values() if one.code == department]
        named = named or [one for one in known.values() if one.name == department]
        return {one.code: far for found in named[:1] for far, one in enumerate(lineage(known, found.id))}


def _place_scopes(organization_id: OrganizationId, domain: str) -> dict[Scope, int]:
    return {SYSTEM: 0, Scope("organization", str(organization_id)): 0, Scope("domain", domain): 0}


def _add_departments(scopes: dict[Scope, int], organization_id: OrganizationId, above: Mapping[str, int]) -> None:
    """Add departments, so that the nearest is the strongest (KX-2); of two own ones the stricter rule holds."""
    for code, distance in above.items():
        scopes[Scope("department", f"{organization_id}:{code}")] = -distance


def _compose(rules: Ruleset, facts: Facts) -> AccountPolicy:
    doors = frozenset(door for door, knob in DOORS.items() if decide(rules, knob, facts).value)
    values = {name: decide(rules, knob, facts).value for name, knob in _FIELDS.items()}
    return AccountPolicy(epoch=rules.epoch, open_doors=doors, **values)
