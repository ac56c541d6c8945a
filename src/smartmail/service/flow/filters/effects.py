"""What filters send out: redirected mail, answers, notifications. Made durable first, then queued in one commit.

NAME      filter effects
PURPOSE   Turn actions into queue entries; each is sent once, whatever is repeated.
STRATEGIES The entries and the note that they were made are one commit, keyed like the delivery: a peer that repeats a
          message whose answer it lost causes nothing twice. An answer is noted by sender and handle in the same commit.
LIMITS    Redirects per run by the interpreter; REDIRECT_HOPS against loops, and a mark of each account that redirected.
FAILURE   An error leaves the message to be delivered again: nothing was noted, nothing queued.
SECURITY  No redirect, answer or notification for spam; all of them pass the gate.
STANDARDS RFC 5228 §4.2 (the envelope sender stays), §10; RFC 5230 §4; RFC 5436 §2.7; RFC 3834.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from smartmail.domain.account import Account
from smartmail.domain.errors import MailError
from smartmail.domain.ids import MailboxId
from smartmail.domain.message import NewMessage
from smartmail.domain.queue import NewQueueEntry
from smartmail.formats import trace
from smartmail.formats.address import normalize, split_address
from smartmail.formats.compose import ComposeError
from smartmail.formats.headers import Header
from smartmail.formats.seal import Kind, Purpose
from smartmail.ports.clock import Clock
from smartmail.ports.store_filters import DONE_EFFECTS, SEEN_ID, TOLD_ABSENCE
from smartmail.ports.store_tx import MailTx
from smartmail.proto.sieve import Fcc, Notify, Problem, Redirect, Remember, Reply, fail
from smartmail.service.flow.filters.arrival import Arrival
from smartmail.service.flow.filters.editions import Editions
from smartmail.service.flow.filters.gate import OutgoingGate
from smartmail.service.flow.filters.placing import Placer, keyword_names
from smartmail.service.flow.filters.replies import (
    Writing,
    notice_message,
    own_sender,
    refusal_to_answer,
    shown_sender,
    vacation_message,
)
from smartmail.service.flow.filters.store import Store
from smartmail.service.flow.filters.surroundings import ADDRESS_BOOK, Known
from smartmail.service.kernel.clock import DAY, SECOND
from smartmail.service.kernel.envelope import Envelope, Recipient
from smartmail.service.kernel.intake import Content, Intake, new_message
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.letter_entries import LetterEntries
from smartmail.service.kernel.sealed_blobs import SealedBlobs

MARK = "X-SmartMail-Redirected"
"""Field that names, as keyed hashes, the accounts that redirected a message."""
REDIRECT_HOPS = 30
"""Received fields from which on nothing is redirected: twice what real mail has."""
MAX_LIST = 50
"""Addresses that a redirect to a list may go to."""
ZONES = {"ko": 540, "ja": 540, "zh-Hans": 480, "zh-Hant": 480}
"""Minutes east of Greenwich for scripts that name no zone, by the account's language."""


@dataclass(frozen=True, slots=True)
class Sending:
    """One message to queue; with `told` only if this sender was not told yet, until `told_until`.

    `octets` and `fcc` are for the copy that the person keeps of it.
    """

    entry: NewQueueEntry
    told: bytes = b""
    told_until: int = 0
    octets: bytes = b""
    fcc: Fcc | None = None


class Effects:
    """Makes and queues what actions send."""

    def __init__(
        self,
        store: Store,
        keyring: Keyring,
        blobs: SealedBlobs,
        placer: Placer,
        gate: OutgoingGate,
        clock: Clock,
        host: str,
    ) -> None:
        self._store = store
        self._keyring = keyring
        self._blobs = blobs
        self._placer = placer
        self._gate = gate
        self._clock = clock
        self._entries = LetterEntries(keyring, clock)
        self._host = host

    # Redirects

    async def redirect_targets(
        self, arrival: Arrival, known: Known, one: Redirect, header: Header
    ) -> tuple[tuple[str, ...], Problem | None]:
        """Return the addresses that a redirect goes to; none when it would loop, or policy or the verdict forbid it.

        What the person should know of it is returned beside them.
        """
        if arrival.verdicts.is_spam:
            return (), None
        loops = arrival.content.summary.received_count > REDIRECT_HOPS
        if loops or await self._mark(arrival) in header.all(MARK):
            return (), fail("redirect-loop", address=one.address).problem
        targets: tuple[str, ...] = (one.address,)
        if one.to_list:
            name = "addrbook" if one.address.lower() in {"addrbook", ADDRESS_BOOK} else "own"
            targets = tuple(sorted(known.lists.get(name, frozenset())))
        own = await self._store.addresses(arrival.account.id)
        targets = tuple(target for target in targets if normalize(target) not in own)
        if len(targets) > MAX_LIST:
            # To some of them would be worse than to none: nobody could tell who has it.
            return (), fail("list-size", name=one.address, limit=MAX_LIST).problem
        if targets and await self._gate.refusal(arrival.account, "redirect", targets):
            return (), fail("redirect-policy", address=one.address).problem
        if targets and await self._is_leak(arrival, targets):
            return (), fail("redirect-policy", address=one.address).problem
        return targets, None

    async def _is_leak(self, arrival: Arrival, targets: Sequence[str]) -> bool:
        content = arrival.content
        return await self._gate.leaks.stops_blob(
            arrival.account.id, "redirect", arrival.reverse_path, targets, content.blob, 0, content.summary
        )

    async def _mark(self, arrival: Arrival) -> bytes:
        keys = await self._keyring.account(arrival.account)
        return keys.hash(Purpose.FILTER_MEMORY, b"mark", str(arrival.account.id).encode()).hex().encode()

    async def redirect(self, arrival: Arrival, editions: Editions, one: Redirect, targets: Sequence[str]) -> Sending:
        """Return the message on its way to other addresses, its envelope sender kept (RFC 5228 §4.2), or a way back to it."""
        path = trace.return_path(arrival.reverse_path)
        mark = b"%b: %b\r\n" % (MARK.encode(), await self._mark(arrival))
        intake = await Intake.begin(self._blobs, arrival.account.organization_id, prefix=path + mark)
        await editions.feed(intake, one.edition, without_path=True)
        content = await intake.finish()
        found = await self._found_out(arrival)
        sender = await self._gate.way_back(arrival.account, arrival.reverse_path, targets)
        # RFC 8689 §5: what was asked for the way here is asked for the way on.
        entry = await self._entry(content, sender, targets, len(path), found, require_tls=arrival.require_tls)
        return Sending(entry)

    async def _found_out(self, arrival: Arrival) -> bytes | None:
        """Return what was found out about the message when it came: whoever sends it on says so (RFC 8617).

        None for a message of one of ours: it goes on in their name.
        """
        message = arrival.copy.message
        if not message.inspection:
            return None if arrival.verdicts.aligned else b""
        keys = await self._keyring.account(arrival.account)
        return keys.open(Kind.INSPECTION, message.inspection, message.blob.id)

    # Answers and notifications

    async def reply(self, arrival: Arrival, known: Known, one: Reply, header: Header) -> Sending | None:
        """Return the answer of an absence, or None when there is none to give (RFC 5230 §4)."""
        account = arrival.account
        addresses = await self._store.addresses(account.id)
        own = {*addresses, *map(normalize, one.addresses)}
        if arrival.verdicts.is_spam or refusal_to_answer(header, arrival.reverse_path, own):
            return None
        if await self._gate.refusal(account, "vacation", [arrival.reverse_path]):
            return None
        keys = await self._keyring.account(account)
        fields = (b"told", normalize(arrival.reverse_path).encode(), one.handle.encode("utf-8", "replace"))
        told = keys.hash(Purpose.FILTER_MEMORY, *fields) if one.period else b""
        now = self._clock.now()
        if told and await self._store.remembered(account.id, TOLD_ABSENCE, [told], now):
            return None
        sender = own_sender(addresses, arrival.recipient, account.name)
        try:
            shown = shown_sender(one.from_, sender, addresses)
            octets = vacation_message(one, header, arrival.reverse_path, shown, self._writing(account))
        except ComposeError:
            return None
        if await self._gate.leaks.stops_message(account.id, "vacation", sender.address, [arrival.reverse_path], octets):
            return None
        return await self._sending(arrival, known, octets, [arrival.reverse_path], one.fcc, told, one.period)

    async def notice(self, arrival: Arrival, known: Known, one: Notify, header: Header) -> Sending | None:
        """Return a notification, or None: about a notification there is none (RFC 5436 §2.7.1)."""
        account = arrival.account
        automatic = (header.text("auto-submitted") or "").lower().startswith("auto-notified")
        if arrival.verdicts.is_spam or automatic:
            return None
        addresses = await self._store.addresses(account.id)
        sender = own_sender(addresses, arrival.recipient, account.name)
        try:
            shown = shown_sender(one.from_, sender, addresses)
            octets, recipients = notice_message(one, header, shown, sender.address, self._writing(account))
        except ComposeError:
            return None
        if await self._gate.refusal(account, "notify", recipients):
            return None
        return await self._sending(arrival, known, octets, recipients, one.fcc, b"", 0)

    def _writing(self, account: Account) -> Writing:
        message_id = f"{self._clock.new_id():x}.{self._clock.random(8).hex()}@{self._host}"
        nonce = self._clock.random(12).hex()
        zone = ZONES.get(account.language, 0)
        return Writing(message_id, self._clock.now() // SECOND, zone, nonce, account.language)

    async def _sending(
        self,
        arrival: Arrival,
        known: Known,
        octets: bytes,
        recipients: Sequence[str],
        fcc: Fcc | None,
        told: bytes,
        period: int,
    ) -> Sending:
        # RFC 5230 §5.1, RFC 5436 §2.7: the null reverse-path, so that no failure of it comes back.
        path = trace.return_path("")
        intake = await Intake.begin(self._blobs, arrival.account.organization_id, prefix=path)
        await intake.feed(octets)
        content = await intake.finish()
        entry = await self._entry(content, "", recipients, len(path))
        return Sending(entry, told, self._clock.now() + period * SECOND, octets if fcc is not None else b"", fcc)

    async def keep_copies(self, arrival: Arrival, known: Known, sent: Sequence[Sending]) -> Problem | None:
        """Store the copies of RFC 8580. They may fail: the mail and its answer are safe (RFC 8580 §3.2)."""
        problem: Problem | None = None
        for one in sent:
            try:
                if one.fcc is not None:
                    await self._keep_copy(arrival, await self._kept(arrival, known, one.octets, one.fcc))
            except MailError:
                problem = fail("copy-not-kept").problem
        return problem

    async def _keep_copy(self, arrival: Arrival, message: NewMessage) -> None:
        async def body(tx: MailTx) -> None:
            await tx.add_message(message)

        await self._store.write(arrival.account.id, body)

    async def _kept(self, arrival: Arrival, known: Known, octets: bytes, fcc: Fcc) -> NewMessage:
        """Return the copy of RFC 8580; it carries no trace line, as a sent message does not."""
        row, _problem = await self._placer.mailbox(arrival, known, fcc.place)
        keywords = await self._placer.keywords(arrival, keyword_names(fcc.flags))
        intake = await Intake.begin(self._blobs, arrival.account.organization_id)
        await intake.feed(octets)
        content = await intake.finish()
        keys = await self._keyring.account(arrival.account)
        boxes: tuple[MailboxId, ...] = (row.id,)
        return new_message(keys, content, boxes, received_at=self._clock.now(), keywords=keywords)

    async def _entry(
        self,
        content: Content,
        reverse_path: str,
        recipients: Sequence[str],
        strip: int,
        inspection: bytes | None = None,
        *,
        require_tls: bool = False,
    ) -> NewQueueEntry:
        """Return an entry. `inspection` not None: the message is somebody else's, and this was found out about it."""
        utf8 = not (reverse_path.isascii() and all(one.isascii() for one in recipients))
        from_ = content.summary.from_
        domain = split_address(from_[0].address)[1] if from_ else ""
        envelope = Envelope(
            reverse_path, smtputf8=utf8, strip=strip, header_from=domain, inspection=inspection or b"",
            foreign=inspection is not None, require_tls=require_tls,
        )  # fmt: skip
        notify: tuple[str, ...] = () if reverse_path else ("NEVER",)
        return await self._entries.entry(content.blob, envelope, [Recipient(one, notify) for one in recipients])

    # The commit

    async def are_done(self, arrival: Arrival) -> bool:
        """Whether an earlier try of this delivery sent its messages already."""
        key = arrival.copy.duplicate_key
        return bool(await self._store.remembered(arrival.account.id, DONE_EFFECTS, [key], self._clock.now()))

    async def carry_out(
        self, arrival: Arrival, known: Known, sendings: Sequence[Sending], remembered: Sequence[Remember]
    ) -> list[Sending]:
        """Queue messages and note ids, once per delivery; return what was queued now. Raises Unavailable."""
        now = self._clock.now()
        noted = [(known.duplicate_key(one.key), now + one.seconds * SECOND) for one in remembered]

        async def body(tx: MailTx) -> list[Sending]:
            if not await tx.remember(DONE_EFFECTS, arrival.copy.duplicate_key, now=now, expires_at=now + DAY):
                return []
            queued = []
            for key, expires_at in noted:
                await tx.remember_again(SEEN_ID, key, expires_at=expires_at)
            for one in sendings:
                if one.told and not await tx.remember(TOLD_ABSENCE, one.told, now=now, expires_at=one.told_until):
                    continue
                await tx.add_queue_entry(one.entry)
                queued.append(one)
            return queued

        return await self._store.write(arrival.account.id, body)
