"""Sending of a stolen account is stopped, its mail in the queue is held, its owner and the administrators are told.

STRATEGIES  Every mail of an account that logged in is looked at after it was accepted, by whatever door; the one that is
            too much is held with all others. Processes tell each other what they accepted, so that fifty are fifty.
            An account's own history widens what it may: three times its peak is no burst.
FAILURE     Where the store is away a mail is counted as one to strangers for nobody; nothing is stopped then.
SECURITY    Recipients and texts are compared by keyed hashes of this installation.
"""

import contextlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Final

from smartmail.base import log
from smartmail.domain.audit import AuditRecord
from smartmail.domain.defence import SendingReason, SendingStop
from smartmail.domain.errors import MailError, NotFound, PolicyRejected
from smartmail.domain.ids import AccountId
from smartmail.domain.principal import Actor
from smartmail.formats.address import normalize
from smartmail.formats.seal import HASH_OCTETS, Purpose
from smartmail.formats.summary import Summary
from smartmail.ports.bus import Bus
from smartmail.ports.clock import Clock
from smartmail.ports.geo import Geo
from smartmail.ports.store import Store
from smartmail.service.clock import MINUTE
from smartmail.service.defence.background import Background
from smartmail.service.defence.bans import Bans
from smartmail.service.defence.notices import Notices
from smartmail.service.defence.outbox import Mail, Outbox, points
from smartmail.service.defence.places import place_of
from smartmail.service.keyring import Keyring
from smartmail.service.push import Hints

TOPIC: Final = "defence-sent"
MOST: Final = 10_000
STOPPED: Final = "sending is stopped for this account because it may have been stolen; ask your administrator"


class SendingWatch:
    """Asked before a mail is taken from an account, told of each that was."""

    def __init__(
        self,
        store: Store,
        keyring: Keyring,
        bans: Bans,
        notices: Notices,
        hints: Hints,
        bus: Bus,
        clock: Clock,
        geo: Geo,
        background: Background,
    ) -> None:
        self._store = store
        self._keyring = keyring
        self._bans = bans
        self._notices = notices
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
            raise PolicyRejected(STOPPED)

    async def sent(self, actor: Actor, recipients: Sequence[str], summary: Summary) -> None:
        """A mail of an account was accepted. Never raises: it is on its way already, and may be held yet."""
        account_id = actor.account_id
        try:
            if self._bans.is_stopped(account_id):
                # Taken by this process before it heard of the stop.
                await self._hold(account_id)
                return
            keys = {self._written(one) for one in recipients}
            strangers = await self._strangers(account_id, recipients)
            self._note(account_id, actor.origin.address, len(keys), strangers, self._digest(summary))
            await self._judge(account_id)
            self._background.start(self._remember(account_id, keys))
        except MailError as error:
            log.event("defence.undone", error=type(error).__name__, detail=error.detail)

    def bounced(self, account_id: AccountId, count: int) -> None:
        """Recipients of an account's mail do not exist, or refuse it for good."""
        self._bus.publish(TOPIC, f"{self._clock.new_id():x} bounce {account_id} {count}")

    async def stop(self, account_id: AccountId, reason: SendingReason, evidence: Mapping[str, int], by: str) -> bool:
        """Stop an account, hold its mail in the queue and tell; False when it was stopped already. Raises NotFound."""
        account = await self._store.account(account_id)
        now = self._clock.now()
        stop = SendingStop(account_id, reason, evidence, now, by)
        held = await self._store.stop_sending(stop, AuditRecord(now, by, "sending.stop", f"account:{account_id}"))
        self._bans.tell()
        if held is None:
            return False
        log.event("defence.sending_stopped", account=account_id, held=held, reason=reason, **dict(evidence))
        await self._bans.look()
        await self._notices.sending_stopped(account, held, evidence)
        return True

    async def resume(self, actor: Actor, account_id: AccountId) -> int:
        """Let an account send again and its held mail go; return how many recipients that are. Raises NotFound."""
        now = self._clock.now()
        record = AuditRecord(
            now, actor.named, "sending.resume", f"account:{account_id}", actor.origin.address, door=actor.origin.door
        )
        freed = await self._store.resume_sending(account_id, now, record)
        if freed is None:
            raise NotFound("sending of this account is not stopped")
        self._bus.publish(TOPIC, f"{self._clock.new_id():x} fresh {account_id} 0")
        self._bans.tell()
        self._hints.queue_changed()
        return freed

    async def stopped(self) -> list[SendingStop]:
        """Return all accounts that are stopped."""
        return await self._store.sending_stops()

    # Counting

    def _note(self, account_id: AccountId, host: str, recipients: int, strangers: int, digest: str) -> None:
        place = place_of(host)
        network = place.network if place is not None else ""
        self._add(account_id, recipients, strangers, digest, network)
        told = (
            f"{self._me} mail {account_id} {recipients} {strangers} {digest} {network or '-'} {self._clock.new_id():x}"
        )
        self._bus.publish(TOPIC, told)

    def _add(self, account_id: AccountId, recipients: int, strangers: int, digest: str, network: str) -> None:
        country = self._geo.look(network.partition("/")[0]).country if network else None
        mail = Mail(self._clock.now(), recipients, strangers, digest, network, country or "")
        self._outbox(account_id).add(mail)

    def _outbox(self, account_id: AccountId) -> Outbox:
        outbox = self._outboxes.setdefault(account_id, Outbox())
        self._outboxes.move_to_end(account_id)
        while len(self._outboxes) > MOST:
            self._outboxes.popitem(last=False)
        return outbox

    def _heard(self, payload: str) -> None:
        words = payload.split(" ")
        if len(words) < 4 or words[0] == self._me or not words[2].isdecimal():
            return
        account_id = AccountId(int(words[2]))
        with contextlib.suppress(ValueError):
            if words[1] == "mail" and len(words) == 8:
                network = "" if words[6] == "-" else words[6]
                self._add(account_id, int(words[3]), int(words[4]), words[5], network)
            elif words[1] == "bounce":
                outbox = self._outbox(account_id)
                outbox.bounced(int(words[3]), self._clock.now())
                if outbox.mails:
                    self._background.start(self._judge(account_id))
            elif words[1] == "fresh":
                self._outboxes.pop(account_id, None)

    async def _strangers(self, account_id: AccountId, recipients: Sequence[str]) -> int:
        """Return to how many the account has never written; people of ours are none."""
        addresses = list({normalize(one) for one in recipients})
        ours = await self._store.resolve(addresses)
        keys = [self._written(one) for one in addresses if one not in ours]
        return len(keys) - len(await self._store.written(account_id, keys)) if keys else 0

    async def _load(self, account_id: AccountId) -> None:
        outbox = self._outbox(account_id)
        if not outbox.loaded:
            outbox.peak_minute, outbox.peak_hour = await self._store.sending_peaks(account_id)
            outbox.loaded = True

    async def _judge(self, account_id: AccountId) -> None:
        settings = self._bans.settings
        await self._load(account_id)
        evidence = self._outbox(account_id).look(self._clock.now(), settings.sending_strangers)
        if points(evidence) < settings.sending_points or account_id in self._stopping:
            return
        if self._bans.may_send_in_bulk(account_id):
            return
        self._stopping.add(account_id)
        try:
            if not await self.stop(account_id, "stolen", evidence, "system"):
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
        outbox = self._outbox(account_id)
        minute, _hour = outbox.rates(now)
        # A peak counts as usual only some time after it: a thief's first minute shall not excuse the second.
        calm = [mail for mail in outbox.mails if mail.at <= now - 30 * MINUTE]
        if calm and len(calm) > outbox.peak_hour:
            await self._store.raise_peaks(account_id, min(minute, len(calm)), len(calm), now)
            outbox.peak_hour = len(calm)

    def _written(self, address: str) -> bytes:
        fields = (b"correspondent", normalize(address).encode("utf-8", "surrogatepass"))
        return self._keyring.installation_mac(Purpose.DEFENCE, *fields)[:HASH_OCTETS]

    def _digest(self, summary: Summary) -> str:
        """Return what two mails with the same words have in common; "" for one without words."""
        words = " ".join(summary.preview.split()).encode("utf-8", "surrogatepass")
        if not words:
            return ""
        return self._keyring.installation_mac(Purpose.DEFENCE, b"text", words)[:8].hex()
