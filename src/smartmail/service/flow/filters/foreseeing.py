"""What a script would do with mail that lies in the account already: where it would go and what it would carry.

Nothing is stored, sent or noted: whoever asks carries it out as changes of their own, which can be undone. What a script
would send (redirect, reply, notice, reject) is never done for old mail; that it would is told.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from smartmail.domain.errors import Invalid, MailError
from smartmail.domain.ids import AccountId, MailboxId, MessageId
from smartmail.domain.inspection import Inspection
from smartmail.domain.principal import Actor
from smartmail.formats.headers import Header
from smartmail.formats.summary import Summary
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.proto import sieve
from smartmail.service.flow.filters.arrival import environment
from smartmail.service.flow.filters.effects import ZONES
from smartmail.service.flow.filters.placing import keyword_names
from smartmail.service.flow.filters.program import Programs
from smartmail.service.flow.filters.surroundings import Known, Surveyor
from smartmail.service.kernel import rights
from smartmail.service.kernel.clock import SECOND
from smartmail.service.mailbox.mailstore.reading import OctetReader, ReadingService

MAX_MESSAGES: Final = 500
MAX_BODY_OCTETS: Final = 4 << 20
"""Of a message whose body a script asks for; longer ones are looked at as far as that."""
MAX_RUN_MS: Final = 500
SMALL_OCTETS: Final = 64 << 10


class ScriptWrong(Invalid):
    """The script does not compile."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What would become of one message. `mailboxes` None: it stays where it is; empty: it would be thrown away.

    `missing`: mailboxes that the script names and the account does not have. `sends`: it would also send something.
    """

    mailboxes: tuple[MailboxId, ...] | None
    missing: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    sends: bool = False


class FilterForesight:
    """Runs a script over messages of an account."""

    def __init__(self, store: AccountStore, programs: Programs, surveyor: Surveyor, clock: Clock) -> None:
        self._store = store
        self._programs = programs
        self._surveyor = surveyor
        self._clock = clock

    async def run(
        self,
        actor: Actor,
        account_id: AccountId,
        reading: ReadingService,
        script: bytes,
        ids: Sequence[MessageId],
        inspections: Mapping[MessageId, Inspection],
    ) -> Mapping[MessageId, Foreseen]:
        """Return what would become of those messages that it concerns. Raises ScriptWrong, Invalid (too many).

        `inspections`: what was found out about them when they came; tests of country, way and spam ask for it.
        """
        rights.require(actor, account_id, "r")
        if len(ids) > MAX_MESSAGES:
            raise Invalid(f"at most {MAX_MESSAGES} messages at a time", reason="count.most", most=MAX_MESSAGES)
        code, problems = sieve.compile_script(script)
        if code is None:
            raise ScriptWrong("; ".join(map(str, problems))[:400])
        account = await self._store.account(account_id)
        program = await self._programs.with_included(account_id, code)
        known = await self._surveyor.survey(account, program.uses)
        facts = sieve.Facts(self._clock.now() // SECOND, ZONES.get(account.language, 0), environment())
        readers = await reading.readers(actor, account_id, ids, shows=False)
        summaries = await reading.summaries(actor, account_id, list(readers))
        found: dict[MessageId, Foreseen] = {}
        for message_id, reader in readers.items():
            summary = summaries.get(message_id)
            message = await _message(reader, summary, needs_body=program.needs_body)
            if message is None:
                continue
            envelope = sieve.Envelope(_sender(message), account.login)
            late = partial(self._late, self._clock.now() + MAX_RUN_MS)
            its = _facts_of(facts, summary, inspections.get(message_id))
            work = partial(sieve.run_program, program, message, envelope, its, known, is_late=late)
            # Hundreds in a row: others get their turn between any two, and while a long body is looked at.
            outcome = await asyncio.to_thread(work) if len(message.octets) > SMALL_OCTETS else work()
            await asyncio.sleep(0)
            foreseen = _foreseen(outcome, known)
            if foreseen is not None:
                found[message_id] = foreseen
        return found

    def _late(self, end: int) -> bool:
        return self._clock.now() > end


def _facts_of(facts: sieve.Facts, summary: Summary | None, inspection: Inspection | None) -> sieve.Facts:
    """Return the facts of a message as they were when it came."""
    if inspection is None:
        return facts if summary is None else replace(facts, hops=summary.received_count)
    return replace(
        facts, spam_percent=None if inspection.spam_percent < 0 else inspection.spam_percent,
        virus=5 if inspection.virus else 0, country=inspection.country.strip("-") or None, asn=inspection.asn or None,
        hops=len(inspection.hops) or None,
    )  # fmt: skip


async def _message(reader: OctetReader, summary: Summary | None, *, needs_body: bool) -> sieve.WholeMessage | None:
    """Return the header, with the body where it is asked for; None for what cannot be read now."""
    if summary is None:
        return None
    length = min(reader.size, summary.header_size + MAX_BODY_OCTETS) if needs_body else summary.header_size
    try:
        return sieve.WholeMessage(await reader.read(0, length), reader.size)
    except MailError:
        return None


def _sender(message: sieve.WholeMessage) -> str:
    """Return the reverse-path that the final delivery wrote down (RFC 5321 §4.4)."""
    value = Header(message.octets).first("return-path")
    return "" if value is None else value.decode("ascii", "replace").strip().strip("<>")


def _foreseen(outcome: sieve.Outcome, known: Known) -> Foreseen | None:
    """Return None where the script leaves a message as it is, or fails on it: nothing is done then."""
    if outcome.problem is not None:
        return None
    kept = [one for one in outcome.actions if isinstance(one, sieve.Store)]
    sends = len(kept) < len(outcome.actions)
    keywords = tuple(dict.fromkeys(name.lower() for one in kept for name in keyword_names(one.flags)))
    if sends and not kept:
        # What would leave does not, so it stays.
        return Foreseen(None, sends=True)
    places = [one.place for one in kept if one.place != sieve.INBOX]
    if kept and not places:
        return Foreseen(None, (), keywords, sends) if keywords or sends else None
    mailboxes, missing = list[MailboxId](), list[str]()
    for place in places:
        row = known.with_id(place.mailbox_id) if place.mailbox_id else None
        row = row or (known.with_use(place.special_use) if place.special_use else None) or known.find(place.mailbox)
        if row is None:
            missing.append(place.mailbox)
        elif row.id not in mailboxes:
            mailboxes.append(row.id)
    if any(one.place == sieve.INBOX for one in kept):
        mailboxes.insert(0, known.by_role["inbox"].id)
    return Foreseen(tuple(dict.fromkeys(mailboxes)), tuple(dict.fromkeys(missing)), keywords, sends)
