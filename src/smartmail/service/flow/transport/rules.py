"""What administrators say about TLS with others: partner rules, dated exceptions, authorities, our own MTA-STS policies.

Kept as settings of the scope `transport`; every change is an act in the audit. A process reads them again on a hint, and after
SETTINGS_TTL since a hint may be lost.
"""

import ipaddress
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Invalid, NotFound
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.domain.transport import VERSIONS, PartnerRule, TlsException
from smartmail.formats.address import domain_to_ascii
from smartmail.formats.mta_sts import MAX_AGE, MODES, Mode, StsPolicy
from smartmail.ports.bus import Bus
from smartmail.ports.clock import Clock
from smartmail.ports.store_settings import SettingStore
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.clock import SECOND

SCOPE = "transport"
TOPIC = "transport"
SETTINGS_TTL = 10 * SECOND
MAX_EXCEPTION_DAYS = 366
"""An exception is a way to a date, not a state."""
_DAY_MS = 86_400_000
_AUTHORITIES = "authorities"
_CONTACT = "report-from"


@dataclass(frozen=True, slots=True)
class OwnPolicy:
    """The MTA-STS policy that we publish for a domain of ours."""

    identity: str
    policy: StsPolicy


class TransportRules:
    """Reads and changes them."""

    def __init__(self, store: SettingStore, clock: Clock, authority: Authority, bus: Bus) -> None:
        self._authority = authority
        self._bus = bus
        self._store = store
        self._clock = clock
        self._kept: tuple[int, Mapping[str, str]] | None = None
        self._changes = 0
        bus.subscribe(TOPIC, lambda _payload: self._forget())

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` when something changed; return a function that ends it. A hint may be lost: look as well."""
        return self._bus.subscribe(TOPIC, lambda _payload: listener())

    async def partner(self, domain: str) -> PartnerRule | None:
        """Return the rule for a destination: its own, or that of a parent domain written as `.example.com`."""
        known = await self._read()
        names = [domain.lower()]
        labels = domain.lower().split(".")
        names += ["." + ".".join(labels[at:]) for at in range(1, len(labels))]
        found = next((known[f"partner:{name}"] for name in names if f"partner:{name}" in known), None)
        return None if found is None else _partner(found)

    async def partners(self) -> list[PartnerRule]:
        """Return all rules by domain."""
        return [_partner(text) for name, text in sorted((await self._read()).items()) if name.startswith("partner:")]

    async def set_partner(self, actor: Actor, rule: PartnerRule) -> PartnerRule:
        """Demand verified TLS for a domain. Raises Invalid."""
        await self._authority.require(actor, "queue.change", Scope("system"))
        if rule.minimum not in VERSIONS:
            raise Invalid(f"a TLS version is one of {', '.join(VERSIONS)}", reason="tls.version")
        parent = rule.domain.startswith(".")
        domain = ("." if parent else "") + _domain(rule.domain.lstrip("."))
        kept = PartnerRule(domain, rule.minimum, tuple(_pattern(name) for name in rule.names), rule.defer)
        await self._put(actor, f"partner:{domain}", json.dumps(asdict(kept)), "transport.partner")
        return kept

    async def drop_partner(self, actor: Actor, domain: str) -> None:
        """Take a rule back. Raises NotFound."""
        await self._authority.require(actor, "queue.change", Scope("system"))
        await self._drop(actor, f"partner:{domain.lower()}", "transport.partner_removed")

    async def exception(self, host: str, address: str, port: int) -> TlsException | None:
        """Return the exception in force for a host by its name or address."""
        known, now = await self._read(), self._clock.now()
        texts = [known.get(f"exception:{name}:{port}") for name in (host.lower(), address)]
        found = [TlsException(**json.loads(text)) for text in texts if text is not None]
        return next((one for one in found if one.until > now), None)

    async def exceptions(self) -> list[TlsException]:
        """Return all exceptions, also those that have ended."""
        known = sorted((await self._read()).items())
        return [TlsException(**json.loads(text)) for name, text in known if name.startswith("exception:")]

    async def set_exception(self, actor: Actor, exception: TlsException) -> TlsException:
        """Let a host speak old TLS until a day. Raises Invalid: without an end, or one too far, there is none."""
        await self._authority.require(actor, "queue.change", Scope("system"))
        until = self._end(exception)
        if not exception.host.strip() or " " in exception.host:
            raise Invalid("a host is needed", reason="host.needed")
        kept = TlsException(exception.host.strip().lower(), exception.port, until)
        name = f"exception:{kept.host}:{kept.port}"
        await self._put(actor, name, json.dumps(asdict(kept)), "transport.exception")
        return kept

    async def drop_exception(self, actor: Actor, host: str, port: int) -> None:
        """Take an exception back. Raises NotFound."""
        await self._authority.require(actor, "queue.change", Scope("system"))
        await self._drop(actor, f"exception:{host.lower()}:{port}", "transport.exception_removed")

    async def inward(self) -> list[TlsException]:
        """Return all exceptions for hosts that come to us, also those that have ended; `host` is a network."""
        known = sorted((await self._read()).items())
        return [TlsException(**json.loads(text)) for name, text in known if name.startswith("inward:")]

    async def set_inward(self, actor: Actor, exception: TlsException) -> TlsException:
        """Let a host or network speak old TLS to a port of ours until a day. Raises Invalid."""
        await self._authority.require(actor, "queue.change", Scope("system"))
        kept = TlsException(_network(exception.host), exception.port, self._end(exception))
        await self._put(actor, f"inward:{kept.host}:{kept.port}", json.dumps(asdict(kept)), "transport.inward")
        return kept

    async def drop_inward(self, actor: Actor, host: str, port: int) -> None:
        """Take one back. Raises NotFound, Invalid."""
        await self._authority.require(actor, "queue.change", Scope("system"))
        await self._drop(actor, f"inward:{_network(host)}:{port}", "transport.inward_removed")

    def _end(self, exception: TlsException) -> int:
        """Return the end of an exception that has one and a port. Raises Invalid."""
        now = self._clock.now()
        if not now < exception.until <= now + MAX_EXCEPTION_DAYS * _DAY_MS:
            raise Invalid(
                f"an exception ends within {MAX_EXCEPTION_DAYS} days from now",
                reason="exception.days",
                most=MAX_EXCEPTION_DAYS,
            )
        if not 0 < exception.port < 65536:
            raise Invalid("a port is needed", reason="port.needed")
        return exception.until

    async def authorities(self) -> str:
        """Return PEM certificates that are trusted beside the system's."""
        text = (await self._read()).get(_AUTHORITIES)
        return "" if text is None else str(json.loads(text))

    async def set_authorities(self, actor: Actor, pem: str) -> None:
        """Trust these authorities for mail hosts, in place of earlier ones; "" for none. Raises Invalid."""
        await self._authority.require(actor, "queue.change", Scope("system"))
        try:
            found = x509.load_pem_x509_certificates(pem.encode()) if pem else []
        except ValueError:
            raise Invalid("no certificate in PEM form", reason="certificate.pem") from None
        pem = "".join(one.public_bytes(Encoding.PEM).decode() for one in found)
        await self._put(actor, _AUTHORITIES, json.dumps(pem) if pem else None, "transport.authorities")

    async def own_policy(self, domain: str) -> OwnPolicy | None:
        """Return what we publish for a domain of ours."""
        text = (await self._read()).get(f"sts:{domain.lower()}")
        return None if text is None else _own(json.loads(text))

    async def set_own_policy(
        self, actor: Actor, domain: str, mode: Mode, max_age: int, mx: tuple[str, ...]
    ) -> OwnPolicy:
        """Publish a policy for a domain of ours; its id changes with every change. Raises Invalid, NotFound."""
        name = _domain(domain)
        ours = Scope("domain", name)
        await self._authority.require(actor, "domain.change", ours, f"{domain} is no domain of ours")
        if mode not in MODES or not 0 <= max_age <= MAX_AGE:
            raise Invalid(
                f"mode is one of {', '.join(MODES)}; max_age at most {MAX_AGE} seconds",
                reason="mtasts.form",
                most=MAX_AGE,
            )
        if mode != "none" and not mx:
            raise Invalid("a policy names hosts", reason="host.needed")
        identity = str(self._clock.now())
        kept = {"id": identity, "mode": mode, "max_age": max_age, "mx": [_pattern(one) for one in mx]}
        await self._put(actor, f"sts:{name}", json.dumps(kept), "transport.sts")
        return _own(kept)

    async def drop_own_policy(self, actor: Actor, domain: str) -> None:
        """Publish none any more; others keep the old one until its max_age (set mode none first). Raises NotFound."""
        ours = Scope("domain", _domain(domain))
        await self._authority.require(actor, "domain.change", ours, f"{domain} is no domain of ours")
        await self._drop(actor, f"sts:{domain.lower()}", "transport.sts_removed")

    async def number(self, name: str, default: int) -> int:
        """Return a number among the settings (ports of test benches and closed networks)."""
        text = (await self._read()).get(name)
        return default if text is None else int(json.loads(text))

    async def contact(self) -> str:
        """Return the address that reports come from, "" for the default."""
        text = (await self._read()).get(_CONTACT)
        return "" if text is None else str(json.loads(text))

    async def _read(self) -> Mapping[str, str]:
        now = self._clock.now()
        if self._kept is not None and now - self._kept[0] <= SETTINGS_TTL:
            return self._kept[1]
        changes = self._changes
        found = await self._store.settings(SCOPE)
        if changes == self._changes:  # else this may be from before the change
            self._kept = (now, found)
        return found

    def _forget(self) -> None:
        self._kept = None
        self._changes += 1

    async def _put(self, actor: Actor, name: str, value: str | None, action: str) -> None:
        who = actor.named
        record = AuditRecord(
            self._clock.now(), who, action, f"setting:{name}", actor.origin.address, door=actor.origin.door
        )
        await self._store.put_setting(SCOPE, name, value, audit=record)
        self._forget()
        self._bus.publish(TOPIC, "")

    async def _drop(self, actor: Actor, name: str, action: str) -> None:
        self._forget()
        if name not in await self._read():
            raise NotFound(f"there is nothing for {name.partition(':')[2]}")
        await self._put(actor, name, None, action)


def _partner(text: str) -> PartnerRule:
    kept = json.loads(text)
    return PartnerRule(kept["domain"], kept["minimum"], tuple(kept["names"]), kept["defer"])


def _own(kept: Mapping[str, Any]) -> OwnPolicy:
    return OwnPolicy(kept["id"], StsPolicy(kept["mode"], kept["max_age"], tuple(kept["mx"])))


def _domain(name: str) -> str:
    found = domain_to_ascii(name.strip().rstrip(".")).lower()
    if not found or "." not in found or " " in found:
        raise Invalid(f"not a domain: {name!r}", reason="domain.form", domain=name)
    return found


def _pattern(name: str) -> str:
    wild = name.startswith("*.")
    return ("*." if wild else "") + _domain(name.removeprefix("*."))


def _network(text: str) -> str:
    """Return an address or network in its one form. Raises Invalid: a name says nothing of who comes."""
    try:
        return str(ipaddress.ip_network(text.strip(), strict=False))
    except ValueError:
        raise Invalid(
            "hosts that come to us are known by address: 192.0.2.7 or 192.0.2.0/24", reason="network.form", text=text
        ) from None
