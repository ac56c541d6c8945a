"""Filters at delivery: run the account's program on a message, then store and send what it decided.

NAME      filter runner
PURPOSE   Between acceptance and the write body. Accounts without filters cost one look into
          a dictionary.
STATES    run → placed → stored (one commit) → effects (one commit). Each is idempotent by the delivery's key.
FAILURE   A script that is broken, fails or meets a limit: the message goes to the inbox, and the person is told what
          went wrong (FilterService.problem). What cannot be stored is an error to the peer, which tries again.
          An error of the catalogue that is not about room or time is no fault of the sender's: it counts as one of ours.
SECURITY  A reject answers in the dialog, or by a report to an aligned sender; else the message goes to Junk.
          For spam nothing is sent out. Mail is never bounced because of a script's mistake.
STANDARDS RFC 5228 §2.10, RFC 5429 §2, RFC 5230, RFC 8621 §8.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

from smartmail.base import log
from smartmail.base.i18n import translate
from smartmail.domain.absence import Absence
from smartmail.domain.errors import Internal, MailError, OverQuota, PolicyRejected, Unavailable
from smartmail.domain.ids import AccountId
from smartmail.domain.keywords import Keywords
from smartmail.domain.message import Delivery
from smartmail.formats.headers import Header
from smartmail.formats.seal import Kind, Purpose
from smartmail.ports.clock import Clock
from smartmail.ports.geo import Geo
from smartmail.ports.store_filters import KEPT_WHOLE
from smartmail.ports.store_tx import MailTx
from smartmail.proto import sieve
from smartmail.proto.sieve import INBOX, Notify, Outcome, Redirect, Reject, Reply
from smartmail.proto.sieve import Store as Keep
from smartmail.service.flow.addressing.absentees import Absentees
from smartmail.service.flow.filters.activity import FilterActivity
from smartmail.service.flow.filters.arrival import Arrival
from smartmail.service.flow.filters.editions import Editions
from smartmail.service.flow.filters.effects import ZONES, Effects, Sending
from smartmail.service.flow.filters.gate import OutgoingGate
from smartmail.service.flow.filters.placing import Placer
from smartmail.service.flow.filters.program import Loaded, Programs
from smartmail.service.flow.filters.replies import alternative
from smartmail.service.flow.filters.sealing import PROBLEM_SLOT, encode_problem
from smartmail.service.flow.filters.store import Store
from smartmail.service.flow.filters.surroundings import Known, Surveyor
from smartmail.service.flow.filters.vacation import Vacation
from smartmail.service.kernel.clock import DAY, SECOND
from smartmail.service.kernel.inspection.keeping import carry_inspection
from smartmail.service.kernel.intake import new_message
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.push import Hints
from smartmail.service.kernel.sealed_blobs import SealedBlobs

REFUSED = "The recipient's filter refuses this message"
MAX_REASON = 500
ANSWER_ONLY = -1
"""The version of filters of somebody who has none and for whom the house answers."""
DAY_SECONDS = 24 * 3600
LARGE_OCTETS = 1 << 20
MAX_LARGE = 4
"""Messages above LARGE_OCTETS whose bodies are in memory at a time."""
RENOTE_MS = 600_000
MAX_NOTED = 10_000
MAX_RUN_MS = 2_000
"""Time that a run may take; its steps are used up long before on a machine that is not overloaded."""
SMALL_OCTETS = 64 << 10
"""Up to here a run takes some milliseconds and goes on in the loop; larger messages are looked at in a thread."""


class FilterRefuses(PolicyRejected):
    """The person's filter refuses the message: the one error of filters that a sender may see."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What is to be done with one message, before any of it is done."""

    keeps: tuple[Keep, ...]
    redirects: tuple[tuple[Redirect, tuple[str, ...]], ...] = ()
    replies: tuple[Reply, ...] = ()
    notices: tuple[Notify, ...] = ()
    refusal: str | None = None
    problem: sieve.Problem | None = None


class FilterRunner:
    """Delivers copies for accounts that have filters."""

    def __init__(
        self,
        store: Store,
        keyring: Keyring,
        blobs: SealedBlobs,
        activity: FilterActivity,
        programs: Programs,
        surveyor: Surveyor,
        placer: Placer,
        effects: Effects,
        gate: OutgoingGate,
        hints: Hints,
        clock: Clock,
        geo: Geo,
        absentees: Absentees,
    ) -> None:
        self._store = store
        self._keyring = keyring
        self._blobs = blobs
        self._surveyor = surveyor
        self._placer = placer
        self._effects = effects
        self._gate = gate
        self._hints = hints
        self._clock = clock
        self._geo = geo
        self._programs = programs
        self._large = asyncio.Semaphore(MAX_LARGE)
        self._noted: dict[AccountId, tuple[int, sieve.Problem, int]] = {}
        self._activity = activity
        self._absentees = absentees

    async def version(self, account_id: AccountId) -> int:
        """Return the version of an account's filters, 0 when nothing is to be done: ask before making an Arrival."""
        own = await self._activity.version(account_id)
        return own or (ANSWER_ONLY if await self._absentees.answers(account_id) else 0)

    async def deliver(self, arrival: Arrival, version: int) -> None:
        """Store and send what the account's filters decide. Raises PolicyRejected (a reject), and what storing raises."""
        if await self._was_kept_whole(arrival):
            return
        try:
            await self._filter(arrival, version)
        except (FilterRefuses, Unavailable, OverQuota, Internal):
            raise
        except Exception as error:
            # Whatever is wrong with filters, it is not the sender's fault: the mail is delivered.
            log.event("filter.broken", account=arrival.account.id, error=type(error).__name__)
            await self._keep_whole(arrival)

    async def _keep_whole(self, arrival: Arrival) -> None:
        """Deliver as if there were no filters, and note it: a peer that repeats the message gets nothing filtered."""
        account_id, now = arrival.account.id, self._clock.now()
        arrival.stored.extend(await self._store.deliver_many([arrival.copy], None))
        self._hints.account_changed(account_id)

        async def body(tx: MailTx) -> None:
            await tx.remember(KEPT_WHOLE, arrival.copy.duplicate_key, now=now, expires_at=now + DAY)

        with suppress(MailError):
            await self._store.write(account_id, body)

    async def _was_kept_whole(self, arrival: Arrival) -> bool:
        key = arrival.copy.duplicate_key
        return bool(await self._store.remembered(arrival.account.id, KEPT_WHOLE, [key], self._clock.now()))

    async def _filter(self, arrival: Arrival, version: int) -> None:
        load = self._programs.load
        loaded = Loaded(None, None) if version == ANSWER_ONLY else await load(arrival.account.id, version)
        needs_body = loaded.program is not None and loaded.program.needs_body
        if needs_body and arrival.content.summary.size > LARGE_OCTETS:
            async with self._large:
                await self._carry_out(arrival, version, loaded, needs_body=True)
        else:
            await self._carry_out(arrival, version, loaded, needs_body=needs_body)

    async def _carry_out(self, arrival: Arrival, version: int, loaded: Loaded, *, needs_body: bool) -> None:
        words = loaded.program.uses if loaded.program is not None else frozenset[str]()
        known = await self._surveyor.survey(arrival.account, words)
        editions = Editions(self._blobs, arrival)
        message = await editions.message(with_body=needs_body)
        outcome = await self._run(arrival, loaded, known, message)
        editions.made(outcome.editions)
        header = Header(message.octets[: arrival.content.summary.header_size])
        decided = await self._decide(arrival, loaded, known, outcome, header)
        if decided.refusal is not None:
            raise FilterRefuses(decided.refusal)
        misplaced = await self._keep(arrival, known, editions, decided)
        unsent = await self._send(arrival, known, editions, decided, outcome, header)
        await self._note(arrival, version, decided.problem or misplaced or unsent)
        self._hints.account_changed(arrival.account.id)

    async def _run(self, arrival: Arrival, loaded: Loaded, known: Known, message: sieve.WholeMessage) -> Outcome:
        if loaded.problem is not None:
            return Outcome((Keep(INBOX, implicit=True),), problem=loaded.problem)
        if loaded.program is None or not await self._gate.scripts_run(arrival.account):
            return Outcome((Keep(INBOX, implicit=True),))
        facts = self._facts(arrival)
        envelope = sieve.Envelope(arrival.reverse_path, arrival.recipient)
        work = partial(
            sieve.run_program, loaded.program, message, envelope, facts, known, is_late=self._alarm(MAX_RUN_MS)
        )
        if len(message.octets) <= SMALL_OCTETS:
            return work()
        return await asyncio.to_thread(work)

    def _facts(self, arrival: Arrival) -> sieve.Facts:
        verdicts = arrival.verdicts
        if verdicts.hops is None:
            # Nobody has looked at its way: it came by LMTP, or from one of ours.
            place = self._geo.look(arrival.environment.get("remote-ip", ""))
            country, asn, hops = place.country, place.asn, arrival.content.summary.received_count
        else:
            country, asn, hops = verdicts.country, verdicts.asn, verdicts.hops
        return sieve.Facts(
            self._clock.now() // SECOND, ZONES.get(arrival.account.language, 0), arrival.environment,
            verdicts.spam_percent, verdicts.virus, country, asn, hops,
        )  # fmt: skip

    def _alarm(self, limit: int) -> Callable[[], bool]:
        end = self._clock.now() + limit
        return lambda: self._clock.now() > end

    async def _decide(
        self, arrival: Arrival, loaded: Loaded, known: Known, outcome: Outcome, header: Header
    ) -> Decided:
        actions = outcome.actions
        reject = next((one for one in actions if isinstance(one, Reject)), None)
        if reject is not None:
            return _refused(arrival, reject)
        keeps = [one for one in actions if isinstance(one, Keep)]
        redirects, problem = [], outcome.problem
        for one in actions:
            if isinstance(one, Redirect):
                targets, wrong = await self._effects.redirect_targets(arrival, known, one, header)
                problem = problem or wrong
                redirects.append((one, targets))
        if not keeps and any(not targets for _one, targets in redirects):
            # What cannot go where it should stays here: nothing may be lost by a loop or a policy.
            keeps = [Keep(INBOX, implicit=True)]
        replies = [one for one in actions if isinstance(one, Reply)]
        house = await self._absentees.answer(arrival.account)
        if house is not None:
            # One voice: what the house says of somebody who is away, and nothing of their own beside it.
            replies = [_answer_of(*house)] if _is_wanted(known, keeps, redirects) else []
        elif not replies and self._is_absent(loaded) and _is_wanted(known, keeps, redirects):
            assert loaded.vacation is not None
            replies = await self._own_absence(arrival, loaded.vacation)
        notices = [one for one in actions if isinstance(one, Notify)]
        return Decided(tuple(keeps), tuple(redirects), tuple(replies), tuple(notices), None, problem)

    async def _own_absence(self, arrival: Arrival, vacation: Vacation) -> list[Reply]:
        wanted: Vacation | None = vacation
        if vacation.outside != "same" and await self._gate.leaves([arrival.reverse_path]):
            wanted = vacation.for_outside()
        return [] if wanted is None else [absence(wanted, arrival.account.language)]

    def _is_absent(self, loaded: Loaded) -> bool:
        return loaded.vacation is not None and loaded.vacation.applies(self._clock.now())

    async def _keep(self, arrival: Arrival, known: Known, editions: Editions, decided: Decided) -> sieve.Problem | None:
        """Store the copies in one commit; return what went wrong with their places."""
        placed, problem = await self._placer.place(arrival, known, decided.keeps)
        deliveries = []
        for number, one in enumerate(placed):
            copy = arrival.copy
            if one.edition:
                keys = await self._keyring.account(arrival.account)
                content = await editions.content(one.edition)
                kept = (copy.message.blob.id, copy.message.inspection)
                inspection = carry_inspection(keys, kept, keys, content.blob.row.id)
                message = new_message(
                    keys, content, tuple(one.mailboxes), received_at=copy.message.received_at, inspection=inspection
                )
            else:
                message = replace(copy.message, mailboxes=tuple(one.mailboxes))
            message = replace(message, keywords=_joined(one.keywords, copy.message.keywords))
            deliveries.append(Delivery(copy.account_id, message, await self._key(arrival, number)))
        if deliveries:
            arrival.stored.extend(await self._store.deliver_many(deliveries, None))
        return problem

    async def _key(self, arrival: Arrival, number: int) -> bytes:
        """Return the duplicate key of the n-th copy; the first has that of the delivery."""
        key = arrival.copy.duplicate_key
        if not number:
            return key
        return (await self._keyring.account(arrival.account)).hash(Purpose.DELIVERY, key, bytes([number]))

    async def _send(
        self, arrival: Arrival, known: Known, editions: Editions, decided: Decided, outcome: Outcome, header: Header
    ) -> sieve.Problem | None:
        """Send what is to be sent, once for this delivery; return what went wrong with copies of it."""
        wanted = (decided.redirects, decided.replies, decided.notices, outcome.remembered)
        if not any(wanted) or await self._effects.are_done(arrival):
            return None
        sendings: list[Sending | None] = [
            await self._effects.redirect(arrival, editions, one, targets)
            for one, targets in decided.redirects
            if targets
        ]
        sendings += [await self._effects.reply(arrival, known, one, header) for one in decided.replies]
        sendings += [await self._effects.notice(arrival, known, one, header) for one in decided.notices]
        ready = [one for one in sendings if one is not None]
        sent = await self._effects.carry_out(arrival, known, ready, outcome.remembered)
        if sent:
            self._hints.queue_changed()
        return await self._effects.keep_copies(arrival, known, sent)

    async def _note(self, arrival: Arrival, version: int, problem: sieve.Problem | None) -> None:
        """Keep what went wrong for the person; logs get the account only, since scripts are private.

        The same again is written once in RENOTE_MS: a script that fails for every message costs no commit each.
        """
        account_id, now = arrival.account.id, self._clock.now()
        held = self._noted.get(account_id)
        if problem is None or (held is not None and held[:2] == (version, problem) and now - held[2] < RENOTE_MS):
            return
        if len(self._noted) >= MAX_NOTED:
            self._noted.clear()
        self._noted[account_id] = (version, problem, now)
        log.event("filter.failed", account=arrival.account.id)
        keys = await self._keyring.account(arrival.account)
        sealed = keys.seal(Kind.SCRIPT, encode_problem(problem), PROBLEM_SLOT)

        async def body(tx: MailTx) -> None:
            await tx.put_problem(sealed, self._clock.now())

        await self._store.write(arrival.account.id, body)


def _refused(arrival: Arrival, reject: Reject) -> Decided:
    """RFC 5429 §2: say no while the peer listens, report to a sender who is known to be true, else keep it as Junk."""
    if arrival.can_refuse or (arrival.verdicts.aligned and arrival.reverse_path):
        reason = " ".join(reject.reason.split())[:MAX_REASON]
        # RFC 5321 §4.2.1: the text of a reply is ASCII; a reason in other letters is told in English.
        return Decided((), refusal=reason if reason.isascii() and reason.isprintable() and reason else REFUSED)
    junk = sieve.Place("Junk", special_use="\\Junk", create=True)
    return Decided((Keep(junk, implicit=True),))


def _is_wanted(known: Known, keeps: Sequence[Keep], redirects: Sequence[tuple[Redirect, tuple[str, ...]]]) -> bool:
    """Whether the person wants the message at all: what is thrown away or filed as Junk gets no answer."""
    junk = known.by_role.get("junk")
    filed = [known.find(one.place.mailbox) for one in keeps]
    return any(targets for _one, targets in redirects) or any(row is None or row != junk for row in filed)


def absence(vacation: Vacation, language: str) -> Reply:
    """Return the reply of an absence that was set in a form (RFC 8621 §8)."""
    text = vacation.text
    if text is None and vacation.html is None:
        text = translate(language, "filter.vacation.text")
    mime = vacation.html is not None
    reason = alternative(text, vacation.html) if vacation.html is not None else text or ""
    handle = "\0".join(("absence", str(vacation.from_date), vacation.subject or "", text or "", vacation.html or ""))
    return Reply(reason, max(vacation.days, 1) * DAY_SECONDS, handle, vacation.subject or "", mime=mime)


def _answer_of(row: Absence, text: str) -> Reply:
    """Return the reply of the house for somebody who is away, once a day to each who writes."""
    return Reply(text, DAY_SECONDS, "\0".join(("house", str(row.since), text)), "", mime=False)


def _joined(one: Keywords, other: Keywords) -> Keywords:
    return one.with_(other.bits, other.tags)
