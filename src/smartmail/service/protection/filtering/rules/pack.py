"""The check of rules that came by file, and which pack is in force in this process.

STRATEGIES  Which pack is in force stands in the settings that every process reads again every few seconds; its rules are read
            from the store only when that changes. Words are compared without blanks and marks, and as formats.phrases folds them.
FAILURE     A pack that is not there or does not read counts as none, and the log says so once; mail is judged by the rest.
"""

import base64
from collections.abc import Sequence
from typing import Final, NamedTuple

from smartmail.base import log
from smartmail.formats.phrases import folded
from smartmail.formats.rule_pack import PackRule, RulePack, RulePackError, read
from smartmail.ports.store_settings import SettingStore
from smartmail.service.protection.filtering.rules.check import Match, fact
from smartmail.service.protection.filtering.rules.evidence import Evidence
from smartmail.service.protection.filtering.settings import ScanConfiguration

SCOPE: Final = "rule-pack"
PREFIX: Final = "pack."
"""Before the name of a rule that came by file, in reasons and traces."""


class _Rule(NamedTuple):
    rule: PackRule
    words: tuple[str, ...]
    also: tuple[str, ...]


class PackInForce:
    """A pack made ready; `weights` stand in for the table's."""

    def __init__(self, pack: RulePack | None) -> None:
        self.weights = {} if pack is None else pack.weights
        self._rules = [] if pack is None else [_ready(one) for one in pack.rules]

    @property
    def names(self) -> frozenset[str]:
        """Return its rules by the names that reasons tell."""
        return frozenset(PREFIX + one.rule.name for one in self._rules)

    def matches(self, evidence: Evidence) -> list[Match]:
        """Return what is met."""
        if not self._rules:
            return []
        text = evidence.folded
        hosts = {link.host for link in evidence.links if link.host}
        found = []
        for one in self._rules:
            seen = _seen(one, text, hosts, evidence.sender_domain)
            if seen:
                facts = (one.rule.title, fact(seen))
                found.append(Match(PREFIX + one.rule.name, facts, one.rule.weight))
        return found


class PackBook:
    """Knows the pack in force."""

    def __init__(self, store: SettingStore, configuration: ScanConfiguration) -> None:
        self._store = store
        self._configuration = configuration
        self._known = ("", PackInForce(None))

    async def current(self) -> PackInForce:
        """Return it. Raises Unavailable at the first time only."""
        name = (await self._configuration.current()).pack
        if name != self._known[0]:
            self._known = (name, PackInForce(await self.kept(name)))
        return self._known[1]

    async def kept(self, name: str) -> RulePack | None:
        """Return a pack by its name in the settings, None for "" and where it cannot be read."""
        text = await self._store.setting(SCOPE, name) if name else None
        if text is None:
            return None
        try:
            return read(base64.b64decode(text))
        except (RulePackError, ValueError) as error:
            log.event("inspection.failed", step="rules.pack", error=type(error).__name__, detail=str(error)[:200])
            return None


def _ready(rule: PackRule) -> _Rule:
    return _Rule(rule, _bare_all(rule.words), _bare_all(rule.also))


def _bare_all(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(filter(None, map(folded, words)))


def _seen(one: _Rule, text: str, hosts: set[str], sender: str) -> str:
    """Return what a rule met, "" for nothing."""
    word = next((word for word in one.words if word in text), "")
    if word and (not one.also or any(other in text for other in one.also)):
        return word
    return next(
        (host for host in sorted(hosts) if _is_of(host, one.rule.hosts)),
        sender if _is_of(sender, one.rule.senders) else "",
    )


def _is_of(host: str, domains: Sequence[str]) -> bool:
    return any(host == domain or host.endswith("." + domain) for domain in domains)
