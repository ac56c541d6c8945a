"""One mail transaction from its envelope to the commit. RFC 5321 §3.3, §4.1.1, §6.1; RFC 2033 §4.2."""

from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial

from smartmail.base import log
from smartmail.domain.account import Account
from smartmail.domain.errors import Forbidden, MailError, PolicyRejected, TooLarge, Unavailable
from smartmail.domain.ids import AccountId, MailboxId, OrganizationId, QueueEntryId
from smartmail.domain.inspection import Act, Inspection, Reason
from smartmail.domain.keywords import SEEN, Keywords
from smartmail.domain.message import NewMessage
from smartmail.domain.trace import Event, Facts
from smartmail.formats import summary as summaries
from smartmail.formats import trace
from smartmail.formats.address import domain_to_ascii, flatten, parse, split_address
from smartmail.formats.dates import format_date
from smartmail.formats.headers import MAX_FIELDS, Header
from smartmail.service.addressing.allowance import Allowance
from smartmail.service.addressing.relays import Relay
from smartmail.service.authentication.forgeries import forgeries, without
from smartmail.service.completing import HeaderHold
from smartmail.service.delivery.committing import Commitment
from smartmail.service.delivery.desk import Accepted, DeliveryDesk, Hello, Target
from smartmail.service.delivery.receiving import HEADER_OCTETS, Direct, Held, HeldBudget
from smartmail.service.envelope import Envelope, Recipient
from smartmail.service.inspection.service import InspectionService
from smartmail.service.inspection.specimen import Findings, Source, Specimen
from smartmail.service.intake import Content, new_message
from smartmail.service.keyring import Sealer
from smartmail.service.mail_limits import Bounds
from smartmail.service.sharing.sending import Delegated
from smartmail.service.tracing import telling

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
    _bounds: Bounds | None = None
    _hold: HeaderHold | None = None
    _relay: Relay | None = None
    _allowance: Allowance = field(default_factory=Allowance)
    _outside: int = 0
    _needs_approval: bool = False
    _is_judged: bool = False
    """Whether the header of a submission was seen whole."""
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
            self._bounds = await self.desk.limits.of(self.hello.actor)
            self._bounds.check_octets(size)
            self._allowance = await self.desk.allowances.of(self.hello.actor.account_id)
        if self.hello.actor is not None and reverse_path and self._relay is None:
            await self.desk.sending.check(self.hello.actor, [reverse_path])
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
        if self._bounds is not None:
            self._bounds.check_recipients(len(self.targets) + 1)
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
        if target.organization_id is None:
            self._needs_approval = self._allowance.check(self._outside + 1)
            self._outside += 1
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
        self._bounds = await self.desk.limits.of(self.hello.actor)
        self._allowance = await self.desk.allowances.of(self.hello.actor.account_id)

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
        if self.hello.mode == "submission":
            date = format_date(self.desk.clock.now() // 1000, 0)
            self._hold = HeaderHold(date, f"{self.id}@{self.hello.by}")

    async def chunk(self, octets: bytes) -> None:
        """Take octets of the message. Raises TooLarge, StorageFull, Unavailable."""
        self._size += len(octets)
        if self._size > self.max_size:
            raise TooLarge(f"at most {self.max_size} octets")
        if self._bounds is not None:
            self._bounds.check_octets(self._size)
        if self._hold is None:
            await self._pass(b"", octets)
        else:
            await self._pass_held(self._hold, *self._hold.take(octets))

    async def _pass_held(self, hold: HeaderHold, lines: bytes, octets: bytes) -> None:
        """Pass on what a submission's hold lets go; before the first of it goes the Sender field that it may lack.

        Raises TooLarge: a From behind what is looked at would be seen by readers and judged by nobody.
        """
        header, hold.header = hold.header, None
        if header is not None:
            octets = without(octets, forgeries(header.block, self.hello.by.lower()))
            self._is_judged = len(header.fields) < MAX_FIELDS and len(header.block) <= HEADER_OCTETS
        if octets and not self._is_judged:
            raise TooLarge("the header of this message is too large")
        if header is not None and self.hello.actor is not None and self._relay is None:
            boxes = {name: _addresses(header, name) for name in ("from", "sender")}
            with suppress(PolicyRejected):  # `finish` refuses it
                lines += await self.desk.sending.missing_sender(self.hello.actor, boxes["from"], boxes["sender"])
        await self._pass(lines, octets)

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
        if self._hold is not None:
            await self._pass_held(self._hold, *self._hold.rest())
        inspection = None
        if isinstance(receiving, Held):
            inspection, contents = await self._inspected(receiving)
        else:
            contents = await receiving.finish()
        self._receiving = None
        first = next(iter(contents.values()))
        if first.summary.received_count > MAX_RECEIVED:
            raise PolicyRejected("too many hops: this message is in a loop")
        if self._bounds is not None:
            self._bounds.check_attachments(first.summary)
        delegated = await self._check_from(first)
        contents = await self._footed(contents, delegated)
        accepted = await self._committed(contents, next(iter(contents.values())), inspection)
        await self._afterwards(self._counted(first))
        if delegated is not None:
            await self._afterwards(self._keep_sent(delegated, contents))
        return accepted

    async def _footed(
        self, contents: dict[OrganizationId, Content], delegated: Delegated | None
    ) -> dict[OrganizationId, Content]:
        """Put the company's footer below what a person submits; machines write what they must."""
        footers, actor = self.desk.footers, self.hello.actor
        if footers is None or actor is None or self._relay is not None:
            return contents
        sender = actor.account_id if delegated is None else delegated.account_id
        return await footers.put(contents, sender, outside=self._outside > 0)

    async def _committed(
        self, contents: dict[OrganizationId, Content], first: Content, inspection: Inspection | None
    ) -> Accepted:
        """Commit the message to all, or, where big attachments became links, each form of it to those who get it so."""
        results: dict[int, MailError | None] = {}
        queued = False
        for number, (targets, form) in enumerate(await self._forms(contents, first)):
            entry_id = self._entry_id if number == 0 else QueueEntryId(self.desk.clock.new_id())
            assert self.envelope is not None
            commitment = Commitment(
                self.desk, self.hello, self.envelope, targets, entry_id, inspection,
                sum(target.organization_id is None for target in targets), self._needs_approval, self._personal,
            )  # fmt: skip
            accepted = await commitment.accept(form)
            results.update(zip((id(target) for target in targets), accepted.results, strict=True))
            queued |= accepted.queued
        return Accepted(self.id, tuple(results[id(target)] for target in self.targets), queued=queued)

    async def _forms(
        self, contents: dict[OrganizationId, Content], first: Content
    ) -> list[tuple[list[Target], dict[OrganizationId, Content]]]:
        """Return who gets which form of a message: all of them are durable before one is given to anybody."""
        big, actor = self.desk.big_attachments, self.hello.actor
        if big is None or actor is None:
            return [(self.targets, contents)]
        outside = [target for target in self.targets if target.organization_id is None]
        conversion = await big.begin(actor, first, outside=bool(outside))
        if conversion is None:
            return [(self.targets, contents)]
        inside = [target for target in self.targets if target.organization_id is not None]
        if self._needs_approval or (conversion.inside and not outside):
            # What waits for an approval waits as one.
            return [(self.targets, await big.rewritten(conversion, contents, ""))]
        forms = [(inside, await big.rewritten(conversion, contents, "") if conversion.inside else contents)]
        groups = [[target] for target in outside] if conversion.per_recipient else [outside]
        for group in groups:
            named = group[0].recipient.address if len(group) == 1 else ""
            forms.append((group, await big.rewritten(conversion, contents, named)))
        return [form for form in forms if form[0]]

    async def _afterwards(self, work: Coroutine[None, None, None]) -> None:
        """Do what follows from a message that is ours now. If it fails, the peer must hear all the same that we have the
        message, or it gives it to us once more and others get it twice.
        """
        try:
            await work
        except Exception as error:
            log.event("delivery.afterwards_failed", id=self.id, error=type(error).__name__, detail=str(error)[:200])

    async def _counted(self, content: Content) -> None:
        actor = self.hello.actor
        if actor is None:
            return
        recipients = [target.recipient.address for target in self.targets]
        blob = content.blob
        read = partial(self.desk.blobs.read, blob.row, blob.organization_id, blob.data_key)
        await self.desk.limits.sent(actor, recipients, content.summary, read)
        await self.desk.allowances.count(actor.account_id, self._allowance, self._outside)

    async def _inspected(self, held: Held) -> tuple[Inspection, dict[OrganizationId, Content]]:
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
        if tracer is None or not tracer.may_refuse():
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
        if tracer is None or not tracer.may_refuse():
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

    async def _check_from(self, content: Content) -> Delegated | None:
        """A submission shows only addresses that its person may send as in From (RFC 6409 §6.1); return the account that
        it is sent for, None for their own.
        """
        if self.hello.actor is None:
            return None
        boxes = content.summary.addresses
        if self._relay is not None:
            self._relay.check(*[one.address for one in (*boxes.from_, *boxes.sender)])
            return None
        return await self.desk.sending.check_shown(
            self.hello.actor, [one.address for one in boxes.from_], [one.address for one in boxes.sender]
        )

    async def _keep_sent(self, delegated: Delegated, contents: dict[OrganizationId, Content]) -> None:
        """Put a copy into the Sent mailbox of the account it was sent for, where its organisation holds the octets."""
        actor, now = self.hello.actor, self.desk.clock.now()
        content = contents.get(actor.organization_id) if actor is not None else None
        if actor is None or content is None:
            return

        def make(keys: Sealer, mailbox_id: MailboxId) -> NewMessage:
            return new_message(keys, content, (mailbox_id,), received_at=now, keywords=Keywords(SEEN))

        await self.desk.sending.keep_copy(actor, delegated, make)

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
        if hello.actor is not None and not (self._bounds and self._bounds.client_address):
            # Where our people sit is nobody's business; what a program calls itself tells it too.
            helo, address = trace.SUBMISSION, ""
        hop = trace.Hop(helo, address, hello.by, hello.protocol, self.id, date, single, hello.tls)
        verdicts = b"" if findings is None else b"".join(findings.lines)
        return trace.return_path(self.envelope.reverse_path) + verdicts + trace.received(hop)


def _addresses(header: Header, name: str) -> list[str]:
    return [one.address for value in header.all(name) for one in flatten(parse(value))]
