"""Appearances: how a company shows itself at sign-in, in its webs and in mail of the house.

STRATEGIES  A domain's own appearance goes before the company's; what it leaves empty comes from there. Answers are kept for a few
            seconds, for every page asks for one.
SECURITY    A logo is read to its pixels and written anew; what shows an appearance needs no login, for a sign-in page shows it.
            Before a login an appearance is found by a domain, which anybody knows, or where there is one company only.
"""

import asyncio
from dataclasses import replace
from typing import Final

import msgspec

from smartmail.domain.appearance import OURS, Appearance, AppearanceRow
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Invalid, NotFound
from smartmail.domain.ids import OrganizationId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.formats.png import PngError, cleaned
from smartmail.formats.seal import Kind, SealError
from smartmail.ports.clock import Clock
from smartmail.ports.store import Store
from smartmail.service.authority import Authority
from smartmail.service.clock import SECOND
from smartmail.service.keyring import Keyring

MAX_NAME: Final = 60
FRESH_MS: Final = 5 * SECOND
MAX_KNOWN: Final = 1_000
NONE: Final = Appearance(OrganizationId(0), "", "", OURS)


class _Words(msgspec.Struct, frozen=True, array_like=True):
    name: str = ""
    logo: bytes = b""


class AppearanceReader:
    """Finds the appearance to be shown."""

    def __init__(self, store: Store, keyring: Keyring, clock: Clock) -> None:
        self._store = store
        self._keyring = keyring
        self._clock = clock
        self._known: dict[tuple[OrganizationId, str], tuple[int, Appearance]] = {}

    async def of(self, organization_id: OrganizationId, domain: str) -> Appearance:
        """Return what is shown to people of a domain: a few seconds old at most."""
        key, now = (organization_id, domain.lower()), self._clock.now()
        known = self._known.get(key)
        if known is None or now >= known[0]:
            if len(self._known) >= MAX_KNOWN:
                self._known.clear()
            known = self._known[key] = (now + FRESH_MS, await self._read(*key))
        return known[1]

    async def of_domain(self, domain: str) -> Appearance:
        """Return the appearance of a domain of ours; of the only company where none is named."""
        if domain:
            row = await self._store.domain(domain.lower())
            return NONE if row is None else await self.of(row.organization_id, row.name)
        companies = await self._store.organizations()
        return await self.of(companies[0].id, "") if len(companies) == 1 else NONE

    async def _read(self, organization_id: OrganizationId, domain: str) -> Appearance:
        shown = replace(NONE, organization_id=organization_id)
        for row in await self._store.appearances(organization_id):
            if row.domain in {"", domain}:
                one = await self._opened(row)
                shown = Appearance(
                    organization_id, row.domain, one.name or shown.name, shown.hue if one.hue == OURS else one.hue,
                    one.logo or shown.logo, max(shown.changed_at, one.changed_at),
                )  # fmt: skip
        return shown

    async def _opened(self, row: AppearanceRow) -> Appearance:
        try:
            sealer = await self._keyring.organization(row.organization_id)
            opened = sealer.open(Kind.APPEARANCE, row.sealed, row.changed_at)
            words = msgspec.msgpack.decode(opened, type=_Words)
        except (SealError, NotFound):
            words = _Words()  # its key was destroyed
        return Appearance(row.organization_id, row.domain, words.name, row.hue, words.logo, row.changed_at)


class AppearanceService(AppearanceReader):
    """Keeps appearances."""

    def __init__(self, store: Store, keyring: Keyring, authority: Authority, clock: Clock) -> None:
        super().__init__(store, keyring, clock)
        self._authority = authority

    async def list_all(self, actor: Actor, organization_id: OrganizationId) -> list[Appearance]:
        """Return the appearances of a company, that of the whole company first. Raises Forbidden, NotFound."""
        await self._authority.require(actor, "organization.read", _scope(organization_id))
        return [await self._opened(row) for row in await self._store.appearances(organization_id)]

    async def put(
        self, actor: Actor, organization_id: OrganizationId, domain: str, *, name: str, hue: int, logo: bytes | None
    ) -> Appearance:
        """Keep an appearance; `logo` None leaves the one that is there. Raises Forbidden, NotFound, Invalid."""
        await self._authority.require(actor, "organization.change", _scope(organization_id))
        await self._check_domain(organization_id, domain)
        if len(name) > MAX_NAME or not name.isprintable():
            raise Invalid(f"a name has at most {MAX_NAME} characters")
        if not OURS <= hue < 360:
            raise Invalid("a hue is 0 to 359, or -1 for none")
        kept = next((one for one in await self._store.appearances(organization_id) if one.domain == domain), None)
        if logo is None:
            picture = b"" if kept is None else (await self._opened(kept)).logo
        else:
            # Up to a quarter of a million pixels, one by one: not on the loop that everybody waits for.
            picture = await asyncio.to_thread(_cleaned, logo)
        now = self._clock.now()
        sealer = await self._keyring.organization(organization_id)
        sealed = sealer.seal(Kind.APPEARANCE, msgspec.msgpack.encode(_Words(name.strip(), picture)), now)
        await self._store.put_appearance(
            AppearanceRow(organization_id, domain, hue, sealed, now),
            self._record(actor, "appearance.put", organization_id, domain),
        )
        self._known.clear()
        return Appearance(organization_id, domain, name.strip(), hue, picture, now)

    async def drop(self, actor: Actor, organization_id: OrganizationId, domain: str) -> None:
        """Forget an appearance. Raises Forbidden, NotFound."""
        await self._authority.require(actor, "organization.change", _scope(organization_id))
        record = self._record(actor, "appearance.drop", organization_id, domain)
        if not await self._store.drop_appearance(organization_id, domain, record):
            raise NotFound
        self._known.clear()

    async def _check_domain(self, organization_id: OrganizationId, domain: str) -> None:
        row = await self._store.domain(domain) if domain else None
        if domain and (row is None or row.organization_id != organization_id):
            raise NotFound

    def _record(self, actor: Actor, action: str, organization_id: OrganizationId, domain: str) -> AuditRecord:
        place = f"domain:{domain}" if domain else f"organization:{organization_id}"
        return AuditRecord(self._clock.now(), actor.named, action, place, actor.origin.address, door=actor.origin.door)


def _scope(organization_id: OrganizationId) -> Scope:
    return Scope("organization", str(int(organization_id)))


def _cleaned(logo: bytes) -> bytes:
    if not logo:
        return b""
    try:
        return cleaned(logo)[0]
    except PngError as error:
        raise Invalid(f"a logo is a PNG of eight bits and at most 512 × 512 pixels: {error}") from error
