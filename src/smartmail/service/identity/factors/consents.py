"""Texts that people agree to before anything is served to them (BR-31): privacy, security pledge, notice of monitoring.

STRATEGIES  A text has a name and versions that never change; a new version is asked again. Where policy says
            `consent.required`, every door waits for it (service.identity.auth.owed).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from smartmail.base.i18n import LANGUAGES
from smartmail.domain.account import Account
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Invalid, NotFound
from smartmail.domain.factors import Consent, ConsentText
from smartmail.domain.ids import OrganizationId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.formats.seal import Kind, SealError
from smartmail.ports.clock import Clock
from smartmail.service.identity.auth import AuthService
from smartmail.service.identity.factors.store import Store
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.keyring import Keyring

MAX_NAME: Final = 40
MAX_TEXT: Final = 100_000
PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class ShownText:
    """A text in one language."""

    name: str
    version: int
    language: str
    text: str
    at: int


@dataclass(frozen=True, slots=True)
class GivenConsent:
    """Who agreed to what."""

    login: str
    name: str
    version: int
    at: int
    address: str


class ConsentService:
    """Publishes texts, asks for consents, tells who gave them."""

    def __init__(
        self, store: Store, keyring: Keyring, clock: Clock, auth: AuthService, authority: Authority
    ) -> None:  # fmt: skip
        self._store = store
        self._keyring = keyring
        self._clock = clock
        self._auth = auth
        self._authority = authority

    async def publish(self, actor: Actor, organization_id: OrganizationId, name: str, texts: Mapping[str, str]) -> int:
        """Publish the next version of a text, in one language or several; return its number. Everybody is asked anew.

        Raises Forbidden, NotFound, Invalid.
        """
        await self._authority.require(actor, "policy.change", Scope("organization", str(organization_id)))
        if not name or len(name) > MAX_NAME or not name.replace("-", "").isalnum() or not name.isascii():
            raise Invalid(
                f"a name is 1 to {MAX_NAME} letters, figures and hyphens", reason="consenttext.name", most=MAX_NAME
            )
        if not texts or set(texts) - set(LANGUAGES) or not all(0 < len(text) <= MAX_TEXT for text in texts.values()):
            raise Invalid(
                f"a text in one of {', '.join(LANGUAGES)} is needed, of {MAX_TEXT} characters at most",
                reason="consenttext.text",
                most=MAX_TEXT,
            )
        known = await self._store.consent_texts(organization_id)
        version = max((one.version for one in known if one.name == name), default=0) + 1
        sealer, now = await self._keyring.organization(organization_id), self._clock.now()
        about = f"organization:{organization_id} consent:{name}:{version}"
        for language, text in sorted(texts.items()):
            sealed = sealer.seal_text(Kind.CONSENT_TEXT, text, now)
            record = AuditRecord(
                now, actor.named, "consent.publish", f"{about}:{language}", actor.origin.address, door=actor.origin.door
            )
            await self._store.put_consent_text(
                ConsentText(organization_id, name, version, language, sealed, now), record
            )  # fmt: skip
        self._auth.tell_all()
        return version

    async def texts(self, actor: Actor, organization_id: OrganizationId) -> list[ShownText]:
        """Return every version of every text. Raises Forbidden, NotFound."""
        await self._authority.require(actor, "policy.read", Scope("organization", str(organization_id)))
        return [await self._shown(row) for row in await self._store.consent_texts(organization_id)]

    async def pending(self, actor: Actor) -> list[ShownText]:
        """Return the newest texts that the actor has not agreed to, in the actor's language where there is one."""
        account = await self._store.account(actor.account_id)
        given = {(one.name, one.version) for one in await self._store.consents(account.id)}
        newest: dict[str, list[ConsentText]] = {}
        for row in await self._store.consent_texts(account.organization_id):
            rows = newest.setdefault(row.name, [])
            if not rows or rows[0].version == row.version:
                rows.append(row)
        waiting = [rows for rows in newest.values() if (rows[0].name, rows[0].version) not in given]
        return [await self._shown(_best(rows, account)) for rows in waiting]

    async def give(self, actor: Actor, name: str, version: int) -> None:
        """Agree to the newest version of a text. Raises NotFound (there is none, or a newer one)."""
        account = await self._store.account(actor.account_id)
        versions = [row.version for row in await self._store.consent_texts(account.organization_id) if row.name == name]
        if not versions or max(versions) != version:
            raise NotFound
        now = self._clock.now()
        record = AuditRecord(
            now,
            actor.named,
            "consent.give",
            f"account:{account.id} consent:{name}:{version}",
            actor.origin.address,
            door=actor.origin.door,
        )
        await self._store.give_consent(Consent(account.id, name, version, now, actor.origin.address), record)
        self._auth.changed(account)

    async def given(self, actor: Actor, organization_id: OrganizationId) -> list[GivenConsent]:
        """Return who agreed to which version, when and from where, for an export. Raises Forbidden, NotFound."""
        await self._authority.require(actor, "policy.read", Scope("organization", str(organization_id)))
        logins = {row.id: row.login for row in await self._store.accounts(organization_id)}
        found: list[GivenConsent] = []
        after = (0, "", 0)
        while rows := await self._store.consents_of(organization_id, after, PAGE):
            found += [GivenConsent(logins.get(r.account_id, ""), r.name, r.version, r.at, r.address) for r in rows]
            after = (rows[-1].account_id, rows[-1].name, rows[-1].version)
        return found

    async def _shown(self, row: ConsentText) -> ShownText:
        try:
            sealer = await self._keyring.organization(OrganizationId(row.organization_id))
            text = sealer.open_text(Kind.CONSENT_TEXT, row.sealed, row.at)
        except SealError:
            text = ""
        return ShownText(row.name, row.version, row.language, text, row.at)


def _best(rows: list[ConsentText], account: Account) -> ConsentText:
    for language in (account.language, "ko", "en"):
        for row in rows:
            if row.language == language:
                return row
    return rows[0]
