"""Founding: an empty installation becomes a company that sends and receives mail, without a terminal.

NAME        founding
STATES      door shut ─(first start)→ open for an hour ─(used)→ shut for ever; steps: open → done | skipped; ended.
STRATEGIES  The token of the door makes company, domain and first administrator, and opens the first session. From then on
            every step is an act of that administrator through the services that everybody uses; here is kept only how far
            they are, so that the wizard goes on where it was left.
SECURITY    The token is kept as a hash, works once and dies after an hour; only the newest one works. Where anybody has a
            password the door is shut, whatever the token says, and it stays so: FOUNDED is never taken back.
FAILURE     What the first form gets wrong (a weak password, a name that is none) leaves the token good until its hour.
"""

import json
import re
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from smartmail.base.i18n import translate
from smartmail.domain.account import Account, Organization
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import AlreadyExists, AuthFailed, Forbidden, Invalid, MailError, NotFound, WeakPassword
from smartmail.domain.ids import SubmissionId
from smartmail.domain.principal import Actor
from smartmail.formats.address import Mailbox, normalize, split_address
from smartmail.formats.compose import Draft, compose
from smartmail.policy import knobs
from smartmail.policy.passwords import Whose, weaknesses
from smartmail.ports.clock import Clock
from smartmail.ports.store_settings import OnceStore, SettingStore
from smartmail.service.flow.directory import DirectoryService, NewPerson
from smartmail.service.flow.signing_keys import SigningKeys
from smartmail.service.flow.submission import SubmissionService
from smartmail.service.flow.submission_request import Request
from smartmail.service.identity.auth import AuthService
from smartmail.service.identity.auth.base import token_hash
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.clock import HOUR
from smartmail.service.kernel.places import SYSTEM
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.mailbox.identities import IdentityService
from smartmail.service.mailbox.mailstore.mailboxes import MailboxService
from smartmail.service.mailbox.mailstore.messages import MessageService
from smartmail.service.people.provisioning import ProvisioningService


class _Store(OnceStore, SettingStore, Protocol): ...


SCOPE: Final = "founding"
DOOR, FOUNDED, STEPS_KEPT, ENDED = "door", "founded", "steps", "ended"
PURPOSE: Final = "founding:"
MAX_NAME: Final = 200
_LOCAL: Final = re.compile(r"\w[\w.+-]{0,63}")
StepState = Literal["open", "done", "skipped"]
STEPS: Final = ("host", "factor", "preset", "outgoing", "certificate", "records", "people", "first-mail")
"""The host name comes first: security keys, certificates and DNS records are bound to it."""


@dataclass(frozen=True, slots=True)
class Founder:
    """What the first form asks: the company, its domain, and who administers it."""

    organization: str
    domain: str
    local: str
    name: str
    language: str
    password: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the wizard is."""

    steps: dict[str, StepState]
    ended: bool


@dataclass(frozen=True, slots=True)
class FirstMail:
    """What became of the first mail. `state`: queued, delivered, failed; `inbox`: how much lies in the writer's inbox."""

    id: SubmissionId
    to: str
    state: Literal["queued", "delivered", "failed"]
    reply: str
    inbox: int


class FoundingService:
    """Opens the door once, and keeps how far the wizard is."""

    def __init__(
        self, store: _Store, clock: Clock, authority: Authority, auth: AuthService, policy: PolicyService,
        directory: DirectoryService, provisioning: ProvisioningService,
        signing_keys: SigningKeys, mailboxes: MailboxService, messages: MessageService, identities: IdentityService,
        submissions: SubmissionService,
    ) -> None:  # fmt: skip
        self._store = store
        self._clock = clock
        self._authority = authority
        self._auth = auth
        self._policy = policy
        self._directory = directory
        self._provisioning = provisioning
        self._signing_keys = signing_keys
        self._mailboxes = mailboxes
        self._messages = messages
        self._identities = identities
        self._submissions = submissions
        self._is_finished = False

    # --- the door ---

    async def open_door(self) -> str | None:
        """Return a fresh token where the installation has nobody yet, None where it has. Tokens before it work no more."""
        if await self._is_founded():
            return None
        token, until = self._clock.random(24).hex(), self._clock.now() + HOUR
        door = f"{until}-{self._clock.random(8).hex()}"
        await self._store.put_once(token_hash(token), PURPOSE + door, until)
        await self._store.put_setting(SCOPE, DOOR, json.dumps(door))
        return token

    async def is_open(self) -> bool:
        """Say whether a token could still found this installation."""
        door = await self._door()
        return bool(door) and self._clock.now() < int(door.partition("-")[0]) and not await self._is_founded()

    async def is_unfinished(self) -> bool:
        """Say whether this installation may be in its set-up now, from the first start to the end of the wizard."""
        if self._is_finished:
            return False
        if await self._store.setting(SCOPE, FOUNDED) is None:
            return await self.is_open()
        self._is_finished = await self._store.setting(SCOPE, ENDED) is not None
        return not self._is_finished

    async def found(self, token: str, founder: Founder) -> Account:
        """Make company, domain and administrator. Raises AuthFailed (no such token, used, too old), Invalid, WeakPassword."""
        door = await self._door()
        if not door or await self._is_founded():
            raise AuthFailed
        until = int(door.partition("-")[0])
        if self._clock.now() >= until:
            raise AuthFailed
        founder = _checked(founder)
        whose = Whose(f"{founder.local}@{founder.domain}", founder.name, company=founder.organization)
        policy = await self._policy.at_large()
        reasons = weaknesses(founder.password, policy, whose)
        if reasons:
            least = policy[knobs.PASSWORD_MIN_LENGTH]
            texts = (translate(founder.language, f"password.reason.{one}", least=least) for one in reasons)
            raise WeakPassword(" ".join(texts), tuple(reasons), least=least)
        if await self._store.use_once(token_hash(token)) != PURPOSE + door:
            raise AuthFailed
        try:
            account = await self._made(founder)
        except MailError:
            # Nobody can sign in yet: the same address may try again.
            await self._store.put_once(token_hash(token), PURPOSE + door, until)
            raise
        now = self._clock.now()
        record = AuditRecord(now, f"account:{account.id}", "installation.found", f"account:{account.id}")
        await self._store.put_setting(SCOPE, FOUNDED, str(now), audit=record)
        await self._store.put_setting(SCOPE, DOOR, None)
        return account

    async def _door(self) -> str:
        text = await self._store.setting(SCOPE, DOOR)
        return str(json.loads(text)) if text else ""

    async def _is_founded(self) -> bool:
        if await self._store.setting(SCOPE, FOUNDED) is not None:
            return True
        return any(account.auth_epoch for account in await self._directory.accounts())

    async def _made(self, founder: Founder) -> Account:
        """Make all of it; what an earlier try of the same token left is used again."""
        organization = await self._organization(founder.organization)
        try:
            await self._directory.add_domain(founder.domain, organization.id)
        except AlreadyExists:
            rows = {row.name: row.organization_id for row in await self._directory.domains()}
            if rows.get(founder.domain) != organization.id:
                raise
        login = normalize(f"{founder.local}@{founder.domain}")
        known = {account.login: account for account in await self._directory.accounts()}
        account = known.get(login)
        if account is None:
            person = NewPerson(login, founder.name, founder.language, is_admin=True)
            account = await self._provisioning.person(person, None, by="founding")
        if not await self._signing_keys.records(founder.domain, organization.id):
            await self._signing_keys.create(founder.domain, organization.id)
        # Last: with a password there is somebody, and the door is shut.
        await self._auth.set_password(account.id, founder.password, chosen=True)
        return await self._directory.account(account.id)

    async def _organization(self, name: str) -> Organization:
        """Return the one company; a try that failed may have made it under another name."""
        for one in await self._directory.organizations():
            if one.name == name:
                return one
        return await self._directory.create_organization(name)

    # --- the steps ---

    async def progress(self, actor: Actor) -> Progress:
        """Return how far it is; an installation that was made by other means has ended. Raises Forbidden."""
        await self._authority.require(actor, "node.read", SYSTEM)
        if await self._store.setting(SCOPE, FOUNDED) is None:
            return Progress(dict.fromkeys(STEPS, "done"), ended=True)
        kept = json.loads(await self._store.setting(SCOPE, STEPS_KEPT) or "{}")
        return Progress(
            {one: kept.get(one, "open") for one in STEPS}, ended=await self._store.setting(SCOPE, ENDED) is not None
        )

    async def note(self, actor: Actor, step: str, state: StepState) -> Progress:
        """Say what became of a step. Raises NotFound, Forbidden."""
        await self._authority.require(actor, "node.change", SYSTEM)
        if step not in STEPS:
            raise NotFound
        if await self._store.setting(SCOPE, FOUNDED) is None:
            raise Forbidden("this installation was not made by the wizard", reason="founder.nowizard")
        kept = json.loads(await self._store.setting(SCOPE, STEPS_KEPT) or "{}")
        kept[step] = state
        await self._store.put_setting(SCOPE, STEPS_KEPT, json.dumps(kept))
        return await self.progress(actor)

    async def end(self, actor: Actor) -> Progress:
        """Put the wizard away; what was left out is done on the pages that everything has."""
        await self._authority.require(actor, "node.change", SYSTEM)
        now = self._clock.now()
        record = AuditRecord(
            now, actor.named, "installation.ready", "system", actor.origin.address, door=actor.origin.door
        )
        await self._store.put_setting(SCOPE, ENDED, str(now), audit=record)
        return await self.progress(actor)

    # --- the first mail ---

    async def send_first(self, actor: Actor, to: str, subject: str, text: str) -> FirstMail:
        """Send a mail from the actor's own account by the way that all mail takes. Raises Invalid, and as any submission."""
        await self._authority.require(actor, "node.change", SYSTEM)
        if not all(split_address(to)) or any(ord(one) < 33 for one in to):
            raise Invalid(f"not an address: {to!r}", reason="address.form", address=to)
        account = await self._directory.account(actor.account_id)
        now = self._clock.now() // 1000
        domain = split_address(account.login)[1]
        draft = Draft(
            (Mailbox(account.name, account.login),), (now, 0), f"{self._clock.random(16).hex()}@{domain}", subject,
            to=(Mailbox("", to),), text=text, language=account.language,
        )  # fmt: skip
        octets = compose(draft, nonce=self._clock.random(12).hex())
        box = await self._mailboxes.by_role(actor, account.id, "sent")
        intake = await self._messages.begin(actor, account.id)
        await intake.feed(octets)
        kept = await self._messages.add(
            actor, account.id, await intake.finish(), [box.row.id], names=["$seen"], received_at=self._clock.now()
        )
        identity = (await self._identities.list_all(actor, account.id))[0]
        row = await self._submissions.submit(actor, account.id, Request(identity.row.id, kept.message_id))
        return await self.first_mail(actor, row.id)

    async def first_mail(self, actor: Actor, number: SubmissionId) -> FirstMail:
        """Return what became of it, one's own alone. Raises NotFound."""
        await self._authority.require(actor, "node.read", SYSTEM)
        found = await self._submissions.list_all(actor, actor.account_id, [number])
        if not found:
            raise NotFound
        text = found[0].text
        to = text.rcpt_to[0] if text.rcpt_to else ""
        status = text.status.get(to)
        said = status.delivered if status else "queued"
        state: Literal["queued", "delivered", "failed"] = (
            "failed" if said == "no" else "queued" if said == "queued" else "delivered"
        )
        box = await self._mailboxes.by_role(actor, actor.account_id, "inbox")
        return FirstMail(number, to, state, status.reply if status else "", box.row.total)


def _checked(founder: Founder) -> Founder:
    """Return it with names as they are kept. Raises Invalid."""
    organization, name = " ".join(founder.organization.split()), " ".join(founder.name.split())
    domain = founder.domain.strip().rstrip(".").lower()
    local = founder.local.strip().lower()
    if not organization or not name or max(len(organization), len(name)) > MAX_NAME:
        raise Invalid(f"company and name have 1 to {MAX_NAME} characters", reason="founder.names", most=MAX_NAME)
    kept_local, kept_domain = split_address(normalize(f"{local}@{domain}"))
    if not _LOCAL.fullmatch(kept_local) or "." not in kept_domain:
        raise Invalid(f"not an address: {local}@{domain}", reason="address.form", address=f"{local}@{domain}")
    return Founder(organization, kept_domain, kept_local, name, founder.language, founder.password)
