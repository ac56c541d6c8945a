"""Journaling: one copy of every accepted message for an archive, in, out and inside.

NAME       journaling
PURPOSE    A journal address of an organisation, or of one of its domains, gets a report of the envelope with the message
           itself attached, as archives read it.
STRATEGIES The copy is a queue entry, made durable before the message is accepted and committed with it: both are accepted
           or neither. Where a domain keeps a journal, its mail goes through the queue for that. An address gets one copy of
           a message, whoever of its people wrote and got it.
FAILURE    A journal that refuses is tried again until it takes the copy; nothing of it expires (service.flow.queue).
SECURITY   The address is sealed. The copy carries a mark, and what carries it is not journaled again.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from smartmail.domain.errors import Invalid
from smartmail.domain.ids import OrganizationId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.domain.queue import NewQueueEntry
from smartmail.formats import trace
from smartmail.formats.address import Mailbox, domain_to_ascii, split_address
from smartmail.formats.dates import format_date
from smartmail.formats.headers import Header, encode_addresses, encode_unstructured
from smartmail.formats.seal import Kind, Purpose
from smartmail.formats.summary import Summary
from smartmail.service.flow.addressing.book import AddressBook
from smartmail.service.flow.addressing.standing import audit, checked
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.clock import DAY, SECOND
from smartmail.service.kernel.house_letters import HouseLetters, Written
from smartmail.service.kernel.intake import Intake
from smartmail.service.kernel.sealed_blobs import SealedBlob, SealedBlobs

SCOPE = "journal"
FRESH_MS = SECOND
CHUNK_OCTETS = 1 << 18
LIFETIME = 3650 * DAY


@dataclass(frozen=True, slots=True)
class Journaled:
    """What a journal is told of a message. `start`: where in the blob the message proper begins."""

    sender: str
    recipients: Sequence[str]
    blob: SealedBlob
    start: int
    summary: Summary


class JournalService:
    """Knows journals, and makes their copies."""

    def __init__(self, book: AddressBook, blobs: SealedBlobs, host: str, authority: Authority) -> None:
        self._book = book
        self._authority = authority
        self._store = book.store
        self._blobs = blobs
        self._letters = HouseLetters(book.keyring, blobs, book.clock)
        self._host = host
        self._read_at = -FRESH_MS
        self._journals: dict[str, tuple[OrganizationId, str]] = {}

    async def entries(self, message: Journaled, actor: Actor | None) -> list[NewQueueEntry]:
        """Return the copies that a message is to be committed with; their octets are durable. Raises StorageFull."""
        journals = await self._all()
        if not journals or self._mark() in marks_of(message.summary):
            return []
        found: dict[str, OrganizationId] = {}
        senders = [message.sender] if actor is not None else []
        for name in await self._names([*senders, *message.recipients], actor):
            if name in journals:
                organization_id, address = journals[name]
                found.setdefault(address, organization_id)
        direction = await self._direction(message, actor)
        return [await self._entry(message, owner, address, direction) for address, owner in found.items()]

    async def copies(self, message: Journaled, actor: Actor, addresses: Sequence[str]) -> list[NewQueueEntry]:
        """Return copies of a letter of the actor's for these addresses in the same form, to be committed with it. Raises StorageFull."""
        if not addresses:
            return []
        direction = await self._direction(message, actor)
        return [await self._entry(message, actor.organization_id, one, direction) for one in addresses]

    async def _names(self, addresses: Iterable[str], actor: Actor | None) -> list[str]:
        """Return under which names the parties of a message may have a journal: domain, then organisation."""
        names: dict[str, None] = {}
        if actor is not None:
            names[f"organization {actor.organization_id}"] = None
        for domain in dict.fromkeys(domain_to_ascii(split_address(one)[1]) for one in addresses):
            row = await self._store.domain(domain) if domain else None
            if row is not None:
                names[f"domain {row.name}"] = None
                names[f"organization {row.organization_id}"] = None
        return list(names)

    async def _direction(self, message: Journaled, actor: Actor | None) -> str:
        if actor is None:
            return "in"
        domains = {domain_to_ascii(split_address(one)[1]) for one in message.recipients}
        return "inside" if all([await self._store.domain(one) is not None for one in domains]) else "out"

    async def _entry(self, message: Journaled, owner: OrganizationId, address: str, direction: str) -> NewQueueEntry:
        clock = self._book.clock
        path = trace.return_path("")
        boundary = f"=_{clock.random(16).hex()}"
        intake = await Intake.begin(self._blobs, owner, prefix=path, size_hint=message.blob.row.size)
        try:
            await intake.feed(self._head(message, address, boundary, direction))
            for at in range(message.start, message.blob.row.size, CHUNK_OCTETS):
                blob = message.blob
                await intake.feed(
                    await self._blobs.read(blob.row, blob.organization_id, blob.data_key, at, CHUNK_OCTETS)
                )
            await intake.feed(f"\r\n--{boundary}--\r\n".encode())
            content = await intake.finish()
        except BaseException:
            await intake.abort()
            raise
        return await self._letters.entry(Written(content.blob), [address], lifetime=LIFETIME, journaled=True)

    def _head(self, message: Journaled, address: str, boundary: str, direction: str) -> bytes:
        """Return everything before the message itself: header, report, and the header of the attachment."""
        clock = self._book.clock
        summary = message.summary
        told = [
            f"Sender: {_one_line(message.sender)}",
            f"Subject: {_one_line(summary.subject)}",
            f"Message-Id: {_one_line(' '.join(f'<{one}>' for one in summary.ids.message_id))}",
            f"Direction: {direction}",
            *[f"Recipient: {_one_line(one)}" for one in message.recipients],
        ]
        return b"".join([
            f"Date: {format_date(clock.now() // 1000, 0)}\r\n".encode(),
            encode_addresses("From", [Mailbox("Journal", f"postmaster@{self._host}")]),
            encode_addresses("To", [Mailbox("", address)]),
            encode_unstructured("Subject", summary.subject),
            f"Message-ID: <{clock.new_id():x}.{clock.random(8).hex()}@{self._host}>\r\n".encode(),
            # The name by which archives know a journal's copy.
            b"X-MS-Journal-Report:\r\n",
            f"X-Loop: {self._mark()}\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n".encode(),
            f'Content-Type: multipart/mixed; boundary="{boundary}"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n'.encode(),
            f"--{boundary}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n".encode(),
            "\r\n".join(told).encode() + b"\r\n",
            f"\r\n--{boundary}\r\nContent-Type: message/rfc822\r\nContent-Disposition: attachment\r\n".encode(),
            b"Content-Transfer-Encoding: 8bit\r\n\r\n",
        ])  # fmt: skip

    def _mark(self) -> str:
        return f"journal-{self._book.keyring.installation_mac(Purpose.LOOP_MARK, b'journal')[:10].hex()}"

    # -- for administrators -----------------------------------------------------------------------------------------

    async def set(
        self, actor: Actor, *, address: str | None, domain: str = "", organization_id: OrganizationId
    ) -> None:
        """Name the journal of a domain, or of the whole organisation (no domain); None ends it. Raises Invalid."""
        await self._authority.require(actor, "hold.change", Scope("organization", str(int(organization_id))))
        name = f"organization {organization_id}"
        if domain:
            row = await self._store.domain(domain_to_ascii(domain))
            if row is None or row.organization_id != organization_id:
                raise Invalid(f"{domain} is no domain of the organisation", reason="domain.foreign", name=domain)
            name = f"domain {row.name}"
        text = None
        if address is not None:
            keys = await self._book.keyring.organization(organization_id)
            sealed = keys.seal_text(Kind.ORGANIZATION_SETTING, checked([address])[0])
            text = json.dumps({"organization": organization_id, "sealed": sealed.hex()})
        await self._store.put_setting(
            SCOPE, name, text, audit=audit(self._book, actor, "journal.set", name.replace(" ", ":"))
        )
        self._read_at = -FRESH_MS

    async def journals(self) -> dict[str, str]:
        """Return all journals: `domain name` or `organization id` → address."""
        return {name: address for name, (_owner, address) in (await self._all()).items()}

    async def _all(self) -> dict[str, tuple[OrganizationId, str]]:
        now = self._book.clock.now()
        if now - self._read_at >= FRESH_MS:
            found = {}
            for name, text in (await self._store.settings(SCOPE)).items():
                value = json.loads(text)
                owner = OrganizationId(value["organization"])
                keys = await self._book.keyring.organization(owner)
                found[name] = (owner, keys.open_text(Kind.ORGANIZATION_SETTING, bytes.fromhex(value["sealed"])))
            self._journals, self._read_at = found, now
        return self._journals


def marks_of(summary: Summary) -> set[str]:
    """Return the loop marks of a message."""
    block = summary.header_fields(("x-loop",)) or b""
    return {value.decode("ascii", "replace").strip().lower() for value in Header(block).all("x-loop")}


def _one_line(text: str) -> str:
    return " ".join(text.split())
