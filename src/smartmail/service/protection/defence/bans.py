"""Bans and exceptions: rows in the store, and the snapshot that this process obeys.

STRATEGIES  Asking costs a few look-ups in dictionaries and waits for nothing. A hint makes the process read at once; when
            the snapshot is older than a second the next question starts a reading, so that a lost hint costs a second.
LIMITS      MOST_HELD bans are held, those that end last.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Final, Protocol

import msgspec

from smartmail.base import log
from smartmail.domain.audit import AuditRecord
from smartmail.domain.defence import Allow, AllowKind, Ban, BanReason, SendingStop
from smartmail.domain.errors import Invalid, MailError, NotFound
from smartmail.domain.ids import AccountId
from smartmail.domain.principal import Actor
from smartmail.formats.seal import Kind, Purpose, SealError, SealKey
from smartmail.ports.bus import Bus
from smartmail.ports.clock import Clock
from smartmail.ports.store_defence import DefenceStore
from smartmail.ports.store_settings import SettingStore
from smartmail.service.kernel.clock import DAY, SECOND
from smartmail.service.kernel.keyring import Keyring, Sealer
from smartmail.service.protection.defence.places import Networks, shown, subject_of
from smartmail.service.protection.defence.settings import DefenceSettings, changed, decode


class _Store(DefenceStore, SettingStore, Protocol): ...


TOPIC: Final = "defence-bans"
FRESH_MS: Final = SECOND
MOST_HELD: Final = 20_000
REPEATER_MS: Final = 30 * DAY
LONGEST: Final = 366 * DAY
SCOPE, SETTING = "system", "defence"


class Bans:
    """What is shut out, what never is, who may not send: as of a second ago at most."""

    def __init__(self, store: _Store, keyring: Keyring, bus: Bus, clock: Clock) -> None:
        self._store = store
        self._keyring = keyring
        self._bus = bus
        self._clock = clock
        self.settings = DefenceSettings()
        self._banned = Networks()
        self._allowed: dict[AllowKind, Networks] = {}
        self._bulk: dict[AccountId, int] = {}
        self._stopped: dict[AccountId, SendingStop] = {}
        self._looked_at = 0
        self._mark: tuple[int, int] | None = None
        self._dirty = True
        self._looking: asyncio.Task[None] | None = None
        self._when_changed: list[Callable[[], None]] = []
        self._subjects: frozenset[str] = frozenset()
        self._when_banned: list[Callable[[], None]] = []
        bus.subscribe(TOPIC, self._heard)

    # Questions

    def is_banned(self, host: str) -> bool:
        """Say whether no door opens for a host."""
        self._freshen()
        until = self._banned.find(host)
        return until is not None and self._clock.now() < until and not self.is_allowed(host)

    def is_allowed(self, host: str) -> bool:
        """Say whether a host is never shut out."""
        return self._has(("address", "partner"), host)

    def is_partner(self, host: str) -> bool:
        """Say whether a host is a partner's: its mail is never put off either."""
        return self._has(("partner",), host)

    def may_send_in_bulk(self, account_id: AccountId) -> bool:
        """Say whether an account is expected to send much."""
        return self._clock.now() < self._bulk.get(account_id, 0)

    def is_stopped(self, account_id: AccountId) -> bool:
        """Say whether an account may not send."""
        self._freshen()
        return account_id in self._stopped

    def _has(self, kinds: Iterable[AllowKind], host: str) -> bool:
        now = self._clock.now()
        for kind in kinds:
            until = self._allowed[kind].find(host) if kind in self._allowed else None
            if until is not None and now < until:
                return True
        return False

    # The snapshot

    async def look(self) -> None:
        """Wait until the snapshot is fresh. What the store cannot tell now stays as it is."""
        self._freshen()
        while self._looking is not None:
            await asyncio.shield(self._looking)
            self._freshen()

    def on_ban(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever somebody is banned who was not before."""
        self._when_banned.append(listener)

    async def settle(self) -> None:
        """Return when nothing is being read; before the store closes."""
        if self._looking is not None:
            await asyncio.shield(self._looking)

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever the snapshot has been read."""
        self._when_changed.append(listener)

    def _heard(self, _payload: str) -> None:
        self._dirty = True
        self._freshen()

    def _freshen(self) -> None:
        if self._looking is None and (self._dirty or self._clock.now() - self._looked_at >= FRESH_MS):
            self._looking = asyncio.get_running_loop().create_task(self._read())

    async def _read(self) -> None:
        told, self._dirty = self._dirty, False
        now = self._clock.now()
        try:
            mark = await self._store.ban_mark()
            standing = None if mark == self._mark and not told else await self._store.bans(now, MOST_HELD)
            allows = await self._store.allows(now)
            stops = await self._store.sending_stops()
            settings = decode(await self._store.setting(SCOPE, SETTING))
        except (MailError, ValueError) as error:
            log.event("defence.read_failed", error=type(error).__name__)
        else:
            self._mark = mark
            self._keep(standing, allows, stops, settings)
        finally:
            self._looked_at = now
            self._looking = None

    def _keep(
        self, standing: list[Ban] | None, allows: list[Allow], stops: list[SendingStop], settings: DefenceSettings
    ) -> None:
        """Take what was read; `standing` None: no ban came or was released. That one ends needs no reading."""
        if standing is not None:
            self._banned = Networks({ban.subject: ban.until for ban in reversed(standing)})
        kinds: dict[AllowKind, dict[str, int]] = {}
        self._bulk = {}
        for one in allows:
            if one.kind == "sending":
                self._bulk[AccountId(int(one.subject.partition(":")[2]))] = one.until
            else:
                kinds.setdefault(one.kind, {})[one.subject] = one.until
        self._allowed = {kind: Networks(found) for kind, found in kinds.items()}
        self._stopped = {one.account_id: one for one in stops}
        self.settings = settings
        for listener in self._when_changed:
            listener()
        if standing is not None:
            subjects = frozenset(ban.subject for ban in standing)
            fresh, self._subjects = subjects - self._subjects, subjects
            for listener in self._when_banned if fresh else ():
                listener()

    def tell(self) -> None:
        """Make every process read anew."""
        self._bus.publish(TOPIC, "")

    # Changes

    async def ban(self, subject: str, reason: BanReason, evidence: Mapping[str, int]) -> Ban:
        """Shut a network out for as long as its history says; tell every process."""
        now = self._clock.now()
        level = await self._store.count_bans(subject, now - REPEATER_MS)
        ladder = self.settings.ladder
        until = now + ladder[min(level, len(ladder) - 1)] * SECOND
        made = Ban(0, subject, reason, evidence, level, now, until, "system")
        kept = await self._store.add_ban(made, AuditRecord(now, "system", "defence.ban", f"network:{subject}"))
        log.event("defence.banned", peer=shown(subject), reason=reason, repeated=level, until=until, **dict(evidence))
        self.tell()
        return kept

    async def ban_by_hand(self, actor: Actor, text: str, until: int, note: str = "") -> Ban:
        """Shut out an address or network that an administrator names. Raises Invalid."""
        subject, now = _subject(text), self._clock.now()
        _check_end(now, until)
        made = Ban(0, subject, "manual", {}, 0, now, until, actor.named, sealed_note=self._sealed(note, subject, now))
        kept = await self._store.add_ban(made, self._record(actor, "defence.ban", f"network:{subject}"))
        self.tell()
        return kept

    async def release(self, actor: Actor, ban_id: int) -> None:
        """End a ban. Raises NotFound: there is none that stands."""
        record = self._record(actor, "defence.release", f"ban:{ban_id}")
        if not await self._store.end_ban(ban_id, self._clock.now(), actor.named, record):
            raise NotFound("there is no such ban, or it has ended")
        self.tell()

    async def allow(self, actor: Actor, text: str, kind: AllowKind, until: int, note: str = "") -> Allow:
        """Make an exception with an end: for an address or network, or `account:N` that may send in bulk. Raises Invalid."""
        subject, now = text if kind == "sending" else _subject(text), self._clock.now()
        _check_end(now, until)
        allow = Allow(subject, kind, now, until, actor.named, self._sealed(note, subject, now))
        await self._store.put_allow(allow, self._record(actor, f"defence.allow.{kind}", f"network:{subject}"))
        self.tell()
        return allow

    async def disallow(self, actor: Actor, text: str, kind: AllowKind) -> None:
        """Take an exception back. Raises NotFound, Invalid."""
        subject = text if kind == "sending" else _subject(text)
        record = self._record(actor, f"defence.disallow.{kind}", f"network:{subject}")
        if not await self._store.drop_allow(subject, kind, record):
            raise NotFound("there is no such exception")
        self.tell()

    async def set(self, actor: Actor, name: str, value: str) -> DefenceSettings:
        """Change one setting. Raises Invalid."""
        try:
            made = changed(decode(await self._store.setting(SCOPE, SETTING)), name, value)
        except ValueError as error:
            raise Invalid(str(error), reason="setting.form") from None
        text = msgspec.json.encode(made).decode()
        await self._store.put_setting(SCOPE, SETTING, text, audit=self._record(actor, "defence.set", f"setting:{name}"))
        self.tell()
        return made

    def note(self, row: Ban | Allow) -> str:
        """Return what an administrator wrote with it, "" for nothing."""
        if row.sealed_note is None:
            return ""
        try:
            sealer = self._sealer()
            return sealer.open_text(Kind.INSTALLATION_SETTING, row.sealed_note, _slot(sealer, row.subject), row.since)
        except SealError:
            return ""

    def _sealed(self, note: str, subject: str, at: int) -> bytes | None:
        sealer = self._sealer()
        return sealer.seal_text(Kind.INSTALLATION_SETTING, note, _slot(sealer, subject), at) if note else None

    def _sealer(self) -> Sealer:
        # Bans are no organisation's: their notes lie under a key that only this installation can make.
        return Sealer(SealKey(self._keyring.installation_mac(Purpose.DEFENCE, b"notes")), 0, self._clock)

    def _record(self, actor: Actor, action: str, thing: str) -> AuditRecord:
        return AuditRecord(self._clock.now(), actor.named, action, thing, actor.origin.address, door=actor.origin.door)


def _subject(text: str) -> str:
    try:
        return subject_of(text)
    except ValueError:
        raise Invalid(
            f"no address or network that can be named: {text!r} (such as 192.0.2.7 or 192.0.2.0/24)",
            reason="network.form",
            text=text,
        ) from None


def _slot(sealer: Sealer, subject: str) -> bytes:
    return sealer.hash(Purpose.DEFENCE, subject.encode())


def _check_end(now: int, until: int) -> None:
    if not now < until <= now + LONGEST:
        raise Invalid("the end lies within a year from now", reason="ban.end")
