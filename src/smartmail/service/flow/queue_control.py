"""What administrators do with the queue: find by any mark, hold, release, retry, reroute, delete, pause, limit.

NAME        queue control
PURPOSE     Move what waits, by filters instead of one by one; every act is in the audit, in its own commit.
STRATEGIES  Pages of entries in the order of their ids, each page one commit. What is leased is on its way and left alone.
SECURITY    Addresses are sealed: exact ones are found by keyed hashes, domains stand plain, everything else (the cause of
            the last answer) is opened entry by entry. Whoever calls has proved to be an administrator. Nobody releases the
            own mail that was held: another administrator does.
"""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, dataclass, replace
from typing import Protocol

from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Forbidden, Invalid, NotFound
from smartmail.domain.ids import QueueEntryId, SubmissionId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.domain.queue import (
    NewQueueEntry,
    QueueAct,
    QueueEntryRow,
    QueueFilter,
    QueueRecipient,
    QueueTarget,
    QueueTotals,
)
from smartmail.domain.queue_rules import DestinationRule, QueueRules, RetrySchedule, read_rules
from smartmail.formats.address import domain_to_ascii, normalize, split_address
from smartmail.formats.reply_causes import Cause, explain
from smartmail.ports.clock import Clock
from smartmail.ports.store_directory import DirectoryStore
from smartmail.ports.store_queue import QueueControlStore
from smartmail.ports.store_settings import SettingStore
from smartmail.service.flow.approvals import ApprovalService
from smartmail.service.flow.queue_questions import questions_about
from smartmail.service.flow.reports import Notice, ReportService, Told
from smartmail.service.flow.submission import SubmissionService
from smartmail.service.flow.submission_record import DeliveryStatus
from smartmail.service.flow.tracing import telling
from smartmail.service.flow.tracing.recording import Tracer
from smartmail.service.kernel import envelope as sealed
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.envelope import Envelope, Recipient, Result
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.push import Hints


class _Store(DirectoryStore, QueueControlStore, SettingStore, Protocol): ...


PAGE = 200
TRACED = 100
"""Recipients of one entry whose part in an act is in its story."""
_REMOVED = Result(550, "5.7.0", "An administrator removed the message from the queue")
_DESTINATIONS, _SOURCES, _PAUSED = "queue.destinations", "queue.sources", "queue.paused"


@dataclass(frozen=True, slots=True)
class Waiting:
    """One recipient, opened. `cause`: what the last answer means, None before the first try."""

    row: QueueRecipient
    recipient: Recipient
    result: Result | None
    cause: Cause | None


@dataclass(frozen=True, slots=True)
class Found:
    """An entry, opened, with those of its recipients that are meant."""

    entry: QueueEntryRow
    envelope: Envelope
    waiting: tuple[Waiting, ...]


@dataclass(frozen=True, slots=True)
class Marks:
    """A filter as people give it: addresses instead of hashes, and the cause of the last answer."""

    filter: QueueFilter = QueueFilter()  # noqa: RUF009 -- a frozen value
    sender: str = ""
    recipient: str = ""
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """What an act met, or with a dry run would meet."""

    entries: int = 0
    recipients: int = 0
    octets: int = 0


Progress = Callable[[Done], None]


class QueueControl:
    """Acts on the queue."""

    def __init__(
        self,
        store: _Store,
        keyring: Keyring,
        submissions: SubmissionService,
        reports: ReportService,
        hints: Hints,
        clock: Clock,
        authority: Authority,
        tracer: Tracer,
        approvals: ApprovalService,
    ) -> None:
        """`approvals`: what waits for one and is deleted or released ends the question about it."""
        self._store = store
        self._keyring = keyring
        self._submissions = submissions
        self._reports = reports
        self._hints = hints
        self._clock = clock
        self._authority = authority
        self._tracer = tracer
        self._approvals = approvals

    # --- find ---

    async def find(self, marks: Marks, limit: int, after: QueueEntryId = QueueEntryId(0)) -> list[Found]:  # noqa: B008 -- a number
        """Return the oldest entries that are meant, those with an id above `after`."""
        found: list[Found] = []
        async for page in self._pages(marks, after):
            found += page
            if len(found) >= limit:
                break
        return found[:limit]

    async def totals(self, limit: int = 20) -> QueueTotals:
        """Count the queue."""
        return await self._store.queue_totals(limit)

    async def _pages(self, marks: Marks, after: QueueEntryId = QueueEntryId(0)) -> AsyncIterator[list[Found]]:  # noqa: B008 -- a number
        wanted, now = await self._hashed(marks), self._clock.now()
        while True:
            rows = await self._store.find_queue(wanted, now=now, after=after, limit=PAGE)
            if not rows:
                return
            after = rows[-1][0].id
            opened = [await self._open(entry, recipients) for entry, recipients in rows]
            yield [one for one in (_with_cause(each, marks.cause) for each in opened) if one.waiting]

    async def _hashed(self, marks: Marks) -> QueueFilter:
        """Return the filter with keyed hashes of its addresses, one under each organisation's key."""
        if not (marks.sender or marks.recipient):
            return marks.filter
        keys = [await self._keyring.queue(one.id) for one in await self._store.organizations()]
        senders = tuple(sealed.sender_hash(one, normalize(marks.sender)) for one in keys) if marks.sender else ()
        recipients = (
            tuple(sealed.recipient_hash(one, normalize(marks.recipient)) for one in keys) if marks.recipient else ()
        )
        return replace(marks.filter, senders=senders, recipients=recipients)

    async def _open(self, entry: QueueEntryRow, rows: list[QueueRecipient]) -> Found:
        keys = await self._keyring.queue(entry.organization_id)
        waiting = []
        for row in rows:
            result = sealed.open_result(keys, row)
            cause = None if result is None else explain(result.code, result.enhanced, result.text)
            waiting.append(Waiting(row, sealed.open_recipient(keys, row), result, cause))
        return Found(entry, sealed.open_envelope(keys, entry), tuple(waiting))

    # --- acts ---

    async def act(
        self,
        actor: Actor,
        act: QueueAct,
        marks: Marks,
        *,
        to: str = "",
        report: bool = False,
        dry_run: bool = False,
        progress: Progress | None = None,
    ) -> Done:
        """Do an act on all that is meant; `to`: where a reroute goes; `report`: tell senders of a delete.

        Raises Invalid, Forbidden (no right; nothing but the actor's own held mail is meant).
        """
        own = await self._authority.whole(actor, "queue.change")
        if own is not None:
            if marks.filter.organization_id not in {None, own}:
                raise NotFound
            marks = replace(marks, filter=replace(marks.filter, organization_id=own))
        domain = destination(to) if act == "reroute" and to else ""
        done, met_own = Done(), False
        async for found in self._pages(marks):
            page = found
            if act in {"release", "reroute"}:
                page, own_mail = _of_others(_releasable(page) if act == "release" else page, actor)
                met_own = met_own or own_mail
            met = _countable(act, page) if dry_run else await self._do(actor, act, page, domain, report=report)
            done = Done(done.entries + met.entries, done.recipients + met.recipients, done.octets + met.octets)
            if progress is not None:
                progress(done)
        if met_own and not done.entries:
            raise Forbidden("another administrator releases your own mail", reason="queue.own")
        if done.recipients and not dry_run and act in {"release", "retry", "reroute"}:
            self._hints.queue_changed()
        return done

    async def _do(self, actor: Actor, act: QueueAct, page: list[Found], domain: str, *, report: bool) -> Done:
        now, by_id = self._clock.now(), {one.entry.id: one for one in page}
        met: list[tuple[QueueEntryId, list[int]]] = []
        held = [one.entry for one in page if any(each.row.hold_reason == "approval" for each in one.waiting)]
        questions = await questions_about(self._approvals, act, held)
        for target_domain, targets in (await self._targets(act, page, domain, report=report)).items():
            if questions is not None:
                targets = [await questions.with_question(one) for one in targets]
            record = AuditRecord(
                now, actor.named, f"queue.{act}", _about(targets), actor.origin.address, door=actor.origin.door
            )
            done = await self._store.change_queue(act, targets, now=now, domain=target_domain, audit=record)
            self._trace(actor, act, done, by_id, target_domain)
            met += done
        if act == "delete":
            for entry_id, numbers in met:
                await self._tell(by_id[entry_id], set(numbers))
        if questions is not None:
            await questions.show_ends(entry_id for entry_id, _ in met)
        octets = sum(by_id[entry_id].entry.size for entry_id, _ in met)
        return Done(len(met), sum(len(numbers) for _, numbers in met), octets)

    def _trace(
        self,
        actor: Actor,
        act: QueueAct,
        done: list[tuple[QueueEntryId, list[int]]],
        by_id: dict[QueueEntryId, Found],
        place: str,
    ) -> None:
        for entry_id, numbers in done:
            one = by_id[entry_id]
            names = {each.row.number: each.recipient.address for each in one.waiting}
            events = [telling.acted(act, names.get(number, ""), actor, place) for number in numbers[:TRACED]]
            self._tracer.note(one.entry.organization_id, entry_id, *events)

    async def _targets(
        self, act: QueueAct, page: list[Found], domain: str, *, report: bool
    ) -> dict[str, list[QueueTarget]]:
        """Return what to change, by new destination: one for all, or for each recipient its address's own."""
        found: dict[str, list[QueueTarget]] = {}
        for one in page:
            numbers: dict[str, list[int]] = {}
            for each in one.waiting:
                own = split_address(each.recipient.address)[1].lower() if act == "reroute" and not domain else domain
                numbers.setdefault(own, []).append(each.row.number)
            made = await self._report(one) if act == "delete" and report else None
            for own, meant in numbers.items():
                found.setdefault(own, []).append(QueueTarget(one.entry.id, tuple(meant), made))
        return found

    async def _report(self, one: Found) -> NewQueueEntry | None:
        """Return the report of a delete to the sender; what is leased is not deleted and not told of."""
        told = tuple(
            Told("failed", each.recipient, _REMOVED)
            for each in one.waiting
            if each.row.state != "leased" and "NEVER" not in {word.upper() for word in each.recipient.notify}
        )
        if not told or not one.envelope.reverse_path:
            return None
        return await self._reports.entry(Notice(one.entry, one.envelope, told, one.entry.expires_at))

    async def _tell(self, one: Found, numbers: set[int]) -> None:
        """Show a sender of ours what became of a submission."""
        entry = one.entry
        if entry.account_id is None or entry.submission_id is None:
            return
        status = DeliveryStatus("550 5.7.0 cancelled by an administrator", "no")
        told = {each.recipient.address: status for each in one.waiting if each.row.number in numbers}
        await self._submissions.note_results(entry.account_id, SubmissionId(entry.submission_id), told)

    # --- pauses, limits, addresses to send from ---

    async def rules(self) -> QueueRules:
        """Return what is in force."""
        names = (_DESTINATIONS, _SOURCES, _PAUSED)
        texts = {name: await self._store.setting("system", name) for name in names}
        return read_rules({name: json.loads(text) for name, text in texts.items() if text})

    async def schedule(self, actor: Actor, schedule: RetrySchedule | None) -> RetrySchedule:
        """Return the retry times, changed first unless None."""
        if schedule is not None:
            if not 0 < schedule.first <= schedule.longest <= schedule.lifetime:
                raise Invalid(
                    "the first wait is shorter than the longest, and that than the lifetime", reason="queue.waits"
                )
            await self._keep(actor, "queue.schedule", asdict(schedule), "queue:schedule")
        text = await self._store.setting("system", "queue.schedule")
        return replace(RetrySchedule(), **json.loads(text)) if text else RetrySchedule()

    async def pause(self, actor: Actor, domain: str | None, *, paused: bool) -> QueueRules:
        """Stop or let go on: one destination, or with None everything."""
        rules = await self.rules()
        names, everything = set(rules.paused), rules.paused_all
        if domain is None:
            names, everything = (names, True) if paused else (set(), False)
        elif paused:
            names.add(_domain(domain))
        else:
            names.discard(_domain(domain))
        value = {"all": everything, "destinations": sorted(names)}
        await self._keep(actor, _PAUSED, value, f"queue:{'pause' if paused else 'resume'}:{domain or 'all'}")
        self._hints.queue_changed()
        return await self.rules()

    async def limit(self, actor: Actor, name: str, rule: DestinationRule | None) -> QueueRules:
        """Set or remove (None) limits of a destination, of a provider (`.suffix` of its hosts) or of all (`*`)."""
        rules = await self.rules()
        key = name if name == "*" else "." + _domain(name[1:]) if name.startswith(".") else _domain(name)
        if rule is not None and (rule.connections < 1 or rule.per_minute < 0):
            raise Invalid("a destination has at least one connection and no negative rate", reason="queue.limits")
        kept = {known: asdict(one) for known, one in rules.destinations.items() if known != key}
        if rule is not None:
            kept[key] = asdict(rule)
        await self._keep(actor, _DESTINATIONS, kept, f"queue:limit:{key}")
        self._hints.queue_changed()
        return await self.rules()

    async def source(self, actor: Actor, domain: str, address: str) -> QueueRules:
        """Send a domain's mail from one of our addresses; "" takes that away."""
        kept = {known: one for known, one in (await self.rules()).sources.items() if known != _domain(domain)}
        if address:
            kept[_domain(domain)] = address
        await self._keep(actor, _SOURCES, kept, f"queue:source:{_domain(domain)}")
        return await self.rules()

    async def _keep(self, actor: Actor, name: str, value: object, about: str) -> None:
        await self._authority.require(actor, "queue.change", Scope("system"))
        record = AuditRecord(self._clock.now(), actor.named, name, about, actor.origin.address, door=actor.origin.door)
        await self._store.put_setting("system", name, json.dumps(value), audit=record)


def destination(text: str) -> str:
    """Return the destination of a reroute: another domain, or `=host:port`. Raises Invalid."""
    host, colon, port = text.strip().rpartition(":")
    if not colon:
        if text.replace(".", "").isdigit() or text.startswith("["):
            return f"={text.strip('[]')}:25"
        return _domain(text)
    if not (host and port.isdigit() and 0 < int(port) < 65536):
        raise Invalid(f"not a host and port: {text}", reason="hostport.form", text=text)
    return f"={host.lower()}:{int(port)}"


def _domain(text: str) -> str:
    name = domain_to_ascii(text.strip().rstrip(".")).lower()
    if not name or any(mark in name for mark in " @/="):
        raise Invalid(f"not a domain: {text!r}", reason="domain.form", domain=text)
    return name


def _with_cause(found: Found, cause: str) -> Found:
    if not cause:
        return found
    return replace(found, waiting=tuple(one for one in found.waiting if one.cause == cause))


def _releasable(page: list[Found]) -> list[Found]:
    """Return a page without what lies in quarantine: that is let out by service.flow.quarantine, past the engines."""
    left = [
        replace(one, waiting=tuple(each for each in one.waiting if each.row.hold_reason != "quarantine"))
        for one in page
    ]
    return [one for one in left if one.waiting]


def _of_others(page: list[Found], actor: Actor) -> tuple[list[Found], bool]:
    """Return a page without the actor's own held mail, and whether there was any."""
    if not actor.account_id:
        return page, False
    left = [
        one
        if one.entry.account_id != actor.account_id
        else replace(one, waiting=tuple(each for each in one.waiting if each.row.state != "held"))
        for one in page
    ]
    kept = [one for one in left if one.waiting]
    return kept, sum(len(one.waiting) for one in kept) < sum(len(one.waiting) for one in page)


_MET = {
    "hold": ("ready",), "release": ("held",), "retry": ("ready",), "reroute": ("held", "ready"), "delete": ("held", "ready"),
}  # fmt: skip


def _countable(act: QueueAct, page: list[Found]) -> Done:
    """Return what an act would meet."""
    done = Done()
    for one in page:
        count = sum(each.row.state in _MET[act] for each in one.waiting)
        if count:
            done = Done(done.entries + 1, done.recipients + count, done.octets + one.entry.size)
    return done


def _about(targets: list[QueueTarget]) -> str:
    return f"queue:{targets[0].entry_id:x}" if len(targets) == 1 else f"queue:{len(targets)} entries"
