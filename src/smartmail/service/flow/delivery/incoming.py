"""One mail transaction from its envelope to the commit. RFC 5321 §3.3, §4.1.1, §6.1; RFC 2033 §4.2."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from smartmail.domain.account import Account
from smartmail.domain.errors import Forbidden, MailError, PolicyRejected, TooLarge, Unavailable
from smartmail.domain.ids import AccountId, OrganizationId, QueueEntryId
from smartmail.domain.inspection import Act, Inspection, Reason
from smartmail.domain.trace import Event, Facts
from smartmail.formats import summary as summaries
from smartmail.formats import trace
from smartmail.formats.address import domain_to_ascii, split_address
from smartmail.formats.dates import format_date
from smartmail.formats.headers import MAX_FIELDS, Header
from smartmail.service.flow.addressing.relays import Relay
from smartmail.service.flow.delivery.committing import Commitment
from smartmail.service.flow.delivery.desk import Accepted, DeliveryDesk, Hello, Target
from smartmail.service.flow.delivery.receiving import HEADER_OCTETS, Direct, Held, HeldBudget
from smartmail.service.flow.delivery.submitting import Submitting
from smartmail.service.flow.outgoing.labelling import NONE
from smartmail.service.flow.outgoing.leaks import FREE
from smartmail.service.flow.outgoing.shaping import Contents, Form
from smartmail.service.flow.tracing import telling
from smartmail.service.kernel.envelope import Envelope, Recipient
from smartmail.service.kernel.inspection.service import InspectionService
from smartmail.service.kernel.inspection.specimen import Findings, Source, Specimen

MAX_RECEIVED = 100
"""RFC 5321 §6.3: a message that made this many hops is in a loop."""
_NO_ENTRY = QueueEntryId(0)


@dataclass(slots=True)
class Incoming:
    """One mail transaction. Calls come in the order of the protocol; `drop` may come at any time."""

    desk: DeliveryDesk
    inspection: InspectionService
    budget: HeldBudget
    hello: Hello
    max_size: int
    envelope: Envelope | None = None
    targets: list[Target] = field(default_factory=list)
    _receiving: Direct | Held | None = None
    _entry_id: QueueEntryId = _NO_ENTRY
    _size: int = 0
    _relay: Relay | None = None
    _letter: Submitting | None = None
    """What one of ours submits goes through service.flow.outgoing."""
    _personal: dict[AccountId, tuple[Act, Reason]] = field(default_factory=dict)

    async def mail(
        self, reverse_path: str, *, size: int = 0, ret: str = "", envid: str = "", smtputf8: bool = False,
        require_tls: bool = False,
    ) -> None:  # fmt: skip
        """MAIL FROM. Raises TooLarge, PolicyRejected (a submission that sends as somebody else)."""
        if size > self.max_size:
            raise TooLarge(f"at most {self.max_size} octets")
        if reverse_path or self.hello.actor is not None:
            await self._as_relay(reverse_path)
        if self.hello.actor is not None:
            self._letter = await Submitting.begin(self.desk, self.hello.actor, self._relay, self.hello.by)
            await self._letter.mail(reverse_path, size)
        self.envelope = Envelope(reverse_path, ret, envid, smtputf8, require_tls=require_tls)

    async def _as_relay(self, reverse_path: str) -> None:
        """A registered machine on port 25 submits for its owner, logged in or not. Raises PolicyRejected, RateLimited."""
        hello = self.hello
        if hello.mode != "mx":
            return
        found = await self.desk.relays.sender(hello.origin, reverse_path)
        if found is None:
            if hello.actor is not None:
                raise Forbidden("port 25 takes logins of registered systems only")
            return
        relay, owner = found
        if hello.actor is not None and hello.actor.account_id != owner.account_id:
            raise Forbidden("this login is not the one that this system is registered for")
        await self.desk.relays.count(relay)
        self._relay = relay
        self.hello = replace(hello, mode="submission", actor=owner)

    async def rcpt(self, address: str, *, notify: tuple[str, ...] = (), orcpt: str = "") -> None:
        """RCPT TO. Raises NotFound (nobody here), Forbidden (relaying), OverQuota, PolicyRejected (one too many)."""
        if self._letter is not None:
            self._letter.terms.bounds.check_recipients(len(self.targets) + 1)
        assert self.envelope is not None
        hello = self.hello
        recipient = Recipient(address, notify, orcpt)
        try:
            target = await self.desk.target(recipient, self.envelope.reverse_path, hello.actor, hello.origin.address)
        except MailError as error:
            await self._tell_unwanted(self.envelope.reverse_path, address, error)
            raise
        if hello.mode == "mx" and hello.actor is None and target.account is not None:
            await self.desk.limits.admit_stranger(target.account)
        if target.organization_id is None and hello.mode != "submission":
            await self._relay_report()
        if target.organization_id is None and self._letter is not None:
            self._letter.add_outside()
        self.targets.append(target)

    async def _relay_report(self) -> None:
        """Let a registered machine send outside with an empty return path; to people of ours that is anybody's report, and
        judged as one. Raises Forbidden: nobody may relay here.
        """
        assert self.envelope is not None
        if not self.envelope.reverse_path:
            await self._as_relay("")
        if self._relay is None or self.hello.actor is None:
            sender = self.envelope.reverse_path
            if self.hello.mode == "mx" and sender and await self.desk.relays.at(self.hello.origin.address):
                # Who runs the machine needs to hear what to mend; it tells no stranger anything.
                raise Forbidden(f"{sender} is not an address that this system is registered for")
            raise Forbidden("relaying denied")
        if self._letter is None:
            self._letter = await Submitting.begin(self.desk, self.hello.actor, self._relay, self.hello.by)

    async def for_account(self, account: Account) -> None:
        """Begin a message that is brought to an account, with nobody to answer to: an empty return path."""
        await self.mail("")
        self.targets.append(Target(Recipient(account.login), account, account.organization_id))
        await self.begin()

    async def begin(self) -> None:
        """DATA: get ready for octets. Raises StorageFull, Unavailable."""
        self._entry_id = QueueEntryId(self.desk.clock.new_id())
        if self.hello.mode in {"mx", "pull"} and not self.inspection.idle:
            self._receiving = Held(self.desk.blobs, self._organizations(), self.budget)
            return
        self._receiving = await Direct.begin(self.desk.blobs, self._organizations(), self._trace_lines())
        if self._letter is not None:
            self._letter.data(self.id)

    async def chunk(self, octets: bytes) -> None:
        """Take octets of the message. Raises TooLarge, StorageFull, Unavailable."""
        self._size += len(octets)
        if self._size > self.max_size:
            raise TooLarge(f"at most {self.max_size} octets")
        if self._letter is None:
            await self._pass(b"", octets)
            return
        self._letter.terms.bounds.check_octets(self._size)
        await self._pass(*await self._letter.take(octets))

    async def _pass(self, lines: bytes, octets: bytes) -> None:
        receiving = self._receiving
        assert receiving is not None
        if lines and isinstance(receiving, Direct):
            await receiving.add(lines)
        if octets:
            await receiving.feed(octets)

    async def finish(self) -> Accepted:
        """End of data: make the message durable and commit. After this returns we are responsible (RFC 5321 §6.1)."""
        receiving = self._receiving
        assert receiving is not None
        assert self.envelope is not None
        letter = self._letter
        if letter is not None:
            await self._pass(*await letter.rest())
        inspection = None
        if isinstance(receiving, Held):
            inspection, contents = await self._inspected(receiving)
        else:
            contents = await receiving.finish()
        self._receiving = None
        first = next(iter(contents.values()))
        if first.summary.received_count > MAX_RECEIVED:
            raise PolicyRejected("too many hops: this message is in a loop")
        if letter is None:
            return await self._committed(contents, inspection)
        assert self.envelope is not None
        await letter.judge(first, self.envelope.reverse_path, self.targets)
        written = contents
        contents = await letter.footed(await letter.changed(written))
        accepted = await self._committed(contents, inspection)
        await self.desk.outgoing.afterwards(self.id, letter.count(first, self.targets))
        await self.desk.outgoing.afterwards(self.id, letter.keep_sent(written if letter.ruling.changes else contents))
        return accepted

    async def _committed(self, contents: Contents, inspection: Inspection | None) -> Accepted:
        """Commit the message to all, or, where it has several forms, each form to those who get it so: all of them are
        durable before one is given to anybody.
        """
        everybody = [Form(tuple(range(len(self.targets))), contents)]
        forms = everybody if self._letter is None else await self._letter.forms(contents, self.targets)
        results: dict[int, MailError | None] = {}
        queued = False
        for number, form in enumerate(forms):
            entry_id = QueueEntryId(self.desk.clock.new_id()) if number else self._entry_id
            targets = [self.targets[one] for one in form.numbers]
            commitment = self._commitment(targets, entry_id, inspection, form)
            if number:
                commitment.ruling = replace(commitment.ruling, along=(), review=False)  # once for the letter
            accepted = await commitment.accept(form.contents, form.original)
            results.update(zip(form.numbers, accepted.results, strict=True))
            queued |= accepted.queued
        return Accepted(self.id, tuple(results[one] for one in range(len(self.targets))), queued=queued)

    def _commitment(
        self, targets: Sequence[Target], entry_id: QueueEntryId, inspection: Inspection | None, form: Form
    ) -> Commitment:
        assert self.envelope is not None
        return Commitment(
            self.desk, self.hello, self.envelope, targets, entry_id, inspection,
            sum(target.organization_id is None for target in targets),
            self._letter is not None and self._letter.needs_approval, self._personal,
            FREE if self._letter is None else self._letter.ruling, form.ticket, form.secure,
            [one.recipient.address for one in self.targets], NONE if self._letter is None else self._letter.label,
            () if self._letter is None else self._letter.doubts,
        )  # fmt: skip

    async def _inspected(self, held: Held) -> tuple[Inspection, Contents]:
        """Have the message inspected, and make it durable behind the lines that say what was found out.

        Raises PolicyRejected, TooLarge (its header), Unavailable (come again), StorageFull.
        """
        specimen = await self._specimen(held)
        if specimen.entity.body_start > HEADER_OCTETS or len(specimen.header.fields) >= MAX_FIELDS:
            # A From or a verdict behind what is looked at would be seen by readers and judged by nobody.
            raise TooLarge("the header of this message is too large")
        findings = await self.inspection.inspect(specimen)
        if self.hello.pulled is not None and findings.act == "reject":
            # Whoever sent it was told long ago that it arrived, so that nobody is left to refuse it to.
            findings.act = "quarantine" if findings.virus else "junk"
        if findings.act in {"reject", "defer"}:
            self._tell_refusal(specimen, findings)
        if findings.act == "reject":
            raise PolicyRejected(findings.public or "this message is not wanted here")
        if findings.act == "defer":
            raise Unavailable(findings.public or "not now; try again later")
        self._personal = findings.personal
        contents = await held.keep(self._trace_lines(findings), findings.cuts)
        return findings.kept(self.hello.tls), contents

    async def _tell_unwanted(self, sender: str, address: str, error: MailError) -> None:
        """Tell the tracer of a recipient in a domain of ours that was not taken."""
        tracer, hello = self.desk.tracer, self.hello
        if not tracer.may_refuse():
            return
        with suppress(MailError):  # the store is away: the peer hears of the recipient all the same
            domain = await self.desk.store.domain(domain_to_ascii(split_address(address)[1]).lower())
            if domain is not None:
                facts = Facts(
                    sender, (address,), door=hello.origin.door, peer=hello.origin.address, helo=hello.helo, tls=hello.tls,
                    count=1,
                )  # fmt: skip
                event = Event("rejected", address, text=error.public or error.code)
                tracer.begin(domain.organization_id, self.desk.clock.new_id(), facts, [event])

    def _tell_refusal(self, specimen: Specimen, findings: Findings) -> None:
        """Tell the tracer what was not taken, and why; each organisation learns of its own recipients."""
        tracer, hello = self.desk.tracer, self.hello
        if not tracer.may_refuse():
            return
        events = [*telling.checked(findings.kept(hello.tls)), Event("rejected", text=findings.public, act=findings.act)]
        for number, organization_id in enumerate(self._organizations()):
            mine = [one.recipient.address for one in self.targets if one.organization_id in {None, organization_id}]
            facts = telling.facts_of(
                specimen.reverse_path, mine, specimen.summary, door=hello.origin.door, size=specimen.size,
                peer=hello.origin.address, helo=hello.helo, tls=hello.tls, told=self._entry_id if number else 0,
            )  # fmt: skip
            tracer.begin(organization_id, self.desk.clock.new_id() if number else self._entry_id, facts, events)

    async def _specimen(self, held: Held) -> Specimen:
        assert self.envelope is not None
        entity = await held.whole()
        hello = self.hello
        origin = hello.origin
        pulled = hello.pulled is not None
        source = Source(
            origin.address, origin.port, hello.helo, hello.by, hello.protocol, hello.tls, partner=pulled, pulled=pulled
        )
        return Specimen(
            source, self.envelope.reverse_path, [target.recipient.address for target in self.targets],
            [target.account for target in self.targets], Header(held.head[: entity.body_start]), entity,
            summaries.build(entity), held.head, held.size, held.read, self.desk.clock.now(),
        )  # fmt: skip

    def drop(self) -> None:
        """Give up what was received so far; its volume's writers are ended in the background."""
        receiving, self._receiving = self._receiving, None
        if receiving is not None:
            self.desk.end_later(receiving.abort())

    @property
    def id(self) -> str:
        """The id that the peer is told and that the Received line carries."""
        return f"{self._entry_id:x}"

    def _organizations(self) -> list[OrganizationId]:
        """Return the organisations whose keys seal this message: the sender's for a submission, else the recipients'."""
        found = [target.organization_id for target in self.targets if target.organization_id is not None]
        if self.hello.actor is not None and len(found) < len(self.targets):
            return [self.hello.actor.organization_id]
        return list(dict.fromkeys(found))

    def _trace_lines(self, findings: Findings | None = None) -> bytes:
        """Return what we put in front: Return-Path, the verdicts, Received (RFC 8601 §4: above the hop they speak of)."""
        hello = self.hello
        assert self.envelope is not None
        single = self.targets[0].recipient.address if len(self.targets) == 1 else None
        date = format_date(self.desk.clock.now() // 1000, 0)
        helo, address = hello.helo, hello.origin.address
        if hello.actor is not None and not (self._letter and self._letter.terms.bounds.client_address):
            # Where our people sit is nobody's business; what a program calls itself tells it too.
            helo, address = trace.SUBMISSION, ""
        hop = trace.Hop(helo, address, hello.by, hello.protocol, self.id, date, single, hello.tls)
        verdicts = b"" if findings is None else b"".join(findings.lines)
        return trace.return_path(self.envelope.reverse_path) + verdicts + trace.received(hop)
