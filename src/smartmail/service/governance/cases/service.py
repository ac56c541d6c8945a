"""Reports of phishing become cases."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import msgspec

from smartmail.base import log
from smartmail.base.i18n import translate
from smartmail.domain.account import Account
from smartmail.domain.audit import AuditRecord
from smartmail.domain.authority import Permission
from smartmail.domain.cases import CaseRow, CaseState, CaseText, Wave
from smartmail.domain.errors import AlreadyExists, Invalid, MailError, NotFound
from smartmail.domain.ids import AccountId, BlobId, MailboxId, MessageId, OrganizationId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor, system_actor
from smartmail.domain.queue import NewQueueEntry
from smartmail.formats.address import Mailbox, normalize, split_address
from smartmail.formats.compose import Attachment, Draft, compose
from smartmail.formats.seal import Kind, Purpose, SealError
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_audit import AuditLog
from smartmail.ports.store_blobs import BlobRowStore
from smartmail.ports.store_cases import CaseStore
from smartmail.ports.store_directory import DomainStore
from smartmail.ports.store_settings import SettingStore
from smartmail.ports.store_tx import MailTx
from smartmail.service.governance.cases import similarity
from smartmail.service.governance.cases.evidence import case_text, examine, merged, package, telling
from smartmail.service.governance.cases.showing import EvidenceView, shown, text_of
from smartmail.service.kernel.audit.texts import RecordTexts, given_reason
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.house_letters import HouseLetters
from smartmail.service.kernel.keyring import Keyring, Sealer
from smartmail.service.kernel.push import Hints
from smartmail.service.kernel.sealed_blobs import SealedBlobs
from smartmail.service.mailbox.mailstore.mailboxes import MailboxService
from smartmail.service.mailbox.mailstore.reading import ReadingService
from smartmail.service.protection.findings import FindingsService


class _Store(AccountStore, AuditLog, BlobRowStore, CaseStore, DomainStore, SettingStore, Protocol): ...


DAYS = 30
COMPARED = 500
BATCH = 100
LIFETIME = 2 * DAY
SETTING = "phishing.notify"


@dataclass(frozen=True, slots=True)
class OpenCase:
    """A case, opened."""

    row: CaseRow
    text: CaseText


class CaseService:
    """Takes reports, groups them, shows them."""

    def __init__(
        self, store: _Store, keyring: Keyring, blobs: SealedBlobs, reading: ReadingService, findings: FindingsService,
        mailboxes: MailboxService, hints: Hints, clock: Clock, host: str,
        authority: Authority,
    ) -> None:  # fmt: skip
        self._store = store
        self._keyring = keyring
        self._blobs = blobs
        self._letters = HouseLetters(keyring, blobs, clock)
        self._reading = reading
        self._findings = findings
        self._mailboxes = mailboxes
        self._hints = hints
        self._clock = clock
        self._host = host
        self._authority = authority
        self._texts = RecordTexts(keyring, clock)

    # --- reports ---

    async def report(self, actor: Actor, account_id: AccountId, message_id: MessageId) -> int:
        """Report a message; return its case. The same message again is the same report. Raises NotFound, Unavailable."""
        octets = await self._reading.octets(actor, account_id, message_id, shows=False)
        known = await self._store.reported(account_id, [message_id])
        if message_id in known:
            return known[message_id]
        account = await self._store.account(account_id)
        inspection = (await self._findings.of(actor, account_id, [message_id])).get(message_id)
        now, keys = self._clock.now(), await self._keyring.organization(account.organization_id)
        evidence = await examine(octets, now)
        text = case_text(evidence, inspection)
        mark = similarity.digest(evidence.words, partial(keys.hash, Purpose.SIMILARITY))
        known_case = await self._same_campaign(account.organization_id, keys, text, mark)
        try:
            if known_case is not None:
                sealed = _sealed(keys, known_case.row.blob_id, merged(known_case.text, text))
                await self._store.add_report(known_case.row.id, (account_id, message_id), sealed, now)
                return known_case.row.id
            return await self._begin(account, message_id, text, mark, package(octets, text, inspection, now))
        except AlreadyExists:
            return (await self._store.reported(account_id, [message_id]))[message_id]

    async def _begin(
        self, account: Account, message_id: MessageId, text: CaseText, mark: bytes, evidence: bytes
    ) -> int:
        now, organization_id = self._clock.now(), account.organization_id
        keys = await self._keyring.organization(organization_id)
        blob = await self._blobs.store(organization_id, evidence)
        row = CaseRow(
            0, organization_id, "open", mark, _sealed(keys, blob.row.id, text), blob.row.id,
            keys.wrap(blob.row.id, blob.data_key), now, now, 1,
        )  # fmt: skip
        desk = await self.desk(organization_id)
        notices = [await self._notice(account, desk, text, evidence)] if desk else []
        made = await self._store.open_case(row, blob.row, (account.id, message_id), notices)
        log.event("case.opened", case=made.id, organization=organization_id)
        if notices:
            self._hints.queue_changed()
        return made.id

    async def _same_campaign(
        self, organization_id: OrganizationId, keys: Sealer, text: CaseText, mark: bytes
    ) -> OpenCase | None:
        """Return the newest case that this message belongs to. One that was dismissed gets no more reports."""
        since = self._clock.now() - DAYS * DAY
        for row in await self._store.cases(organization_id, since=since, limit=COMPARED):
            if row.state == "dismissed":
                continue
            opened = self._opened(keys, row)
            if opened is None:
                continue
            same = (
                similarity.is_near(row.similarity, mark)
                or similarity.in_common(opened.text.message_ids, text.message_ids)
                or similarity.in_common(opened.text.files, text.files)
                or similarity.in_common(telling(opened.text.urls), telling(text.urls))
            )
            if same:
                return opened
        return None

    def _opened(self, keys: Sealer, row: CaseRow) -> OpenCase | None:
        try:
            octets = keys.open(Kind.PHISHING_CASE, row.sealed, row.blob_id)
            return OpenCase(row, msgspec.msgpack.decode(octets, type=CaseText))
        except (SealError, ValueError) as error:
            log.event("message.unreadable", case=row.id, error=type(error).__name__)
            return None

    # --- mailboxes of reports ---

    async def make_mailbox(self, account: Account) -> MailboxId:
        """Give a person the mailbox into which they move what they report; one that is there is kept. Raises MailError."""
        actor = system_actor(account.id, account.organization_id)
        path = (translate(account.language or "ko", "case.mailbox"),)
        try:
            box = (await self._mailboxes.find(actor, account.id, path)).row.id
        except NotFound:
            box = (await self._mailboxes.create_path(actor, account.id, path)).id
        await self._store.put_report_mailbox(account.id, box)
        return box

    async def take_moved(self) -> int:
        """Report what people moved into their mailboxes of reports, and put it into Junk; return how many. A job."""
        taken = 0
        for account_id, mailbox_id, message_id in await self._store.moved_to_report(BATCH):
            try:
                account = await self._store.account(account_id)
                await self.report(system_actor(account_id, account.organization_id), account_id, message_id)
                await self._put_into_junk(account_id, mailbox_id, message_id)
                taken += 1
            except (MailError, SealError, ValueError) as error:
                log.event("case.report_failed", account=account_id, message=message_id, error=type(error).__name__)
        return taken

    async def _put_into_junk(self, account_id: AccountId, mailbox_id: MailboxId, message_id: MessageId) -> None:
        async def body(tx: MailTx) -> None:
            junk = next((box.id for box in await tx.mailboxes() if box.role == "junk"), None)
            uids = [one.uid for one in await tx.placements([message_id]) if one.mailbox_id == mailbox_id]
            if junk is None or not uids:
                return
            await tx.place(junk, [message_id])
            await tx.remove_placements(mailbox_id, uids)
            await tx.note_lessons({message_id: True})

        await self._store.write(account_id, body)
        self._hints.account_changed(account_id)

    # --- administrators ---

    async def list_all(self, organization_id: OrganizationId | None = None, limit: int = 200) -> list[OpenCase]:
        """Return cases, the newest change first."""
        found = []
        for row in await self._store.cases(organization_id, limit=limit):
            opened = self._opened(await self._keyring.organization(row.organization_id), row)
            found += [opened] if opened is not None else []
        return found

    async def get(self, actor: Actor, case_id: int) -> OpenCase:
        """Return a case. Raises NotFound, Forbidden."""
        return await self._as(actor, case_id, "case.read")

    async def _as(self, actor: Actor, case_id: int, permission: Permission) -> OpenCase:
        """Raises NotFound, Forbidden."""
        try:
            row = await self._store.case(case_id)
        except NotFound:
            row = None
        owner = None if row is None else row.organization_id
        await self._authority.require_owner(actor, permission, owner, "there is no such case")
        assert row is not None
        opened = self._opened(await self._keyring.organization(row.organization_id), row)
        if opened is None:
            raise NotFound("the case does not open")
        return opened

    async def wave(self, actor: Actor, case_id: int) -> Wave:
        """Return the marks of a case that a purge may go by: no sender of a domain of ours, for that one is forged, and no
        link that everybody has. Raises NotFound, Forbidden.
        """
        text = (await self.get(actor, case_id)).text
        ours = {row.name for row in await self._store.domains()}
        senders = [one for one in text.senders if split_address(one)[1].lower() not in ours]
        return Wave(text.message_ids, tuple(senders), (), telling(text.urls))

    async def evidence(self, actor: Actor, case_id: int, reason: str = "") -> bytes:
        """Return the package of a case; that it was taken is in the audit. Raises NotFound, Forbidden, SealError."""
        row = (await self._as(actor, case_id, "message.read")).row
        octets = await self._package(row)
        await self._store.audit(await self._reasoned(actor, "case.evidence", row, reason))
        return octets

    async def look(self, actor: Actor, case_id: int) -> EvidenceView:
        """Return the evidence without what the message says; the look is in the audit. Raises NotFound, Forbidden."""
        row = (await self._as(actor, case_id, "case.read")).row
        view = await shown(await self._package(row))
        await self._store.audit(self._record(actor, "case.look", case_id))
        return view

    async def text(self, actor: Actor, case_id: int, reason: str) -> str:
        """Return what the message says, for a reason that is kept. Raises NotFound, Forbidden, Invalid (no reason)."""
        row = (await self._as(actor, case_id, "message.read")).row
        given_reason(reason)
        # On record before it is shown.
        await self._store.audit(await self._reasoned(actor, "case.message", row, reason))
        return await text_of(await self._package(row))

    async def _package(self, row: CaseRow) -> bytes:
        keys = await self._keyring.organization(row.organization_id)
        blob = await self._store.blob(row.blob_id)
        return await self._blobs.read(blob, row.organization_id, keys.unwrap(row.blob_id, row.wrapped_key))

    async def _reasoned(self, actor: Actor, action: str, row: CaseRow, reason: str) -> AuditRecord:
        at, thing, sealed = self._clock.now(), f"case:{row.id}", None
        if reason.strip():
            sealed = await self._texts.seal(row.organization_id, action, thing, at, {"reason": given_reason(reason)})
        return AuditRecord(at, actor.named, action, thing, actor.origin.address, sealed, actor.origin.door)

    async def reporters(self, actor: Actor, case_id: int) -> Sequence[tuple[AccountId, MessageId, int]]:
        """Return who reported which message when. Raises NotFound, Forbidden."""
        await self.get(actor, case_id)
        return await self._store.reporters(case_id)

    async def change(self, actor: Actor, case_id: int, state: CaseState, note: str = "") -> None:
        """Say how far a case is. Raises NotFound, Forbidden."""
        opened = await self._as(actor, case_id, "case.change")
        keys = await self._keyring.organization(opened.row.organization_id)
        text = msgspec.structs.replace(opened.text, note=note[:2000] or opened.text.note)
        sealed = _sealed(keys, opened.row.blob_id, text)
        await self._store.set_case(case_id, state, sealed, self._record(actor, f"case.{state}", case_id))

    async def desk(self, organization_id: OrganizationId) -> str:
        """Return the address of the security desk that hears of new cases, "" for none."""
        text = await self._store.setting("system", SETTING)
        return str(json.loads(text).get(str(int(organization_id)), "")) if text else ""

    async def set_desk(self, actor: Actor, organization_id: OrganizationId, address: str) -> None:
        """Say who hears of new cases; "" nobody. Raises Invalid, Forbidden."""
        await self._authority.require(actor, "case.change", Scope("organization", str(int(organization_id))))
        local, domain = split_address(address)
        if address and (not local or "." not in domain or " " in address):
            raise Invalid(f"not an address: {address!r}", reason="address.form", address=address)
        text = await self._store.setting("system", SETTING)
        desks = {**(json.loads(text) if text else {}), str(int(organization_id)): normalize(address) if address else ""}
        record = AuditRecord(
            self._clock.now(),
            actor.named,
            SETTING,
            f"organization:{organization_id}",
            actor.origin.address,
            door=actor.origin.door,
        )
        await self._store.put_setting("system", SETTING, json.dumps(desks), audit=record)

    async def _notice(self, account: Account, desk: str, text: CaseText, evidence: bytes) -> NewQueueEntry:
        """Return the mail to the security desk, with the package."""
        now, language = self._clock.now(), account.language or "ko"
        values = {
            "subject": text.subject or "-", "sender": ", ".join(text.senders[:3]) or "-", "who": account.login,
            "hosts": ", ".join(one.replace(".", "[.]") for one in text.hosts[:10]) or "-",
        }  # fmt: skip
        draft = Draft(
            from_=[Mailbox(translate(language, "notice.from"), f"postmaster@{self._host}")], to=[Mailbox("", desk)],
            date=(now // 1000, 0), message_id=f"{self._clock.new_id():x}.{self._clock.random(8).hex()}@{self._host}",
            subject=" ".join(translate(language, "case.notice.subject", **values).split()),
            text=translate(language, "case.notice.text", **values),
            attachments=[Attachment("evidence.zip", "application/zip", evidence)],
            headers=[("Auto-Submitted", "auto-generated")], language=language,
        )  # fmt: skip
        octets = compose(draft, nonce=self._clock.random(12).hex())
        written = await self._letters.written(account.organization_id, octets)
        return await self._letters.entry(written, [desk], lifetime=LIFETIME, language=language)

    def _record(self, actor: Actor, action: str, case_id: int) -> AuditRecord:
        return AuditRecord(
            self._clock.now(), actor.named, action, f"case:{case_id}", actor.origin.address, door=actor.origin.door
        )


def _sealed(keys: Sealer, blob_id: BlobId, text: CaseText) -> bytes:
    return keys.seal(Kind.PHISHING_CASE, msgspec.msgpack.encode(text), blob_id)
