"""Recipients of ours that wait in the queue: their copies are made and stored one commit each.

The same work again stores nothing twice: entry and recipient are in the duplicate key.
"""

from collections.abc import AsyncIterator

import msgspec

from smartmail.domain import inspection as inspections
from smartmail.domain.errors import MailError, NotFound, OverQuota, Unavailable
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.inspection import Inspection
from smartmail.domain.message import Added, Delivery
from smartmail.formats import trace
from smartmail.formats.mime.scanner import Scanner
from smartmail.formats.seal import Purpose
from smartmail.service.flow.delivery.desk import DeliveryDesk, verdicts_of
from smartmail.service.flow.filters.arrival import Arrival, environment
from smartmail.service.flow.queue import CHUNK_OCTETS, Outcome, Work
from smartmail.service.kernel.envelope import Result
from smartmail.service.kernel.intake import Content, Intake, content_of
from smartmail.service.kernel.sealed_blobs import SealedBlob

_MAKING_TRIES = 12
"""How often a recipient without an inbox is tried again soon: about a minute, far more than making an account takes."""


class QueuedDelivery:
    """Brings queued recipients to their accounts."""

    def __init__(self, desk: DeliveryDesk) -> None:
        self._desk = desk

    async def deliver(self, work: Work) -> list[Outcome]:
        """Bring queued recipients of ours to their accounts; one outcome for each.

        The same work again stores nothing twice: entry and recipient are in the duplicate key.
        """
        outcomes: dict[int, Outcome] = {}
        by_organization: dict[OrganizationId, list[tuple[int, AccountId, str]]] = {}
        for row, recipient in work.recipients:
            account_id = await self._desk.directory.account_of(recipient.address) if recipient.final else None
            if account_id is None:  # also one that was found and has moved to another system since
                resolution = await self._desk.directory.resolve(recipient.address, stay=recipient.stay)
                account_id = resolution.account_id
                if resolution.place is not None:
                    handed = await self._desk.handing.hand_on(work, row, recipient, resolution.place)
                    outcomes[row.number] = handed
                    continue
            if account_id is None:
                outcomes[row.number] = Outcome(row.number, "permanent", Result(550, "5.1.1", "No such recipient here"))
                continue
            try:
                account = await self._desk.directory.account(account_id)
            except NotFound as error:  # closed since a moment
                outcomes[row.number] = _failed(row.number, error)
                continue
            copy = (row.number, account.id, recipient.address)
            by_organization.setdefault(account.organization_id, []).append(copy)
        for organization_id, copies in by_organization.items():
            content = await self._queued_content(work, organization_id)
            for outcome in await self._deliver_copies(work, content, copies):
                outcomes[outcome.number] = outcome
        return [outcomes[row.number] for row, _recipient in work.recipients]

    async def _queued_content(self, work: Work, organization_id: OrganizationId) -> Content:
        """Return the queued message as content of an organisation: the same blob where that one has our Return-Path
        line and lies inside it, a new one elsewhere.
        """
        entry = work.lease.entry
        keys = await self._desk.keyring.queue(entry.organization_id)
        data_key = keys.unwrap(entry.blob.id, entry.wrapped_key)
        blob = await self._desk.store.blob(entry.blob.id)
        source = SealedBlob(blob, entry.organization_id, data_key)
        if organization_id != entry.organization_id or not work.envelope.strip:
            # What was written here lies as its writer keeps it; final delivery adds the line (RFC 5321 §4.4).
            path = b"" if work.envelope.strip else trace.return_path(work.envelope.reverse_path)
            return await self._copied(source, organization_id, path)
        scanner = Scanner()
        async for octets in self._octets(source):
            scanner.feed(octets)
        return content_of(source, scanner.finish(), b"")

    async def _copied(self, source: SealedBlob, organization_id: OrganizationId, prefix: bytes) -> Content:
        intake = await Intake.begin(self._desk.blobs, organization_id, prefix=prefix, size_hint=source.row.size)
        try:
            async for octets in self._octets(source):
                await intake.feed(octets)
            return await intake.finish()
        except BaseException:
            await intake.abort()
            raise

    async def _octets(self, source: SealedBlob) -> AsyncIterator[bytes]:
        for start in range(0, source.row.size, CHUNK_OCTETS):
            yield await self._desk.blobs.read(source.row, source.organization_id, source.data_key, start, CHUNK_OCTETS)

    async def _deliver_copies(
        self, work: Work, content: Content, copies: list[tuple[int, AccountId, str]]
    ) -> list[Outcome]:
        results: list[Outcome] = []
        deliveries: list[tuple[int, AccountId, str, Delivery]] = []
        # Of a delivery that was begun before it was queued some may be done: its own key goes on.
        begun = {row.number: recipient.delivery_key for row, recipient in work.recipients}
        for number, account_id, address in copies:
            # What one account lacks must not hold back the copies of the others.
            try:
                delivery = await self._placed(work, content, account_id, address, begun[number])
            except NotFound as error:
                results.append(_failed(number, error))
            except Unavailable:
                results.append(_making(work, number))
            else:
                deliveries.append((number, account_id, address, delivery))
        for number, account_id, address, delivery in deliveries:
            # One commit each: without a fallback entry one full mailbox would undo the others.
            try:
                added = await self._store_queued(work, content, delivery, address)
            except MailError as error:
                results.append(_failed(number, await self._desk.limits.told(account_id, error)))
                continue
            self._desk.hints.account_changed(account_id)
            if work.lease.entry.account_id is None:
                await self._desk.receipts.came(await self._desk.directory.account(account_id), content)
            results.append(
                Outcome(number, "delivered", Result(250, "2.1.5", "Delivered"), place=_place(account_id, added))
            )
        return results

    async def _placed(
        self, work: Work, content: Content, account_id: AccountId, address: str, begun: bytes
    ) -> Delivery:
        """Return the copy of one account. Raises NotFound (closed), Unavailable (it has no inbox yet)."""
        keys = await self._desk.keyring.account_by_id(account_id)
        entry = work.lease.entry.id
        key = begun or keys.hash(Purpose.DELIVERY, b"queue", str(entry).encode(), address.encode())
        return await self._desk.placed(account_id, keys, content, key, _inspection(work), entry)

    async def _store_queued(self, work: Work, content: Content, delivery: Delivery, address: str) -> Added | None:
        """Store a copy; return where it lies, None where filters kept none or it was there already."""
        version = await self._desk.filters.version(delivery.account_id)
        if not version:
            [added] = await self._desk.store.deliver_many([delivery], None)
            return added if isinstance(added, Added) else None
        account, envelope = await self._desk.directory.account(delivery.account_id), work.envelope
        # The sender hears of a reject only if it is one of ours: of others nobody knows whether they are true.
        verdicts = verdicts_of(_inspection(work), aligned=work.lease.entry.account_id is not None)
        arrival = Arrival(
            account, content, delivery, envelope.reverse_path, address, can_refuse=False, strip=envelope.strip,
            verdicts=verdicts, environment=environment(), require_tls=envelope.require_tls,
        )  # fmt: skip
        await self._desk.filters.deliver(arrival, version)
        added = arrival.stored[0] if arrival.stored else None
        return added if isinstance(added, Added) else None


def _place(account_id: AccountId, added: Added | None) -> tuple[int, int, int, int]:
    if added is None:
        return account_id, 0, 0, 0
    mailbox_id, uid = added.placements[0] if added.placements else (0, 0)
    return account_id, added.message_id, mailbox_id, uid


def _inspection(work: Work) -> Inspection | None:
    """Return what was found out when the message came. What waited in quarantine was let out by somebody."""
    if not work.envelope.inspection:
        return None
    found = inspections.decode(work.envelope.inspection)
    return msgspec.structs.replace(found, act="deliver") if found.act == "quarantine" else found


def _making(work: Work, number: int) -> Outcome:
    """Return the outcome of a copy for an account that is just being made: soon again, and when that does not help, at
    the times of the queue.
    """
    [attempts] = [row.attempts for row, _recipient in work.recipients if row.number == number]
    result = Result(451, "4.2.1", "The recipient's mailbox is just being made")
    return Outcome(number, "temporary", result, soon=attempts < _MAKING_TRIES)


def _failed(number: int, error: MailError) -> Outcome:
    """Return the outcome of a copy that an account could not take. One that was closed this moment is looked for anew."""
    if isinstance(error, NotFound):
        return Outcome(number, "temporary", Result(451, "4.1.1", "The recipient has just moved"), soon=True)
    enhanced = "2.2" if isinstance(error, OverQuota) else "3.0"
    if error.temporary:
        return Outcome(number, "temporary", Result(451, f"4.{enhanced}", error.public or error.code))
    return Outcome(number, "permanent", Result(550, f"5.{enhanced}", error.public or error.code))
