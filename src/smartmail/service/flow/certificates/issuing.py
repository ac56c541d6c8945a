"""Certificates by ACME: which names, of which authority, when they are due, and what went wrong.

NAME      issuing
PURPOSE   A job asks `renew`; it fetches what is missing or has used two thirds of its life.
STATES    Per set of names: waiting, or failed n times and waiting longer (an hour, doubled up to a day).
FAILURE   What an authority refuses is kept with the names, for the administrator to read; the old certificate is served
          until it runs out, and alarms ring before that.
SECURITY  The account's key lies sealed. The administrator has agreed to the authority's terms by naming it.
"""

import base64

import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from smartmail.base import log
from smartmail.domain.audit import AuditRecord
from smartmail.domain.certificate import CertificateRow
from smartmail.domain.errors import Invalid, NotFound
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.formats import jws
from smartmail.formats.address import domain_to_ascii
from smartmail.formats.seal import Kind
from smartmail.ports.clock import Clock
from smartmail.ports.http import HttpClient
from smartmail.ports.store_settings import SettingStore
from smartmail.service.flow.certificates import pem
from smartmail.service.flow.certificates.acme import AcmeClient, AcmeFailed, Binding
from smartmail.service.flow.certificates.keeping import CertificateService
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.clock import DAY, HOUR

SCOPE = "acme"
ACCOUNT = "account"
ORDERS = "orders:"
CHALLENGE = "challenge:"
MAX_NAMES = 100
"""Names in one certificate: what public authorities allow."""
_SYSTEM = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("system"))
_ACCOUNT_KEY = b"acme account key"


class _Account(msgspec.Struct):
    directory: str
    contact: str
    key: str
    url: str


class AcmeStatus(msgspec.Struct):
    """One set of names. Times in milliseconds, 0 for never; `error` is the authority's last word, "" when all is well."""

    names: tuple[str, ...]
    failures: int = 0
    next_at: int = 0
    error: str = ""


class AcmeService:
    """Sets up, fetches, renews."""

    def __init__(
        self,
        store: SettingStore,
        certificates: CertificateService,
        http: HttpClient,
        clock: Clock,
        authority: Authority,
    ) -> None:
        self._authority = authority
        self._store = store
        self._certificates = certificates
        self._http = http
        self._clock = clock

    async def set_up(self, actor: Actor, directory: str, contact: str, *, key_id: str = "", mac_key: str = "") -> str:
        """Make an account at an authority; return its URL. `key_id`, `mac_key`: what it gave its customer (base64url).

        Raises Invalid with what the authority or the address says.
        """
        await self._authority.require(actor, "certificate.change", Scope("system"))
        if not directory.startswith("https://"):
            raise Invalid("an ACME directory is an https address", reason="acme.url")
        key = ec.generate_private_key(ec.SECP256R1())
        try:
            binding = Binding(key_id, jws.decode(mac_key)) if key_id else None
            url = await AcmeClient(self._http, directory, key).register(contact, binding)
        except (AcmeFailed, ValueError) as error:
            raise Invalid(f"the authority made no account: {error}", reason="acme.account") from error
        octets = key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        sealed = self._certificates.sealer().seal(Kind.TLS_KEY, octets, _ACCOUNT_KEY)
        account = _Account(directory, contact, base64.b64encode(sealed).decode(), url)
        await self._put(ACCOUNT, account, self._record(actor, "acme.account"))
        return url

    async def manage(self, actor: Actor, names: list[str]) -> AcmeStatus:
        """Fetch and renew a certificate for names from now on. Raises Invalid."""
        await self._authority.require(actor, "certificate.change", Scope("system"))
        wanted = tuple(dict.fromkeys(domain_to_ascii(one.strip().rstrip(".")).lower() for one in names))
        if not wanted or len(wanted) > MAX_NAMES or any(not one or "." not in one for one in wanted):
            raise Invalid(f"name 1 to {MAX_NAMES} hosts with a dot in them", reason="acme.hosts", most=MAX_NAMES)
        if any(one.startswith("*") for one in wanted):
            raise Invalid(
                "a wildcard needs a proof in DNS; name the hosts, or upload a certificate", reason="acme.wildcard"
            )
        if await self._account() is None:
            raise Invalid("no authority is set up yet", reason="acme.none")
        status = AcmeStatus(wanted)
        await self._put(ORDERS + wanted[0], status, self._record(actor, "acme.managed"))
        return status

    async def forget(self, actor: Actor, name: str) -> None:
        """Renew it no more; the certificate is served on. Raises NotFound."""
        await self._authority.require(actor, "certificate.change", Scope("system"))
        if all(one.names[0] != name for one in await self.managed()):
            raise NotFound
        await self._store.put_setting(SCOPE, ORDERS + name, None, audit=self._record(actor, "acme.forgotten"))

    async def managed(self) -> list[AcmeStatus]:
        """Return all sets of names and how they do."""
        found = await self._store.settings(SCOPE)
        return [
            msgspec.json.decode(text, type=AcmeStatus) for one, text in sorted(found.items()) if one.startswith(ORDERS)
        ]

    async def account(self) -> tuple[str, str, str] | None:
        """Return directory, contact and address of the account at the authority, None where there is none."""
        found = await self._account()
        return None if found is None else (found.directory, found.contact, found.url)

    async def answer(self, token: str) -> str | None:
        """Return the key authorization for a challenge that an authority looks for, None for any other token."""
        return (
            await self._store.setting(SCOPE, CHALLENGE + token)
            if token.replace("-", "").replace("_", "").isalnum()
            else None
        )

    async def renew(self) -> int:
        """Fetch what is due; return how many certificates came. A job's work."""
        account = await self._account()
        if account is None:
            return 0
        now, rows, fetched = self._clock.now(), await self._certificates.rows(), 0
        for status in await self.managed():
            if status.next_at <= now and _is_due(status, rows, now):
                fetched += await self._fetch(account, status)
        return fetched

    async def _fetch(self, account: _Account, status: AcmeStatus) -> int:
        key = ec.generate_private_key(ec.SECP256R1())
        tokens: list[str] = []

        async def publish(token: str, authorization: str) -> None:
            tokens.append(token)
            await self._store.put_setting(SCOPE, CHALLENGE + token, authorization)

        try:
            client = AcmeClient(self._http, account.directory, self._account_key(account), account.url)
            chain = await client.obtain(status.names, key, publish)
            octets = key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            new = pem.from_pem(chain, octets, "", "acme", self._clock.now())
            await self._certificates.keep(_SYSTEM, new)
        except (AcmeFailed, Invalid) as error:
            await self._failed(status, str(error))
            return 0
        finally:
            for token in tokens:
                await self._store.put_setting(SCOPE, CHALLENGE + token, None)
        await self._put(ORDERS + status.names[0], AcmeStatus(status.names))
        log.event("certificate.fetched", names=len(status.names))
        return 1

    async def _failed(self, status: AcmeStatus, why: str) -> None:
        failures = status.failures + 1
        pause = min(HOUR * 2 ** min(failures - 1, 10), DAY)
        await self._put(ORDERS + status.names[0], AcmeStatus(status.names, failures, self._clock.now() + pause, why))
        log.event("certificate.issue_failed", host=status.names[0], failures=failures, detail=why[:200])

    async def _account(self) -> _Account | None:
        text = await self._store.setting(SCOPE, ACCOUNT)
        return None if text is None else msgspec.json.decode(text, type=_Account)

    def _account_key(self, account: _Account) -> ec.EllipticCurvePrivateKey:
        octets = self._certificates.sealer().open(Kind.TLS_KEY, base64.b64decode(account.key), _ACCOUNT_KEY)
        key = serialization.load_der_private_key(octets, None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return key

    async def _put(self, name: str, value: msgspec.Struct, audit: AuditRecord | None = None) -> None:
        await self._store.put_setting(SCOPE, name, msgspec.json.encode(value).decode(), audit=audit)

    def _record(self, actor: Actor, action: str) -> AuditRecord:
        return AuditRecord(self._clock.now(), actor.named, action, "acme", actor.origin.address, door=actor.origin.door)


def _is_due(status: AcmeStatus, rows: list[CertificateRow], now: int) -> bool:
    """Missing, or two thirds of its life are over: what authorities advise for certificates of any length."""
    held = [row for row in rows if set(row.names) >= set(status.names)]
    return not any(now < row.until - (row.until - row.since) / 3 for row in held)
