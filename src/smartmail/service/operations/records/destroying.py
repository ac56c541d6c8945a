"""NAME
    destroying: destroys what a leaver left, for good, and keeps the register of that (파기 대장, PIPA Article 21, BR-22)

STRATEGIES
    The key of an account is the only thing that opens its messages, summaries, names and search texts (ADR 4). It is
    overwritten in the store; credentials, sessions and the person's name go in the same transaction, and the entry of the
    register is written in it. Sealed octets stay behind and open nothing: volumes reclaim them as they do with all else,
    in backups they are as dead.

SECURITY
    Only a closed account without any legal hold; permission `destruction.run`; where the company wants two persons for it
    (`admin.two-person`, class purge) it waits for the other one. The address stays taken: nobody gets a leaver's mail.
    What the register keeps of the person is sealed under the organisation's key.

FAILURE
    All or nothing in one transaction. Processes drop the key at the next look at the account; sessions end at once.

Must not know how certificates are printed.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Final, Protocol

import msgspec

from smartmail.base import log
from smartmail.base.i18n import translate
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Invalid, NotFound, StateMismatch
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.domain.records import Destruction
from smartmail.formats import destruction_certificate
from smartmail.formats.audit_chain import timestamp
from smartmail.formats.seal import Kind, SealError
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_directory import DirectoryStore
from smartmail.ports.store_mail import MailReads
from smartmail.ports.store_policy import HoldStore
from smartmail.ports.store_records import RecordStore
from smartmail.service.identity.auth import AuthService
from smartmail.service.kernel.audit.texts import RecordTexts, given_reason
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.proposals import ProposalService
from smartmail.service.kernel.proposals.acts import Act
from smartmail.service.kernel.proposals.service import Outcome


class _Store(AccountStore, DirectoryStore, HoldStore, MailReads, RecordStore, Protocol): ...


ACT: Final = "account.destroy"
METHOD: Final = "key destroyed (AES-256-GCM)"
MAX_GROUND: Final = 200
MAX_LISTED: Final = 1_000


class DestroyArguments(msgspec.Struct, frozen=True):
    """Whose data, on what ground ("퇴사 후 보존기간 만료"), and why now."""

    account_id: int
    ground: str
    reason: str


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """An entry of the register, opened. `login` and `name`: of the person, "" when the company's key is gone too."""

    row: Destruction
    login: str
    name: str
    reason: str


class DestructionService:
    """Destroys accounts; shows the register and its certificates."""

    def __init__(
        self,
        store: _Store,
        authority: Authority,
        proposals: ProposalService,
        keyring: Keyring,
        auth: AuthService,
        texts: RecordTexts,
        clock: Clock,
    ) -> None:
        self._store = store
        self._authority = authority
        self._proposals = proposals
        self._keyring = keyring
        self._auth = auth
        self._texts = texts
        self._clock = clock
        proposals.add(
            Act(ACT, "purge", "destruction.run", DestroyArguments, _scope_of, self._run, check=self._check)
        )  # fmt: skip

    async def destroy_account(self, actor: Actor, account_id: AccountId, ground: str, reason: str) -> Outcome:
        """Destroy what lies under an account's key, or ask a second person to consent.

        Raises Invalid (not closed, a hold, no ground or reason, destroyed before), Forbidden, NotFound.
        """
        arguments = DestroyArguments(account_id, " ".join(ground.split()), given_reason(reason))
        return await self._proposals.do(actor, ACT, arguments, reason)

    async def _check(self, _actor: Actor, arguments: DestroyArguments) -> None:
        account = await self._store.account(AccountId(arguments.account_id))
        if not 0 < len(arguments.ground) <= MAX_GROUND:
            raise Invalid("a destruction needs its ground", reason="destroy.ground")
        if account.state != "closed":  # a leaver is closed when the days are over
            raise Invalid("close the account first", reason="destroy.close")
        if not account.wrapped_key:
            raise Invalid("its key was destroyed before", reason="key.destroyed")
        if await self._store.holds(account.id):
            raise Invalid("a legal hold keeps it", reason="hold.keeps")

    async def _run(self, actor: Actor, arguments: DestroyArguments, key: int) -> str:
        await self._check(actor, arguments)
        account = await self._store.account(AccountId(arguments.account_id))
        now, home = self._clock.now(), account.organization_id
        counts = {
            "messages": account.messages, "octets": account.used,
            "mailboxes": len(await self._store.mailboxes(account.id)),
        }  # fmt: skip
        note = json.dumps({"login": account.login, "name": account.name, "reason": arguments.reason})
        sealed = (await self._keyring.organization(home)).seal_text(Kind.DESTRUCTION, note, account.id, now)
        thing = f"account:{account.id}"
        entry = Destruction(
            0, home, now, "account", thing, arguments.ground, actor.named, f"{key:x}", METHOD, counts,
            (hashlib.sha256(account.wrapped_key).hexdigest(),), sealed,
        )  # fmt: skip
        text = await self._texts.seal(home, ACT, thing, now, {"reason": arguments.reason, "ground": arguments.ground})
        record = AuditRecord(now, actor.named, ACT, thing, actor.origin.address, text, actor.origin.door)
        try:
            number = await self._store.destroy_account_key(account.id, entry, record)
        except StateMismatch as error:
            raise Invalid("a hold came, or it was destroyed meanwhile", reason="destroy.meanwhile") from error
        self._keyring.forget(account.id)
        self._auth.changed(await self._store.account(account.id))
        log.event("account.destroyed", account=account.id, register=number)
        return f"register:{number}"

    # --- the register ---

    async def register(self, actor: Actor, organization_id: OrganizationId | None) -> list[RegisterEntry]:
        """Return the newest entries of an organisation (None: of all). Raises Forbidden, NotFound."""
        scope = Scope("organization", str(organization_id)) if organization_id else Scope("system")
        await self._authority.require(actor, "destruction.read", scope)
        return [await self._opened(row) for row in await self._store.destructions(organization_id, MAX_LISTED)]

    async def certificate(self, actor: Actor, number: int, language: str) -> destruction_certificate.Certificate:
        """Return the certificate of an entry (파기 확인서) in a language. Raises NotFound, Forbidden."""
        row = next((one for one in await self._store.destructions(None, MAX_LISTED) if one.id == number), None)
        if row is None:
            raise NotFound
        await self._authority.require(actor, "destruction.read", Scope("organization", str(row.organization_id)))
        entry = await self._opened(row)
        organization = await self._store.organization(row.organization_id)
        facts = [
            ("number", str(row.id)), ("organization", organization.name),
            ("subject", " ".join(one for one in (entry.name, entry.login, row.subject) if one)),
            ("at", timestamp(row.at)), ("ground", row.ground), ("by", row.actor), ("consent", row.consent or "-"),
            ("method", row.method),
            ("counts", ", ".join(f"{translate(language, f'destruction.{name}')} {count:,}" for name, count in row.counts.items())),
            ("keys", ", ".join(row.keys)),
        ]  # fmt: skip
        lines = tuple((translate(language, f"destruction.{name}"), value) for name, value in facts)
        title, closing = translate(language, "destruction.title"), translate(language, "destruction.closing")
        return destruction_certificate.Certificate(language, title, lines, closing)

    async def _opened(self, row: Destruction) -> RegisterEntry:
        note: dict[str, str] = {}
        if row.sealed_note is not None:
            try:
                sealer = await self._keyring.organization(row.organization_id)
                number = int(row.subject.partition(":")[2])
                note = json.loads(sealer.open_text(Kind.DESTRUCTION, row.sealed_note, number, row.at))
            except (SealError, ValueError):
                note = {}
        return RegisterEntry(row, note.get("login", ""), note.get("name", ""), note.get("reason", ""))


def _scope_of(arguments: DestroyArguments) -> Scope:
    return Scope("account", str(arguments.account_id))
