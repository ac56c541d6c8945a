"""Sending of a stolen account is stopped, its mail in the queue is held, its owner and the administrators are told.

STRATEGIES  Every mail of an account that logged in is looked at after it was accepted, by whatever door; the one that is
            too much is held with all others. Processes tell each other what they accepted, so that fifty are fifty.
            What a mail weighs is arithmetic (outbox), by the account's own history (habits) and by what it holds
            (letters); from where on it is too much is policy (knobs `sending-stop.*`).
FAILURE     Where the store is away a mail is counted as one to strangers for nobody; nothing is stopped then.
SECURITY    Recipients, texts and links are compared by keyed hashes of this installation.
"""

import contextlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

import msgspec

from smartmail.base import log
from smartmail.domain.audit import AuditRecord
from smartmail.domain.defence import SendingReason, SendingStop
from smartmail.domain.errors import MailError, NotFound, PolicyRejected
from smartmail.domain.ids import AccountId
from smartmail.domain.principal import Actor
from smartmail.formats.address import normalize
from smartmail.formats.seal import HASH_OCTETS, Purpose, SealError
from smartmail.formats.summary import Summary
from smartmail.policy import knobs
from smartmail.ports.bus import Bus
from smartmail.ports.clock import Clock
from smartmail.ports.geo import Geo
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_defence import DefenceStore
from smartmail.ports.store_directory import DirectoryStore, DomainStore
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.notifications import Notices
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.kernel.push import Hints
from smartmail.service.kernel.rights import TOPIC as RIGHTS_TOPIC
from smartmail.service.protection.defence.background import Background
from smartmail.service.protection.defence.bans import Bans
from smartmail.service.protection.defence.habits import Habits, expecting
from smartmail.service.protection.defence.letters import Read, is_answered_elsewhere, read_body, subject_of, words_of
from smartmail.service.protection.defence.notices import StopNotices
from smartmail.service.protection.defence.outbox import Mail, Outbox
from smartmail.service.protection.defence.places import place_of


class _Store(AccountStore, DefenceStore, DirectoryStore, DomainStore, Protocol): ...


TOPIC: Final = "defence-sent"
MOST: Final = 10_000
READ_FROM: Final = 4.0
"""How much an account must weigh, or ALIKE_BEFORE mails be alike, for the text of its next to be read."""
ALIKE_BEFORE: Final = 2
STOPPED: Final = (
    "sending is stopped for this account because it may have been stolen; release it in the webmail with your second "
    "factor, or ask your administrator"
)


class SendingWatch:
    """Asked before a mail is taken from an account, told of each that was."""

    def __init__(
        self,
        store: _Store,
        keyring: Keyring,
        bans: Bans,
        notices: Notices,
        hints: Hints,
        bus: Bus,
        clock: Clock,
        geo: Geo,
        background: Background,
        policy: PolicyService,
    ) -> None:
        self._store = store
        self._keyring = keyring
        self._policy = policy
        self._habits = Habits(store, keyring, clock)
        self._bans = bans
        self._notices = StopNotices(notices)
        self._hints = hints
        self._bus = bus
        self._clock = clock
        self._geo = geo
        self._background = background
        self._me = clock.random(6).hex()
        self._outboxes: OrderedDict[AccountId, Outbox] = OrderedDict()
        self._stopping: set[AccountId] = set()
        bus.subscribe(TOPIC, self._heard)

    async def require(self, account_id: AccountId) -> None:
        """Raise PolicyRejected for an account that is stopped."""
        if self._bans.is_stopped(account_id):
            await self._bans.look()
        if self._bans.is_stopped(account_id):
            raise PolicyRejected(STOPPED, reason="sending.stopped")

    async def sent(self, actor: Actor, recipients: Sequence[str], summary: Summary, read: Read | None = None) -> None:
        """A mail of an account was accepted. Never raises: it is on its way already, and may be held yet.

        `read` returns its octets: where it leads, and what its files are, is looked at only where it is suspicious.
        """
        account_id = actor.account_id
        try:
            if self._bans.is_stopped(account_id):
                # Taken by this process before it heard of the stop.
                await self._hold(account_id)
                return
            keys = {self._written(one) for one in recipients}
            mail = await self._weighed(actor, recipients, summary, read)
            self._outbox(account_id).add(mail)
            self._tell(account_id, mail)
            await self._judge(account_id)
            self._background.start(self._remember(account_id, keys))
        except MailError as error:
            log.event("defence.action_failed", error=type(error).__name__, detail=error.detail)

    def bounced(self, account_id: AccountId, count: int) -> None:
        """Recipients of an account's mail do not exist, or refuse it for good."""
        self._bus.publish(TOPIC, f"{self._clock.new_id():x} bounce {account_id} {count}")

    async def stop(self, account_id: AccountId, reason: SendingReason, evidence: Mapping[str, int], by: str) -> bool:
        """Stop an account, hold its mail in the queue and tell; False when it was stopped already. Raises NotFound."""
        account = await self._store.account(account_id)
        now = self._clock.now()
        stop = SendingStop(account_id, reason, evidence, now, by)
        held = await self._store.stop_sending(stop, AuditRecord(now, by, "sending.stop", f"account:{account_id}"))
        self._habits.forget(account_id)
        self._changed(account_id)
        if held is None:
            return False
        log.event("defence.sending_stopped", account=account_id, held=held, reason=reason, **dict(evidence))
        await self._bans.look()
        may_release = reason == "stolen" and await self._policy.value(account, knobs.SENDING_STOP_OWNER)
        await self._notices.sending_stopped(account, held, evidence, may_release=may_release)
        return True

    async def resume(self, actor: Actor, account_id: AccountId, action: str = "sending.resume") -> int:
        """Let an account send again and its held mail go; return how many recipients that are. Raises NotFound."""
        now = self._clock.now()
        record = AuditRecord(
            now, actor.named, action, f"account:{account_id}", actor.origin.address, door=actor.origin.door
        )
        freed = await self._store.resume_sending(account_id, now, record)
        if freed is None:
            raise NotFound("sending of this account is not stopped")
        self._bus.publish(TOPIC, f"{self._clock.new_id():x} fresh {account_id} 0")
        self._changed(account_id)
        self._hints.queue_changed()
        return freed

    def _changed(self, account_id: AccountId) -> None:
        """Let every process look anew, and pages that are open hear that the account may not send, or may again."""
        self._bans.tell()
        self._bus.publish(RIGHTS_TOPIC, str(account_id))

    async def stopped(self) -> list[SendingStop]:
        """Return all accounts that are stopped."""
        return await self._store.sending_stops()

    # Counting

    async def _weighed(self, actor: Actor, recipients: Sequence[str], summary: Summary, read: Read | None) -> Mail:
        account_id, outbox = actor.account_id, self._outbox(actor.account_id)
        inside, known, strangers = await self._readers(account_id, recipients)
        words, subject = self._digest(words_of(summary)), self._digest(subject_of(summary))
        link = files = ""
        suspicious = outbox.level > READ_FROM or outbox.alike(f"words:{words}", f"subject:{subject}") >= ALIKE_BEFORE
        if read is not None and suspicious:
            link, files = await self._held(actor, summary, read)
        place = place_of(actor.origin.address)
        network = place.network if place is not None else ""
        policy = await self._policy.of_id(account_id)
        return Mail(
            self._clock.now(), inside, known, strangers, words, subject, link, files, is_answered_elsewhere(summary),
            await self._habits.place(actor), await self._habits.is_usual_hour(account_id), network,
            self._geo.look(network.partition("/")[0]).country or "" if network else "",
            expecting(await self._habits.of(account_id), policy[knobs.SENDING_STOP_ALIKE]),
        )  # fmt: skip

    async def _held(self, actor: Actor, summary: Summary, read: Read) -> tuple[str, str]:
        """Return digests of the new domain that a letter leads to and of its files, "" for none."""
        try:
            body = await read_body(summary, read)
        except (MailError, SealError) as error:
            log.event("defence.action_failed", error=type(error).__name__, detail=str(error)[:200])
            return "", ""
        new = await self._habits.new_domains(actor.organization_id, body.domains)
        return self._digest(new[0] if new else ""), self._digest(body.files.hex())

    def _tell(self, account_id: AccountId, mail: Mail) -> None:
        """Tell the other processes, which count it as it was counted here."""
        text = msgspec.json.encode(mail).decode()
        self._bus.publish(TOPIC, f"{self._me} mail {account_id} {text}")

    def _outbox(self, account_id: AccountId) -> Outbox:
        outbox = self._outboxes.setdefault(account_id, Outbox())
        self._outboxes.move_to_end(account_id)
        while len(self._outboxes) > MOST:
            self._outboxes.popitem(last=False)
        return outbox

    def _heard(self, payload: str) -> None:
        process, _, told = payload.partition(" ")
        what, _, told = told.partition(" ")
        number, _, rest = told.partition(" ")
        if process == self._me or not number.isdecimal():
            return
        account_id = AccountId(int(number))
        with contextlib.suppress(ValueError):
            if what == "mail":
                self._outbox(account_id).add(msgspec.json.decode(rest, type=Mail))
            elif what == "bounce":
                self._outbox(account_id).bounced(int(rest), self._clock.now())
                self._background.start(self._judge(account_id))
            elif what == "fresh":
                self._outboxes.pop(account_id, None)
                self._habits.forget(account_id)

    async def _readers(self, account_id: AccountId, recipients: Sequence[str]) -> tuple[int, int, int]:
        """Return how many are people of ours, outsiders written to before, and outsiders never written to."""
        addresses = list({normalize(one) for one in recipients})
        ours = await self._store.resolve(addresses)
        keys = [self._written(one) for one in addresses if one not in ours]
        known = len(await self._store.written(account_id, keys)) if keys else 0
        return len(addresses) - len(keys), known, len(keys) - known

    async def _judge(self, account_id: AccountId) -> None:
        outbox = self._outbox(account_id)
        if account_id in self._stopping or self._bans.may_send_in_bulk(account_id):
            return
        policy = await self._policy.of_id(account_id)
        if not policy[knobs.SENDING_STOP] or outbox.level < policy[knobs.SENDING_STOP_POINTS]:
            return
        self._stopping.add(account_id)
        try:
            if not await self.stop(account_id, "stolen", outbox.evidence(), "system"):
                await self._hold(account_id)
        finally:
            self._stopping.discard(account_id)

    async def _hold(self, account_id: AccountId) -> None:
        held = await self._store.hold_sending(account_id)
        if held:
            log.event("defence.sending_held", account=account_id, held=held)

    async def _remember(self, account_id: AccountId, keys: set[bytes]) -> None:
        """Keep to whom the account has written and how much it sends: what a stopped one did is no history."""
        now = self._clock.now()
        if self._bans.is_stopped(account_id) or account_id in self._stopping:
            return
        await self._store.note_written(account_id, sorted(keys), now)
        await self._habits.note(account_id, self._outbox(account_id))

    def _written(self, address: str) -> bytes:
        fields = (b"correspondent", normalize(address).encode("utf-8", "surrogatepass"))
        return self._keyring.installation_mac(Purpose.DEFENCE, *fields)[:HASH_OCTETS]

    def _digest(self, text: str) -> str:
        """Return what stands for a text that two mails may share; "" for none."""
        if not text:
            return ""
        octets = text.encode("utf-8", "surrogatepass")
        return self._keyring.installation_mac(Purpose.DEFENCE, b"text", octets)[:8].hex()
