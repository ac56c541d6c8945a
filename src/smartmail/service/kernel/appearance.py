"""Appearances: how a company shows itself at sign-in, in its webs and in mail of the house.

STRATEGIES  A domain's own appearance goes before the company's; what it leaves empty comes from there. What pages ask for is kept
            for a few seconds in each process; a change counts in all of them before who made it is told (service.kernel.agreement).
SECURITY    A logo is read to its pixels and written anew; what shows an appearance needs no login, for a sign-in page shows it.
            Before a login an appearance is found by a domain, which anybody knows, or where there is one company only.
"""

import asyncio
from dataclasses import replace
from typing import Final, Protocol

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
from smartmail.ports.store_appearance import AppearanceStore
from smartmail.ports.store_directory import DirectoryStore, DomainStore
from smartmail.service.kernel.agreement import Agreement
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.clock import SECOND
from smartmail.service.kernel.keyring import Keyring


class _Store(AppearanceStore, DirectoryStore, DomainStore, Protocol): ...


MAX_NAME: Final = 60
FRESH_MS: Final = 5 * SECOND
IN_FORCE_S: Final = (FRESH_MS + 100) / SECOND
"""After so long no process shows what it knew before."""
KIND: Final = "appearance"
MAX_KNOWN: Final = 1_000
NONE: Final = Appearance(OrganizationId(0), "", "", OURS)


class _Words(msgspec.Struct, frozen=True, array_like=True):
    name: str = ""
    logo: bytes = b""


class AppearanceReader:
    """Reads the appearance to be shown; keeps nothing."""

    def __init__(self, store: _Store, keyring: Keyring) -> None:
        self._store = store
        self._keyring = keyring

    async def read(self, organization_id: OrganizationId, domain: str) -> Appearance:
        """Return what is shown to people of a domain, as it is in the store. Raises Unavailable."""
        shown = replace(NONE, organization_id=organization_id)
        for row in await self._store.appearances(organization_id):
            if row.domain in {"", domain.lower()}:
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
    """Keeps appearances, and what each page asks for in memory."""

    def __init__(
        self, store: _Store, keyring: Keyring, authority: Authority, clock: Clock, agreement: Agreement
    ) -> None:
        super().__init__(store, keyring)
        agreement.on(KIND, self._put_away)
        self._agreement = agreement
        self._authority = authority
        self._clock = clock
        self._known: dict[tuple[OrganizationId, str], tuple[int, Appearance]] = {}
        self._changes = 0
        """How often something changed: an answer that was on its way then is not the newest."""

    async def of(self, organization_id: OrganizationId, domain: str) -> Appearance:
        """Return what is shown to people of a domain, as it is or as it was a moment ago. Raises Unavailable."""
        key, now = (organization_id, domain.lower()), self._clock.now()
        known = self._known.get(key)
        if known is not None and 0 <= now - known[0] < FRESH_MS:
            return known[1]
        changes = self._changes
        shown = await self.read(*key)
        if changes == self._changes:
            self._keep(key, now, shown)
        return shown

    def _keep(self, key: tuple[OrganizationId, str], read_at: int, shown: Appearance) -> None:
        if len(self._known) >= MAX_KNOWN:
            self._known.clear()
        self._known[key] = (read_at, shown)

    async def of_domain(self, domain: str) -> Appearance:
        """Return the appearance of a domain of ours; of the only company where none is named."""
        if domain:
            row = await self._store.domain(domain.lower())
            return NONE if row is None else await self.of(row.organization_id, row.name)
        companies = await self._store.organizations()
        return await self.of(companies[0].id, "") if len(companies) == 1 else NONE

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
            raise Invalid(f"a name has at most {MAX_NAME} characters", reason="name.length", most=MAX_NAME)
        if not OURS <= hue < 360:
            raise Invalid("a hue is 0 to 359, or -1 for none", reason="hue.form")
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
        await self._changed()
        return Appearance(organization_id, domain, name.strip(), hue, picture, now)

    async def drop(self, actor: Actor, organization_id: OrganizationId, domain: str) -> None:
        """Forget an appearance. Raises Forbidden, NotFound."""
        await self._authority.require(actor, "organization.change", _scope(organization_id))
        record = self._record(actor, "appearance.drop", organization_id, domain)
        if not await self._store.drop_appearance(organization_id, domain, record):
            raise NotFound
        await self._changed()

    async def _changed(self) -> None:
        """Show the change here, and wait until all other processes do."""
        self._put_away()
        await self._agreement.reach(KIND, IN_FORCE_S)

    def _put_away(self) -> None:
        self._known.clear()
        self._changes += 1

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
        raise Invalid(
            f"a logo is a PNG of eight bits and at most 512 × 512 pixels: {error}", reason="logo.form"
        ) from error
