"""Push subscriptions: addresses at which a person's devices want to hear of changes (RFC 8620 §7.2).

NAME        push subscriptions
PURPOSE     Keep them; tell which are due and with what; send one message and draw the conclusion. Must not know how a
            message is written: bodies come in.
STATES      not greeted → greeted (asked to prove that it reads what we send) → verified → gone (expired, refused).
LIMITS      MOST per person; LIFETIME at most; one message in PAUSE to each; BATCH at once.
STRATEGIES  A bulletin is noted for the devices of its readers in one transaction, and taken away from each once it was told: a
            process that dies between sending and noting sends once more.
FAILURE     What cannot be delivered is tried again, later each time; after GIVE_UP failures, or when the push service
            says that the address has gone, the subscription goes.
SECURITY    Address, keys and code lie sealed. Nothing but the code goes to an address that has not shown it. The client
            that sends checks addresses (ports.http). With keys a message is encrypted for the device (RFC 8291).
STANDARDS   RFC 8620 §7.2, RFC 8030, RFC 8291, RFC 8292, RFC 9749.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol
from urllib.parse import urlsplit

import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from smartmail.base import log
from smartmail.domain.errors import Invalid, NotFound
from smartmail.domain.ids import AccountId, ModSeq, OrganizationId
from smartmail.domain.principal import Actor, system_actor
from smartmail.domain.push import PushRow
from smartmail.domain.rights import NEVER
from smartmail.formats import web_push
from smartmail.formats.seal import Kind, Purpose, SealError
from smartmail.ports.clock import Clock
from smartmail.ports.http import HttpClient, HttpFailed
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_push import PushStore
from smartmail.service.kernel.clock import DAY, HOUR, SECOND
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.push import Hints
from smartmail.service.kernel.states import BULLETIN, StateService
from smartmail.service.mailbox.bulletins.readers import BulletinNews
from smartmail.service.mailbox.push_wishes import NewPush, PushText, check_url, checked_keys, checked_types, decode_push
from smartmail.service.mailbox.sharing.granting import SharingService


class _Store(AccountStore, PushStore, Protocol): ...


MOST = 20
LIFETIME = 30 * DAY
PAUSE = 2 * SECOND
GIVE_UP = 14
BATCH = 32
CODE_OCTETS = 16
_FIRST_RETRY = 30 * SECOND
_LONGEST_RETRY = 6 * HOUR
_MAX_NAME = 255
_TTL_S = 24 * 3600
_VAPID_S = 12 * 3600


@dataclass(frozen=True, slots=True)
class PushSubscription:
    """A subscription, opened. `shown` is the code as far as the client has proved it."""

    row: PushRow
    text: PushText

    @property
    def shown(self) -> str | None:
        """Return the code once the client has sent it back."""
        return self.text.code if self.row.verified else None


@dataclass(frozen=True, slots=True)
class DuePush:
    """Something to tell a device: the code it shall send back, or states by account and type. `shared`: how far that tells
    of accounts of others; `bulletins`: of which it then needs not hear any more.
    """

    subscription: PushSubscription
    organization_id: OrganizationId
    changed: dict[AccountId, dict[str, str]]
    modseq: ModSeq
    shared: dict[AccountId, ModSeq] = field(default_factory=dict)
    bulletins: tuple[int, ...] = ()


Outcome = Literal["sent", "later", "gone"]


class PushSubscriptionService:
    """Keeps subscriptions and sends to them. `subject` says who answers for us (RFC 8292 §2.1)."""

    def __init__(
        self,
        store: _Store,
        keyring: Keyring,
        states: StateService,
        sharing: SharingService,
        news: BulletinNews,
        hints: Hints,
        clock: Clock,
        http: HttpClient,
        subject: str,
    ) -> None:
        self._store = store
        self._keyring = keyring
        self._states = states
        self._sharing = sharing
        self._news = news
        self._hints = hints
        self._clock = clock
        self._http = http
        self._subject = subject

    # what clients do

    async def list_all(self, actor: Actor) -> list[PushSubscription]:
        """Return the actor's own subscriptions that have not expired."""
        keys = await self._keyring.account_by_id(actor.account_id)
        now = self._clock.now()
        rows = await self._store.push_subscriptions(actor.account_id)
        return [
            PushSubscription(row, decode_push(keys.open(Kind.PUSH_SUBSCRIPTION, row.sealed, row.id)))
            for row in rows
            if row.expires_at > now
        ]

    async def create(self, actor: Actor, wish: NewPush) -> PushSubscription:
        """Keep a subscription and ask the device to prove itself. Raises Invalid, naming the property; OverQuota."""
        public, auth = checked_keys(wish.keys)
        check_url(wish.url)
        if not wish.device or len(wish.device) > _MAX_NAME:
            raise Invalid("deviceClientId")
        now = self._clock.now()
        code = self._clock.random(CODE_OCTETS).hex()
        text = PushText(wish.url, wish.device, code, checked_types(wish.types), public, auth)
        keys = await self._keyring.account_by_id(actor.account_id)
        row = await self._store.add_push_subscription(
            actor.account_id,
            lambda number: keys.seal(Kind.PUSH_SUBSCRIPTION, msgspec.msgpack.encode(text), number),
            now=now,
            expires_at=self._expiry(now, wish.expires_at),
            most=MOST,
            bulletins=_wants_bulletins(text),
        )
        self._hints.push_changed()
        return PushSubscription(row, text)

    async def update(
        self,
        actor: Actor,
        subscription_id: int,
        *,
        code: str | None = None,
        types: tuple[str, ...] | Literal["all"] | None = None,
        expires_at: int | None = None,
    ) -> int:
        """Change what is not None; return the time of expiry. Raises NotFound, Invalid, naming the property."""
        found = next((one for one in await self.list_all(actor) if one.row.id == subscription_id), None)
        if found is None:
            raise NotFound
        if code is not None and code != found.text.code:
            raise Invalid("verificationCode")
        sealed = bulletins = None
        if types is not None:
            changed = msgspec.structs.replace(found.text, types=None if types == "all" else checked_types(types))
            keys = await self._keyring.account_by_id(actor.account_id)
            sealed = keys.seal(Kind.PUSH_SUBSCRIPTION, msgspec.msgpack.encode(changed), subscription_id)
            bulletins = _wants_bulletins(changed)
        until = None if expires_at is None else self._expiry(self._clock.now(), expires_at)
        await self._store.update_push_subscription(
            actor.account_id, subscription_id, sealed=sealed, expires_at=until, verified=True if code else None,
            bulletins=bulletins,
        )  # fmt: skip
        if code and not found.row.verified:
            # From here on: what was before, the device has seen itself.
            shared = {one: await self._states.modseq(actor, one) for one in await self._shared_with(actor)}
            await self._store.note_pushed_shared(actor.account_id, subscription_id, shared)
        self._hints.push_changed()
        return found.row.expires_at if until is None else until

    async def destroy(self, actor: Actor, subscription_id: int) -> None:
        """Remove a subscription. Raises NotFound."""
        await self._store.drop_push_subscription(actor.account_id, subscription_id)

    async def application_key(self, organization_id: OrganizationId) -> str:
        """Return our public key as push services want to see it named by the device (RFC 9749 §3)."""
        return web_push.show(web_push.public_octets(await self._own_key(organization_id)))

    def _expiry(self, now: int, wish: int | None) -> int:
        return min(now + LIFETIME, now + LIFETIME if wish is None else wish)

    # what the worker does

    async def spread(self) -> None:
        """Note which devices are to hear of new bulletins."""
        await self._news.spread()

    async def due(self) -> list[DuePush]:
        """Return what is to be sent now, at most BATCH; what nobody wants to hear is noted as told."""
        found: list[DuePush] = []
        for row in await self._store.due_pushes(self._clock.now(), BATCH):
            one = await self._due(row)
            if one is not None:
                found.append(one)
        return found

    async def _due(self, row: PushRow) -> DuePush | None:
        account = await self._store.account(row.account_id)
        try:
            keys = await self._keyring.account(account)
            text = decode_push(keys.open(Kind.PUSH_SUBSCRIPTION, row.sealed, row.id))
        except (SealError, msgspec.DecodeError) as error:
            log.event("push.unreadable", account=row.account_id, error=type(error).__name__)
            await self._drop(row)
            return None
        subscription = PushSubscription(row, text)
        if not row.verified:
            return DuePush(subscription, account.organization_id, {}, row.told)
        actor = system_actor(row.account_id, account.organization_id)
        told = await self._store.pushed_shared(row.account_id, row.id)
        changed: dict[AccountId, dict[str, str]] = {}
        reached: dict[AccountId, ModSeq] = {}
        for one in (row.account_id, *await self._shared_with(actor)):
            since = row.told if one == row.account_id else told.get(one, NEVER)
            try:
                states, reached[one] = await self._states.since(actor, one, since)
            except NotFound:
                continue  # no longer shared
            wanted = {name: state for name, state in states.items() if text.types is None or name in text.types}
            if wanted:
                changed[one] = wanted
        modseq = reached.pop(row.account_id)
        bulletins = tuple(await self._store.unpushed_bulletins(row.account_id, row.id))
        if bulletins and _wants_bulletins(text) and (state := await self._news.unseen(actor, bulletins)):
            changed.setdefault(row.account_id, {})[BULLETIN] = state
        due = DuePush(subscription, account.organization_id, changed, modseq, reached, bulletins)
        if changed:
            return due
        await self._told(due, next_at=0)
        return None

    async def _shared_with(self, actor: Actor) -> list[AccountId]:
        return [one.id for one in await self._sharing.accounts_for(actor)]

    async def _told(self, due: DuePush, *, next_at: int) -> None:
        """Record that the device knows."""
        row = due.subscription.row
        await self._store.note_push(row, told=due.modseq, greeted=True, next_at=next_at, failures=0)
        if due.shared or await self._store.pushed_shared(row.account_id, row.id):
            await self._store.note_pushed_shared(row.account_id, row.id, due.shared)
        if due.bulletins:
            await self._store.note_pushed_bulletins(row.account_id, row.id, due.bulletins)

    async def send_all(self, due: Sequence[tuple[DuePush, bytes]]) -> list[Outcome]:
        """Send messages side by side and record what came of each."""
        return list(await asyncio.gather(*(self.send(one, body) for one, body in due)))

    async def send(self, due: DuePush, body: bytes) -> Outcome:
        """Send one message and record what came of it."""
        row = due.subscription.row
        try:
            headers, octets = await self._sealed(due, body)
            answer = await self._http.request("POST", due.subscription.text.url, headers=headers, body=octets)
        except (HttpFailed, web_push.PushKeyError) as error:
            log.event("push.failed", account=row.account_id, error=str(error)[:200])
            return await self._failed(row, 0)
        if 200 <= answer.status < 300:
            await self._told(due, next_at=self._clock.now() + PAUSE)
            return "sent"
        log.event("push.failed", account=row.account_id, status=answer.status)
        if answer.status in {404, 410}:
            # RFC 8030 §7.3: the subscription has ended.
            await self._drop(row)
            return "gone"
        return await self._failed(row, _seconds(answer.headers.get("retry-after", "")))

    async def expire(self) -> int:
        """Remove what has expired; return how many."""
        return await self._store.drop_expired_pushes(self._clock.now())

    async def _failed(self, row: PushRow, wait_s: int) -> Outcome:
        failures = row.failures + 1
        if failures >= GIVE_UP:
            await self._drop(row)
            return "gone"
        pause = max(min(_FIRST_RETRY << row.failures, _LONGEST_RETRY), min(wait_s * SECOND, DAY))
        next_at = self._clock.now() + pause
        await self._store.note_push(row, told=row.told, greeted=row.greeted, next_at=next_at, failures=failures)
        return "later"

    async def _drop(self, row: PushRow) -> None:
        try:
            await self._store.drop_push_subscription(row.account_id, row.id)
        except NotFound:
            return

    async def _sealed(self, due: DuePush, body: bytes) -> tuple[dict[str, str], bytes]:
        text = due.subscription.text
        parts = urlsplit(text.url)
        key = await self._own_key(due.organization_id)
        until = self._clock.now() // 1000 + _VAPID_S
        token = web_push.vapid(f"{parts.scheme}://{parts.netloc}", self._subject, until, key=key)
        headers = {"ttl": str(_TTL_S), "urgency": "normal", "authorization": token}
        if not text.public:
            return {**headers, "content-type": "application/json"}, body
        salt = self._clock.random(web_push.SALT_OCTETS)
        octets = web_push.encrypt(body, text.public, text.auth, key=web_push.new_key(), salt=salt)
        return {**headers, "content-type": "application/octet-stream", "content-encoding": "aes128gcm"}, octets

    async def _own_key(self, organization_id: OrganizationId) -> EllipticCurvePrivateKey:
        """Return the organisation's VAPID key: it follows from the organisation's own, so that every node has it."""
        keys = await self._keyring.organization(organization_id)
        return web_push.derive_key(keys.hash(Purpose.VAPID, b"1") + keys.hash(Purpose.VAPID, b"2"))


def _wants_bulletins(text: PushText) -> bool:
    return BULLETIN in (text.types or ())


def _seconds(text: str) -> int:
    """RFC 9110 §10.2.3; a date is passed over: our own pause does."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0
