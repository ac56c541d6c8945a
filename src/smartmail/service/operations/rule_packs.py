"""Rules against spam brought by file: looked at, put in force, taken back.

NAME        rule packs
STATES      Of a pack: in force | the one before | gone. At most these two are kept.
STRATEGIES  Which one is in force stands in the settings that every process reads again every few seconds: no restart. Going
            back exchanges the two; going back again brings the newer one forth.
LIMITS      Those of the format (formats.rule_pack): bounded words and weights, no patterns.
FAILURE     A file that is refused leaves everything as it is, and says why.
SECURITY    `spam.change` over the installation. The signature is by the key of the vendor that is pinned for updates. One that
            was made before the newest that was ever applied is refused: whoever has an old file cannot undo what was learned since.
            Every act is recorded with the pack's id.
"""

import base64
import hashlib
from dataclasses import dataclass
from typing import Final, Literal, Protocol

import msgspec

from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Invalid, NotFound
from smartmail.domain.principal import Actor
from smartmail.formats.rule_pack import RulePack, RulePackError, verify
from smartmail.ports.clock import Clock
from smartmail.ports.store_audit import AuditLog
from smartmail.ports.store_settings import SettingStore
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.places import SYSTEM
from smartmail.service.operations.updates import SCOPE as UPDATES
from smartmail.service.operations.updates import VENDOR
from smartmail.service.protection.filtering.rules.pack import PREFIX, SCOPE, PackBook
from smartmail.service.protection.filtering.rules.table import WEIGHTS
from smartmail.service.protection.filtering.settings import ScanConfiguration


class _Store(AuditLog, SettingStore, Protocol): ...


NEWEST: Final = "newest"
Change = Literal["added", "removed", "weight", "words"]


@dataclass(frozen=True, slots=True)
class RuleChange:
    """What becomes of one rule. `before` and `after`: its weight, None where there is none or it is off. `own`: an
    administrator's own weight goes before it.
    """

    rule: str
    title: str
    change: Change
    before: float | None
    after: float | None
    own: bool = False


@dataclass(frozen=True, slots=True)
class PackPreview:
    """What a pack would change."""

    pack: RulePack
    changes: tuple[RuleChange, ...]


@dataclass(frozen=True, slots=True)
class PackState:
    """The pack in force and the one before; `trusted`: a key of the vendor is pinned, without which none is taken."""

    current: RulePack | None
    before: RulePack | None
    trusted: bool


class RulePackService:
    """The one door."""

    def __init__(
        self, store: _Store, authority: Authority, configuration: ScanConfiguration, packs: PackBook, clock: Clock
    ) -> None:
        self._store = store
        self._authority = authority
        self._configuration = configuration
        self._packs = packs
        self._clock = clock

    async def state(self, actor: Actor) -> PackState:
        """Return what is in force. Raises Forbidden."""
        await self._authority.require(actor, "spam.read", SYSTEM)
        settings = await self._configuration.read()
        current, before = await self._packs.kept(settings.pack), await self._packs.kept(settings.pack_before)
        return PackState(current, before, bool(await self._store.setting(UPDATES, VENDOR)))

    async def preview(self, actor: Actor, octets: bytes) -> PackPreview:
        """Say what a file would change. Raises Forbidden, Invalid: unsigned, older, broken, with the reason."""
        await self._authority.require(actor, "spam.change", SYSTEM)
        pack = await self._verified(octets)
        settings = await self._configuration.read()
        now = await self._packs.kept(settings.pack)
        return PackPreview(pack, tuple(_changes(now, pack, settings.weights)))

    async def apply(self, actor: Actor, octets: bytes) -> PackPreview:
        """Put a pack in force in all processes. Raises Forbidden, Invalid."""
        seen = await self.preview(actor, octets)
        settings = await self._configuration.read()
        # Named by what it says: the same pack twice is one.
        name = hashlib.sha256(msgspec.json.encode(seen.pack)).hexdigest()[:32]
        if name == settings.pack:
            raise Invalid("this pack is in force already", reason="pack.same")
        await self._store.put_setting(SCOPE, name, base64.b64encode(msgspec.json.encode(seen.pack)).decode())
        newest = max(seen.pack.made_at, await self._newest())
        await self._store.put_setting(
            SCOPE, NEWEST, str(newest), audit=self._record(actor, "rules.apply", seen.pack.id)
        )
        changed = msgspec.structs.replace(settings, pack=name, pack_before=settings.pack)
        await self._configuration.write(changed, actor.named, f"pack + {seen.pack.id}")
        await self._forget({name, settings.pack})
        return seen

    async def back(self, actor: Actor) -> str:
        """Exchange the pack in force for what was before, which may be none; return its id. Raises Forbidden, NotFound."""
        await self._authority.require(actor, "spam.change", SYSTEM)
        settings = await self._configuration.read()
        if not settings.pack and not settings.pack_before:
            raise NotFound("there is no pack of rules to go back from")
        before = await self._packs.kept(settings.pack_before)
        changed = msgspec.structs.replace(settings, pack=settings.pack_before, pack_before=settings.pack)
        name = before.id if before else ""
        await self._store.audit(self._record(actor, "rules.back", name or "none"))
        await self._configuration.write(changed, actor.named, f"pack = {name or 'none'}")
        return name

    async def _verified(self, octets: bytes) -> RulePack:
        key = await self._store.setting(UPDATES, VENDOR)
        if not key:
            raise Invalid("no key of the vendor is pinned: pin it under updates first", reason="vendor.nokey")
        try:
            pack = verify(octets, base64.b64decode(key))
        except RulePackError as error:
            raise Invalid(f"refused: {error}", reason="vendor.refused") from error
        if pack.made_at < await self._newest():
            raise Invalid("refused: a newer pack was applied before; to go back, use the way back", reason="pack.older")
        return pack

    async def _newest(self) -> int:
        return int(await self._store.setting(SCOPE, NEWEST) or 0)

    async def _forget(self, kept: set[str]) -> None:
        for name in await self._store.settings(SCOPE):
            if name not in kept and name != NEWEST:
                await self._store.put_setting(SCOPE, name, None)

    def _record(self, actor: Actor, action: str, pack_id: str) -> AuditRecord:
        return AuditRecord(
            self._clock.now(), actor.named, action, f"pack:{pack_id}", actor.origin.address, door=actor.origin.door
        )


def _changes(now: RulePack | None, new: RulePack, own: dict[str, float | None]) -> list[RuleChange]:
    """Return what becomes of each rule that is otherwise than it was."""
    found = _weight_changes(now, new, own)
    before = {one.name: one for one in now.rules} if now else {}
    after = {one.name: one for one in new.rules}
    for name, rule in after.items():
        old, key = before.get(name), PREFIX + name
        if old is None:
            found.append(RuleChange(key, rule.title, "added", None, rule.weight, key in own))
        elif old.weight != rule.weight:
            found.append(RuleChange(key, rule.title, "weight", old.weight, rule.weight, key in own))
        elif old != rule:
            found.append(RuleChange(key, rule.title, "words", old.weight, rule.weight, key in own))
    found += [
        RuleChange(PREFIX + name, rule.title, "removed", rule.weight, None, PREFIX + name in own)
        for name, rule in before.items()
        if name not in after
    ]
    return found


def _weight_changes(now: RulePack | None, new: RulePack, own: dict[str, float | None]) -> list[RuleChange]:
    """Return the rules of the program that weigh otherwise than they did; names that it does not know are left out."""
    old = now.weights if now else {}
    pairs = ((rule, old.get(rule, usual), new.weights.get(rule, usual)) for rule, usual in WEIGHTS.items())
    return [RuleChange(rule, "", "weight", was, will, rule in own) for rule, was, will in pairs if was != will]
