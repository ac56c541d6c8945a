"""Rules for engines of our own (YARA): brought by an administrator, checked before they count, kept with name and date."""

import re
from datetime import UTC, datetime
from typing import Final

import msgspec

from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Invalid, NotFound
from smartmail.ports.clock import Clock
from smartmail.ports.scan import RuleChecker, RulesMissing, RulesWrong, ScanFailed, ScanRules
from smartmail.ports.store_settings import SettingStore

SCOPE: Final = "yara"
MAX_OCTETS: Final = 2 << 20
MAX_FILES: Final = 20
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


class RuleFiles:
    """Every change is audited; engines take it up with their next message."""

    def __init__(self, store: SettingStore, clock: Clock, checker: RuleChecker) -> None:
        self._store = store
        self._clock = clock
        self._checker = checker

    async def of(self, name: str) -> ScanRules | None:
        """Return the rules of a name."""
        text = await self._store.setting(SCOPE, name)
        return None if text is None else msgspec.json.decode(text, type=ScanRules)

    async def all(self) -> dict[str, ScanRules]:
        """Return all rules by their names."""
        kept = await self._store.settings(SCOPE)
        return {name: msgspec.json.decode(text, type=ScanRules) for name, text in sorted(kept.items())}

    async def put(self, name: str, octets: bytes, actor: str) -> ScanRules:
        """Keep rules in place of older ones of the name. Raises Invalid: with what is wrong with them, or in words that
        the library is missing; then nothing is changed.
        """
        if not _NAME.fullmatch(name):
            raise Invalid("a name is small letters, digits and dashes", reason="name.small")
        if len(octets) > MAX_OCTETS:
            raise Invalid(f"rules have at most {MAX_OCTETS >> 20} MiB", reason="file.large", mib=MAX_OCTETS >> 20)
        kept = await self._store.settings(SCOPE)
        if name not in kept and len(kept) >= MAX_FILES:
            raise Invalid(f"there are {MAX_FILES} files of rules already", reason="count.most", most=MAX_FILES)
        try:
            text = octets.decode()
            count = await self._checker.check(text)
        except UnicodeDecodeError as error:
            raise Invalid("rules are text in UTF-8", reason="rules.text") from error
        except RulesWrong as error:
            raise Invalid(f"the rules do not compile: {error}", reason="rules.compile") from error
        except (RulesMissing, ScanFailed) as error:
            raise Invalid(str(error), reason="rules.compile") from error
        if not count:
            raise Invalid("there is no rule in it", reason="rules.empty")
        now = self._clock.now()
        day = datetime.fromtimestamp(now // 1000, UTC).strftime("%Y-%m-%d")
        rules = ScanRules(text, day, count)
        record = AuditRecord(now, actor, "filter.yara", f"{name}: {count} rules")
        await self._store.put_setting(SCOPE, name, msgspec.json.encode(rules).decode(), audit=record)
        return rules

    async def remove(self, name: str, actor: str) -> None:
        """Forget rules. Raises NotFound."""
        if await self._store.setting(SCOPE, name) is None:
            raise NotFound(f"no rules {name!r}")
        record = AuditRecord(self._clock.now(), actor, "filter.yara", f"{name}: removed")
        await self._store.put_setting(SCOPE, name, None, audit=record)
