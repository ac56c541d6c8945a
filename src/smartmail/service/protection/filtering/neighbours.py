"""Whom others pretend to be: the people of the directory, our domains, those of partners and of well-known names.

LIMITS  Kept in memory for `FRESH_MS` and `HOUSE_MS` a process; names of a large directory are prepared in slices, so that nothing else
        waits. Who imitates is compared with each domain of ours: `MAX_DOMAINS` of them.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Final, Protocol

from smartmail.domain.ids import OrganizationId
from smartmail.formats.lookalike import Likeness, likeness, registered
from smartmail.formats.person_names import key_of, sounds_of
from smartmail.ports.clock import Clock
from smartmail.ports.store_directory import DirectoryStore, DomainStore
from smartmail.service.protection.filtering.settings import ScanConfiguration


class _Store(DirectoryStore, DomainStore, Protocol): ...


FRESH_MS: Final = 60_000
HOUSE_MS: Final = 300_000
"""A directory of 10,000 people takes a quarter of a second to prepare."""
MAX_DOMAINS: Final = 500
_SLICE: Final = 200
_LEAST_NAME: Final = 2

BRANDS: Final = (
    "naver.com", "daum.net", "kakao.com", "kakaobank.com", "google.com", "gmail.com", "microsoft.com",
    "office.com", "outlook.com", "apple.com", "icloud.com", "amazon.com", "paypal.com", "samsung.com",
    "lg.com", "kbstar.com", "shinhan.com", "wooribank.com", "hanabank.com", "ibk.co.kr", "nonghyup.com",
    "tossbank.com", "hometax.go.kr", "nts.go.kr", "police.go.kr", "kisa.or.kr", "epost.go.kr",
    "cjlogistics.com", "coupang.com", "netflix.com", "facebook.com", "instagram.com", "linkedin.com",
    "docusign.com", "dropbox.com", "adobe.com", "dhl.com", "fedex.com", "ups.com", "rakuten.co.jp",
    "alibaba.com", "taobao.com", "wechat.com",
)  # fmt: skip


@dataclass(slots=True)
class House:
    """The people of one organisation by how their names read and sound; values are their addresses."""

    keys: dict[str, str] = field(default_factory=dict)
    sounds: dict[str, str] = field(default_factory=dict)

    def colleague(self, name: str) -> str:
        """Return the address of a person whose name this could be, "" when there is none."""
        key = key_of(name)
        if len(key) < _LEAST_NAME:
            return ""
        if key in self.keys:
            return self.keys[key]
        return next((self.sounds[one] for one in sorted(sounds_of(name)) if one in self.sounds), "")


class Neighbours:
    """Answers for all organisations of the installation."""

    def __init__(self, store: _Store, configuration: ScanConfiguration, clock: Clock) -> None:
        self._store = store
        self._configuration = configuration
        self._clock = clock
        self._domains: frozenset[str] = frozenset()
        self._domains_at: int | None = None
        self._houses: dict[OrganizationId, tuple[int, House]] = {}
        self._preparing = asyncio.Lock()

    async def is_ours(self, domain: str) -> bool:
        """Say whether a domain, or the one it lies under, is one of ours. Raises Unavailable."""
        ours = await self._ours()
        return any(domain == one or domain.endswith(f".{one}") for one in (ours if "." in domain else ()))

    async def imitated(self, domain: str) -> tuple[str, Likeness] | None:
        """Return which domain of ours or of a partner a domain imitates, and how; None for an honest one."""
        ours = await self._ours()
        partners = (await self._configuration.current()).partners
        return _imitated(domain, [*sorted(ours)[:MAX_DOMAINS], *partners])

    async def imitated_brand(self, domain: str) -> tuple[str, Likeness] | None:
        """Return which well-known name a domain imitates; None where nobody wants to know."""
        if not (await self._configuration.current()).brands:
            return None
        found = _imitated(domain, BRANDS)
        # Big names have the same name under many endings.
        return None if found is None or found[1] == "suffix" else found

    async def house(self, organization_id: OrganizationId) -> House:
        """Return the people of an organisation. Raises Unavailable."""
        now = self._clock.now()
        kept = self._houses.get(organization_id)
        if kept is not None and now - kept[0] < HOUSE_MS:
            return kept[1]
        async with self._preparing:
            kept = self._houses.get(organization_id)
            if kept is None or now - kept[0] >= HOUSE_MS:
                kept = (now, await self._prepare(organization_id))
                self._houses[organization_id] = kept
        return kept[1]

    async def _prepare(self, organization_id: OrganizationId) -> House:
        house = House()
        for number, account in enumerate(await self._store.accounts(organization_id)):
            if account.kind != "person" or not account.may("shown"):
                continue
            key = key_of(account.name)
            if len(key) >= _LEAST_NAME:
                house.keys.setdefault(key, account.login)
            for sound in sounds_of(account.name):
                house.sounds.setdefault(sound, account.login)
            if not number % _SLICE:
                await asyncio.sleep(0)
        return house

    async def _ours(self) -> frozenset[str]:
        now = self._clock.now()
        if self._domains_at is None or now - self._domains_at > FRESH_MS:
            self._domains = frozenset(row.name for row in await self._store.domains())
            self._domains_at = now
        return self._domains


def _imitated(domain: str, originals: "tuple[str, ...] | list[str]") -> tuple[str, Likeness] | None:
    own = registered(domain)
    if any(own == registered(original) for original in originals):
        return None
    for original in originals:
        how = likeness(domain, original)
        if how is not None:
            return original, how
    return None
