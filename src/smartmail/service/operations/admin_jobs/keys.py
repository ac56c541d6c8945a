"""Keys by which programs administer: no more than the permissions on them, from their networks, until their end (ADR 34).

SECURITY  A key is shown once and kept as a hash. It acts for the account that made it: what that account may no more, the
          key may no more, and whoever closes the account closes its keys. A key makes no keys.
"""

import hashlib
import hmac
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from smartmail.domain.admin_api import AdminKeyRow
from smartmail.domain.audit import AuditRecord
from smartmail.domain.authority import PERMISSIONS
from smartmail.domain.errors import AuthFailed, Forbidden, Invalid, NotFound
from smartmail.domain.ids import OrganizationId
from smartmail.domain.principal import Actor, Origin
from smartmail.formats.seal import Kind, Purpose, SealError
from smartmail.ports.clock import Clock
from smartmail.service.kernel.clock import DAY, MINUTE
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.operations.admin_jobs.store import Store

KEY_PREFIX: Final = "smadm_"
MAX_LIFE: Final = 366 * DAY
MAX_KEYS: Final = 100
MAX_NETWORKS: Final = 32
MAX_LABEL: Final = 100
TOUCH_MS: Final = MINUTE


@dataclass(frozen=True, slots=True)
class KeyView:
    """A key as it is shown; `secret` only when it has just been made."""

    row: AdminKeyRow
    label: str
    secret: str = field(default="", repr=False)


class AdminKeys:
    """Makes, lists, removes keys, and finds who comes with one."""

    def __init__(self, store: Store, keyring: Keyring, clock: Clock) -> None:
        self._store = store
        self._keyring = keyring
        self._clock = clock

    async def create(
        self, actor: Actor, label: str, permissions: Sequence[str], networks: Sequence[str], expires_at: int
    ) -> KeyView:
        """Make a key of the actor's own. Raises Invalid, Forbidden (a key, or too many)."""
        if actor.by == "key" or not actor.account_id:
            raise Forbidden("a key makes no keys", reason="consent.person")
        now = self._clock.now()
        if not permissions or set(permissions) - set(PERMISSIONS):
            raise Invalid("a key needs permissions, each one that there is", reason="key.permissions")
        if not now < expires_at <= now + MAX_LIFE:
            raise Invalid("a key ends within a year", reason="key.year")
        text = " ".join(label.split())
        if not text or len(text) > MAX_LABEL:
            raise Invalid(f"the label needs 1 to {MAX_LABEL} characters", reason="label.length", most=MAX_LABEL)
        if len(await self._store.admin_keys(actor.organization_id)) >= MAX_KEYS:
            raise Forbidden(f"an organisation has at most {MAX_KEYS} keys", reason="count.most", most=MAX_KEYS)
        secret = KEY_PREFIX + self._clock.random(32).hex()
        sealer = await self._keyring.organization(actor.organization_id)
        row = AdminKeyRow(
            0, actor.organization_id, actor.account_id, _lookup(secret),
            sealer.seal_text(Kind.ADMIN_KEY_LABEL, text, now), tuple(sorted(set(permissions))), _networks(networks),
            now, expires_at,
        )  # fmt: skip
        record = self._record(actor, "key.new", f"account:{actor.account_id}")
        return KeyView(await self._store.add_admin_key(row, record), text, secret)

    async def list_all(self, organization_id: OrganizationId) -> list[KeyView]:
        """Return an organisation's keys."""
        rows = await self._store.admin_keys(organization_id)
        return [KeyView(row, await self._label(row)) for row in rows]

    async def delete(self, actor: Actor, organization_id: OrganizationId, key_id: int) -> None:
        """Remove a key; from now on it opens nothing. Raises NotFound."""
        known = {row.id for row in await self._store.admin_keys(organization_id)}
        record = self._record(actor, "key.delete", f"account:{actor.account_id} key:{key_id}")
        if key_id not in known or not await self._store.delete_admin_key(key_id, record):
            raise NotFound

    async def actor(self, secret: str, origin: Origin) -> Actor:
        """Return who comes with a key. Raises AuthFailed: unknown, over, from elsewhere, account closed."""
        row, now = await self._store.admin_key(_lookup(secret)), self._clock.now()
        if row is None or row.expires_at <= now or not _is_near(row.networks, origin.address):
            raise AuthFailed
        account = await self._store.account(row.account_id)
        if not account.may("login"):
            raise AuthFailed
        if row.last_used_at is None or now - row.last_used_at >= TOUCH_MS:
            await self._store.touch_admin_key(row.id, now)
        return replace(
            Actor(account.id, account.organization_id, account.login, account.is_admin, origin, account.auth_epoch),
            by="key", credential_id=row.id, valid_until=row.expires_at, extra_rights=frozenset(row.permissions),
        )  # fmt: skip

    def session_token(self, token: str) -> str:
        """Return the token of a web session as the admin host gives it: a session of the webmail opens nothing there."""
        return f"{token}.{self._mark(token)}"

    def web_token(self, given: str) -> str:
        """Return the session's own token again. Raises AuthFailed: it was not given by the admin host."""
        token, _, mark = given.partition(".")
        if not hmac.compare_digest(mark.encode(), self._mark(token).encode()):
            raise AuthFailed
        return token

    def _mark(self, token: str) -> str:
        return self._keyring.installation_mac(Purpose.TOKEN, b"admin-session", token.encode()).hex()[:32]

    async def _label(self, row: AdminKeyRow) -> str:
        try:
            sealer = await self._keyring.organization(row.organization_id)
            return sealer.open_text(Kind.ADMIN_KEY_LABEL, row.sealed_label, row.created_at)
        except SealError:
            return ""

    def _record(self, actor: Actor, action: str, place: str) -> AuditRecord:
        return AuditRecord(self._clock.now(), actor.named, action, place, actor.origin.address, door=actor.origin.door)


def _lookup(secret: str) -> bytes:
    return hashlib.sha256(b"admin-key\0" + secret.encode("utf-8", "surrogatepass")).digest()


def _networks(texts: Sequence[str]) -> tuple[str, ...]:
    if len(texts) > MAX_NETWORKS:
        raise Invalid(f"at most {MAX_NETWORKS} networks", reason="count.most", most=MAX_NETWORKS)
    try:
        return tuple(str(ipaddress.ip_network(text.strip(), strict=False)) for text in texts)
    except ValueError:
        raise Invalid("a network is an address or a range such as 192.0.2.0/24", reason="network.names") from None


def _is_near(networks: Sequence[str], address: str) -> bool:
    if not networks:
        return True
    try:
        place = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(place, "ipv4_mapped", None)
    return any((mapped or place) in ipaddress.ip_network(network) for network in networks)
