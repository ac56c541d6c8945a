"""Learning: lessons that wait become steps of the models of a person and of their organisation.

NAME        learning
PURPOSE     Work off what people said (service.protection.filtering.lessons) within a second, undo what they took back, and teach
            whole collections for an administrator.
STRATEGIES  Each lesson keeps its features and its step, sealed: a later word takes exactly that step back. A message
            that goes back to where the filter had put it is taken back and not learned the other way round. Spam alone
            would make everything look like spam, so each such lesson is set against a message of the same inbox that
            its person has read and left there.
LIMITS      `BATCH` lessons a turn; a lesson that fails five times is dropped. After `KEPT_DAYS` it cannot be taken back.
FAILURE     Two processes may learn at once: the slower one's models are of another version, so nothing of it is kept
            and it starts over.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from smartmail.base import log
from smartmail.domain.account import Account
from smartmail.domain.errors import MailError, NotFound, Unavailable
from smartmail.domain.ids import AccountId, MessageId, OrganizationId
from smartmail.domain.inspection import Inspection
from smartmail.domain.keywords import JUNK, SEEN
from smartmail.domain.lessons import LessonOutcome, LessonRow, ModelRow
from smartmail.formats.headers import Header
from smartmail.formats.mime.scanner import scan
from smartmail.formats.seal import Kind, SealError
from smartmail.formats.spam import model
from smartmail.formats.spam.counts import SCRIPTS, Counts
from smartmail.formats.spam.features import features
from smartmail.formats.spam.judging import start_z, telling, z_of
from smartmail.formats.spam.model import Own, Student, Weights
from smartmail.formats.spam.scripts import Reading, read
from smartmail.formats.summary import build
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_lessons import LessonStore
from smartmail.ports.store_mail import MailReads
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.keyring import Keyring, Sealer
from smartmail.service.protection.filtering.judged import Judged, Taught, packed_lesson, unpacked_lesson
from smartmail.service.protection.filtering.models import COMPANY, Models, Opened
from smartmail.service.protection.filtering.reading import MessageReader


class _Store(AccountStore, LessonStore, MailReads, Protocol): ...


BATCH = 50
KEPT_DAYS = 90
LOOKED_AT = 20
"""Messages of the inbox among which a good one is looked for."""
PATIENCE = 5
TOLD = 15
"""Tokens that are told with a judgement."""


@dataclass(slots=True)
class _Work:
    """One person's models while their lessons are learned."""

    account: Account
    keys: Sealer
    own: Opened[Own]
    student: Student
    outcomes: list[LessonOutcome] = field(default_factory=list)


class LearningService:
    """Turns lessons into models."""

    def __init__(self, store: _Store, keyring: Keyring, reader: MessageReader, models: Models, clock: Clock) -> None:
        self._store = store
        self._keyring = keyring
        self._reader = reader
        self._models = models
        self._clock = clock

    async def learn(self) -> int:
        """Work off what waits; return how many lessons. The job of the jobs role."""
        rows = await self._store.pending_lessons(BATCH)
        if not rows:
            return 0
        waiting: dict[OrganizationId, list[tuple[Account, LessonRow]]] = {}
        for row in rows:
            try:
                account = await self._store.account(row.account_id)
            except NotFound:
                await self._store.fail_lesson(row.account_id, row.message_id)
                continue
            waiting.setdefault(account.organization_id, []).append((account, row))
        return sum([await self._learn_all(organization_id, part) for organization_id, part in waiting.items()])

    async def forget_old(self) -> int:
        """Remove lessons that nobody will take back any more; return how many. A job of each day."""
        return await self._store.forget_lessons(self._clock.now() - KEPT_DAYS * DAY, 10_000)

    async def wish(self, account_id: AccountId, message_ids: Iterable[MessageId], *, spam: bool) -> None:
        """Note what somebody said about messages, as a click does. Raises NotFound (account)."""
        wishes = dict.fromkeys(message_ids, spam)
        await self._store.write(account_id, lambda tx: tx.note_lessons(wishes))

    async def teach(
        self, organization_id: OrganizationId, collection: Sequence[tuple[bytes, bool]], account: Account | None = None
    ) -> tuple[int, int]:
        """Teach an organisation, or one person, whole messages (octets, is spam); return how many were good and bad.

        Raises Unavailable when others changed the model again and again.
        """
        lessons = await asyncio.to_thread(_lessons, collection)
        for _ in range(PATIENCE):
            if await self._store.keep_lessons(await self._taught(organization_id, lessons, account), []):
                bad = sum(spam for _features, spam in lessons)
                log.event("spam.trained", organization=organization_id, good=len(lessons) - bad, bad=bad)
                return len(lessons) - bad, bad
        raise Unavailable(detail="the model was changed by others all the time")

    async def judge(self, organization_id: OrganizationId, account: Account | None, octets: bytes) -> Judged:
        """Say what was learned says of a whole message as it came from outside. Raises Unavailable, NotFound."""
        company = await self._models.company(organization_id)
        judges = await self._models.judges(organization_id, account)
        tokens = message_tokens(octets)
        reading = read(tokens)
        told = [one for one in telling(judges, tokens, TOLD) if one[1]]
        return Judged(z_of(judges, reading), company.good, company.bad, tuple(told), reading.script, company.counts)

    async def stats(self, organization_id: OrganizationId) -> dict[str, int]:
        """Return how much an organisation was taught (`good`, `bad`; `good.hangul` and so on: of a script), and by how
        many of its people. Raises Unavailable.
        """
        taught = await self.taught(organization_id)
        told, counts = {"good": taught.good, "bad": taught.bad, "people": taught.people}, taught.counts
        for script in SCRIPTS:
            told |= {f"good.{script}": counts.good[script], f"bad.{script}": counts.bad[script]}
        return told

    async def taught(self, organization_id: OrganizationId) -> Taught:
        """Return what an organisation's filter was taught. Raises Unavailable, NotFound."""
        rows = await self._store.models(organization_id)
        _, good, bad, at = next((row for row in rows if row[0] == COMPANY), (COMPANY, 0, 0, 0))
        people = sum(row[0] != COMPANY for row in rows)
        counts = await self.counts(organization_id)
        return Taught(good, bad, people, at, counts, self._models.start is not None)

    async def counts(self, organization_id: OrganizationId) -> Counts:
        """Return an organisation's lessons by script. Raises Unavailable, NotFound."""
        return (await self._models.company(organization_id)).counts

    async def waiting(self) -> int:
        """Return how many lessons wait, at most a thousand."""
        return len(await self._store.pending_lessons(1_000))

    async def _taught(
        self, organization_id: OrganizationId, lessons: "list[tuple[Reading, bool]]", account: Account | None
    ) -> list[ModelRow]:
        company = await self._models.fresh_company(organization_id)
        if account is None:
            await asyncio.to_thread(_teach_company, company.model, lessons, self._models.start)
            return [await self._models.sealed_company(organization_id, company)]
        own = await self._models.fresh_person(account)
        await asyncio.to_thread(_teach_person, company.model, own.model, lessons, self._models.start)
        return [
            await self._models.sealed_company(organization_id, company),
            await self._models.sealed_person(account, own),
        ]

    async def _learn_all(self, organization_id: OrganizationId, some: list[tuple[Account, LessonRow]]) -> int:
        company = await self._models.fresh_company(organization_id)
        persons: dict[AccountId, list[tuple[Account, LessonRow]]] = {}
        for account, row in some:
            persons.setdefault(account.id, []).append((account, row))
        models: list[ModelRow] = []
        outcomes: list[LessonOutcome] = []
        for lessons in persons.values():
            account = lessons[0][0]
            own = await self._models.fresh_person(account)
            keys = await self._keyring.account(account)
            work = _Work(account, keys, own, Student(company.model, own.model))
            for _account, row in lessons:
                await self._learn_or_fail(work, row)
            work.student.end()
            models.append(await self._models.sealed_person(account, own))
            outcomes += work.outcomes
        if not outcomes:
            return 0
        models.insert(0, await self._models.sealed_company(organization_id, company))
        if not await self._store.keep_lessons(models, outcomes):
            return 0
        log.event("spam.learned", organization=organization_id, lessons=len(outcomes))
        return len(outcomes)

    async def _learn_or_fail(self, work: _Work, row: LessonRow) -> None:
        try:
            await self._learn_one(work, row)
        except NotFound:  # it went before it was learned; what was learned of it stays
            work.outcomes.append(_outcome(row, row.learned, row.sealed))
        except (MailError, SealError, ValueError) as error:
            log.event("spam.learning_failed", account=row.account_id, error=type(error).__name__)
            await self._store.fail_lesson(row.account_id, row.message_id)

    async def _learn_one(self, work: _Work, row: LessonRow) -> None:
        if row.learned == row.wish:
            work.outcomes.append(_outcome(row, row.learned, row.sealed))
            return
        tokens, inspection = await self._reader.tokens(
            work.keys, work.account.organization_id, row.account_id, row.message_id
        )
        reading = read(tokens)
        if row.learned is not None and row.sealed is not None:
            step, held, script = unpacked_lesson(work.keys.open(Kind.FILTER_MODEL, row.sealed, row.message_id))
            work.student.forget(held, step, script or reading.script, spam=row.learned)
            if _as_filtered(inspection, spam=row.wish):
                work.outcomes.append(_outcome(row, None, None))
                return
        self._step(work, row, reading)
        if row.wish:
            await self._set_against(work)

    def _step(self, work: _Work, row: LessonRow, reading: Reading) -> None:
        start = start_z(self._models.start, reading)
        step = work.student.learn(reading.numbers, reading.script, spam=row.wish, start=start, pairs=reading.pairs)
        sealed = work.keys.seal(Kind.FILTER_MODEL, packed_lesson(step, reading), row.message_id)
        work.outcomes.append(_outcome(row, row.wish, sealed))

    async def _set_against(self, work: _Work) -> None:
        """Teach one good message of the inbox where a person has called more spam than good."""
        account_id, own = work.account.id, work.own.model
        inbox = next((one.id for one in await self._store.mailboxes(account_id) if one.role == "inbox"), None)
        if own.good >= own.bad or inbox is None:
            return
        ids, _total = await self._store.list_messages(account_id, inbox, position=0, limit=LOOKED_AT)
        said = {one.message_id for one in await self._store.lessons(account_id, ids)}
        said |= {one.message_id for one in work.outcomes}
        for row in await self._store.messages(account_id, [one for one in ids if one not in said]):
            if row.keywords.bits & SEEN and not row.keywords.bits & JUNK:
                tokens, _ = await self._reader.tokens(work.keys, work.account.organization_id, account_id, row.id)
                lesson = LessonRow(account_id, row.id, False, False, None, self._clock.now(), 0, None)
                self._step(work, lesson, read(tokens))
                return


def _as_filtered(inspection: Inspection | None, *, spam: bool) -> bool:
    """Say whether this is where the filter had put the message by itself."""
    return (inspection is not None and inspection.act == "junk") == spam


def _outcome(row: LessonRow, learned: bool | None, sealed: bytes | None) -> LessonOutcome:
    return LessonOutcome(row.account_id, row.message_id, row.said_at, learned, sealed, row.wish)


def message_tokens(octets: bytes) -> list[str]:
    """Return the tokens of a whole message as it came from outside."""
    entity = scan(octets)
    return features(Header(octets[: entity.body_start]), build(entity), octets)


def _lessons(collection: Iterable[tuple[bytes, bool]]) -> list[tuple[Reading, bool]]:
    return [(read(message_tokens(octets)), spam) for octets, spam in collection]


def _teach_company(company: Weights, lessons: Sequence[tuple[Reading, bool]], start: Weights | None) -> None:
    some = [(reading.numbers, spam) for reading, spam in lessons]
    starts = [start_z(start, reading) for reading, _spam in lessons]
    scripts = [reading.script for reading, _spam in lessons]
    pairs = [reading.pairs for reading, _spam in lessons]
    for _ in model.train(company, some, starts=starts, scripts=scripts, pairs=pairs):
        pass


def _teach_person(company: Weights, own: Own, lessons: Iterable[tuple[Reading, bool]], start: Weights | None) -> None:
    student = Student(company, own)
    for reading, spam in lessons:
        start_said = start_z(start, reading)
        student.learn(reading.numbers, reading.script, spam=spam, start=start_said, pairs=reading.pairs)
    student.end()
