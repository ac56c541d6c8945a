"""NAME
    reviewing: the monthly look at access records (안전성 확보조치 기준 제8조, KA-43)

STATES
    Of a review: made (on the 1st, Korea's time, for the month before) → assigned → signed with a comment; overdue when
    it is not signed within seven days: then the log and the administrators are told, once.

STRATEGIES
    One pass over the month's facts as they were copied into the chain; what else is needed (how long an account had been
    asleep, whether an export has a reason) is looked up for the few that it concerns.

SECURITY
    Findings and comment are sealed under the organisation's key. Who signs needs `review.sign`; nobody signs twice.

Must not know how records came to be.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from smartmail.base import log
from smartmail.base.i18n import translate
from smartmail.domain.account import Account
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Invalid, MailError, NotFound
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.domain.records import ReviewRow
from smartmail.formats.seal import Kind, SealError
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_audit import AuditStore
from smartmail.ports.store_directory import DirectoryStore
from smartmail.ports.store_records import RecordStore
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.notifications import ADMINISTRATORS_MOST, Notices
from smartmail.service.operations.records.counting import MonthCounts, month_before


class _Store(AccountStore, AuditStore, DirectoryStore, RecordStore, Protocol): ...


DUE_DAYS: Final = 7
ASLEEP_DAYS: Final = 90
PAGE: Final = 5_000
_LAST: Final = (1 << 62) - 1
MAX_LISTED: Final = 240
ALARMED: Final = 6
"""The newest reviews of an organisation that are looked at for being overdue."""


@dataclass(frozen=True, slots=True)
class Review:
    """A review, opened. `body`: findings by name, each with `total` and `top` (pairs of name and number)."""

    row: ReviewRow
    body: dict[str, Any]
    comment: str


class ReviewService:
    """Makes, shows, assigns and signs reviews."""

    def __init__(self, store: _Store, authority: Authority, keyring: Keyring, notices: Notices, clock: Clock) -> None:
        self._store = store
        self._authority = authority
        self._keyring = keyring
        self._notices = notices
        self._clock = clock

    # --- jobs ---

    async def turn(self) -> int:
        """Make the reviews of the month before that are not there yet, tell of overdue ones; return how many were made."""
        now, made = self._clock.now(), 0
        month, since, until = month_before(now)
        for organization in await self._store.organizations():
            rows = await self._store.reviews(organization.id, ALARMED)
            if not any(one.month == month for one in rows):
                made += await self._make(organization.id, month, since, until)
            await self._alarm(rows, now)
        return made

    async def _make(self, home: OrganizationId, month: str, since: int, until: int) -> int:
        body = await self._look_through(home, since, until)
        if not body["records"]:
            # The company was not there yet: nothing was done that anybody could sign for.
            return 0
        now = self._clock.now()
        sealer = await self._keyring.organization(home)
        sealed = sealer.seal_text(Kind.REVIEW, json.dumps(body), _place(month))
        row = ReviewRow(home, month, now, now + DUE_DAYS * DAY, AccountId(0), None, None, None, sealed, None)
        record = AuditRecord(now, "system", "review.make", f"organization:{home} month:{month}")
        return int(await self._store.add_review(row, record))

    async def _look_through(self, home: OrganizationId, since: int, until: int) -> dict[str, Any]:
        counts, after = MonthCounts(), (0, 0)
        while page := await self._store.link_facts(home, since, until, after, PAGE):
            for seq, facts in page:
                counts.add(seq, facts)
            after = (page[-1][1].at, page[-1][0])
        dormant = []
        for account_id, at in counts.logged_in.items():
            last = await self._store.last_login(home, AccountId(account_id), since)
            if last is not None and at - last > ASLEEP_DAYS * DAY:
                dormant.append((f"account:{account_id}", (at - last) // DAY))
        dormant.sort(key=lambda one: -one[1])
        return counts.body(await self._mass(home, since, until, counts), dormant, await self._unexplained(home, counts))

    async def _mass(
        self, home: OrganizationId, since: int, until: int, counts: MonthCounts
    ) -> Counter[tuple[str, str, str]]:
        """Return how many messages were read by person, account and day, where that may be many: rows tell it."""
        exact: Counter[tuple[str, str, str]] = Counter()
        if not counts.reads:
            return exact
        after = (since - 1, _LAST)
        while page := await self._store.old_links(home, "access", until, after, 1_000):
            after = (page[-1][0].facts.at, page[-1][0].seq)
            one_month = MonthCounts()
            for link, row in page:
                if row is None or link.facts.action == "access.list":
                    continue
                one_month.reads.clear()
                one_month.add(link.seq, link.facts)
                exact[next(iter(one_month.reads))] += _count(row.record.object)
        return exact

    async def _unexplained(self, home: OrganizationId, counts: MonthCounts) -> list[str]:
        found = []
        for seq in counts.exports:
            for link, row in await self._store.audit_links(home, seq - 1, 1):
                if link.seq == seq and row is not None and row.record.sealed_detail is None:
                    found.append(f"{row.record.actor} {row.record.action} {home}:{seq}")
        return found

    async def _alarm(self, rows: Sequence[ReviewRow], now: int) -> None:
        for row in rows:
            late = row.signed_at is None and row.alarmed_at is None and now > row.due_at
            if late and await self._store.mark_review(row.organization_id, row.month, now):
                log.event("review.overdue", organization=row.organization_id, month=row.month)
                await self._tell(row)

    async def _tell(self, row: ReviewRow) -> None:
        others = await self._notices.administrators(row.organization_id, but=row.reviewer)
        for reader in [*await self._reviewer(row), *others][:ADMINISTRATORS_MOST]:
            language = reader.language or "ko"
            subject = translate(language, "review.overdue.subject", month=row.month)
            text = translate(language, "review.overdue.text", month=row.month)
            try:
                await self._notices.send(reader, subject, text)
            except MailError as error:
                log.event("defence.action_failed", error=type(error).__name__, detail=error.detail)

    async def _reviewer(self, row: ReviewRow) -> list[Account]:
        """Return the account that was assigned, none where nobody was or it cannot sign in."""
        if not row.reviewer:
            return []
        account = await self._store.account(row.reviewer)
        return [account] if account.may("login", self._clock.now()) else []

    # --- people ---

    async def reviews(self, actor: Actor, organization_id: OrganizationId | None) -> list[ReviewRow]:
        """Return an organisation's reviews (None: of all), newest first. Raises Forbidden, NotFound."""
        await self._authority.require(actor, "audit.read", _scope(organization_id))
        return await self._store.reviews(organization_id, MAX_LISTED)

    async def review(self, actor: Actor, organization_id: OrganizationId, month: str) -> Review:
        """Return one with its findings. Raises Forbidden, NotFound."""
        await self._authority.require(actor, "audit.read", _scope(organization_id))
        row = await self._row(organization_id, month)
        sealer = await self._keyring.organization(organization_id)
        try:
            body = json.loads(sealer.open_text(Kind.REVIEW, row.sealed_body, _place(month)))
            comment = "" if row.sealed_comment is None else sealer.open_text(
                Kind.REVIEW, row.sealed_comment, _place(month), 1
            )  # fmt: skip
        except SealError as error:
            raise NotFound from error
        return Review(row, body, comment)

    async def assign(self, actor: Actor, organization_id: OrganizationId, month: str, reviewer: AccountId) -> None:
        """Give a review to somebody of the organisation. Raises Forbidden, NotFound (also: signed already)."""
        await self._authority.require(actor, "review.sign", _scope(organization_id))
        if (await self._store.account(reviewer)).organization_id != organization_id:
            raise NotFound
        record = self._record(
            actor, "review.assign", f"organization:{organization_id} month:{month} account:{reviewer}"
        )
        if not await self._store.set_reviewer(organization_id, month, reviewer, record):
            raise NotFound

    async def sign(self, actor: Actor, organization_id: OrganizationId, month: str, comment: str) -> None:
        """Sign a review, saying what was found. Raises Invalid (no comment), Forbidden, NotFound (also: signed already)."""
        await self._authority.require(actor, "review.sign", _scope(organization_id))
        if not comment.strip():
            raise Invalid("a signature needs a comment", reason="review.comment")
        sealer = await self._keyring.organization(organization_id)
        sealed = sealer.seal_text(Kind.REVIEW, comment.strip()[:4000], _place(month), 1)
        record = self._record(actor, "review.sign", f"organization:{organization_id} month:{month}")
        signed = await self._store.sign_review(
            organization_id, month, actor.account_id, self._clock.now(), sealed, record
        )
        if not signed:
            raise NotFound

    async def _row(self, organization_id: OrganizationId, month: str) -> ReviewRow:
        rows = await self._store.reviews(organization_id, MAX_LISTED)
        found = next((one for one in rows if one.month == month), None)
        if found is None:
            raise NotFound
        return found

    def _record(self, actor: Actor, action: str, thing: str) -> AuditRecord:
        return AuditRecord(self._clock.now(), actor.named, action, thing, actor.origin.address, None, actor.origin.door)


def _scope(organization_id: OrganizationId | None) -> Scope:
    return Scope("organization", str(organization_id)) if organization_id else Scope("system")


def _place(month: str) -> int:
    return int(month.replace("-", ""))


def _count(thing: str) -> int:
    for word in thing.split():
        name, _, number = word.partition(":")
        if name == "count" and number.isdecimal():
            return int(number)
    return 1
