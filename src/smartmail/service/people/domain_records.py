"""NAME
    domain_records: which records a domain wants in DNS, whether the world sees them, and what others report about it

STRATEGIES  Records are made of what is there (names of this installation, signing keys, transport policy) at the moment of
            asking. A look asks the name service for each of them, side by side, and the last one is kept: a job looks again
            at what is complete each AGAIN, at other domains each SOONER.
LIMITS      MAX_REPORTS of each kind are looked through, MAX_ADDRESSES of the mail host, MOST domains in a round of the job.
FAILURE     A name service that does not answer makes a record "unanswered", never an error.
SECURITY    Reading only. Whoever calls has asked for the right to the domain.

Must not know who asks, nor which provider publishes.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address
from typing import Final, Protocol

from smartmail.domain.account import DomainRow
from smartmail.domain.addressing import Smarthost
from smartmail.domain.domain_looks import DomainLook, State, WantedRecord
from smartmail.domain.host_names import EVERYWHERE
from smartmail.formats.client_setup import MailServer, srv_records
from smartmail.formats.mta_sts import write_record
from smartmail.ports.clock import Clock
from smartmail.ports.dns import DnsFailure, Resolver, ServiceHost, ServiceResolver
from smartmail.ports.store_authentication import AuthenticationStore
from smartmail.ports.store_directory import DomainStore
from smartmail.ports.store_domain_looks import DomainLookStore
from smartmail.service.flow.signing_keys import KeyRecord, SigningKeys
from smartmail.service.flow.transport import TransportService
from smartmail.service.kernel.clock import DAY, HOUR, MINUTE
from smartmail.service.kernel.host_names import NameBook
from smartmail.service.people.sender_policies import dmarc_holds, dmarc_text, spf_covers, spf_text
from smartmail.service.protection import spf_lookups

MAX_REPORTS: Final = 1_000
MAX_ADDRESSES: Final = 8
MOST: Final = 50
AGAIN: Final = 6 * HOUR
SOONER: Final = 30 * MINUTE
FORGET: Final = 30 * DAY


@dataclass(frozen=True, slots=True)
class DmarcSource:
    """What came from an address in the domain's name: results, what receivers did, how many messages."""

    source: str
    dkim: str
    spf: str
    disposition: str
    messages: int


@dataclass(frozen=True, slots=True)
class TlsFailure:
    """Why sessions with a host of the domain were not sealed."""

    result: str
    host: str
    address: str
    reporter: str
    sessions: int


@dataclass(frozen=True, slots=True)
class DomainReports:
    """What others reported of some days. `reporters`: who."""

    dmarc: int
    tls: int
    reporters: tuple[str, ...]
    sources: tuple[DmarcSource, ...]
    sealed: int
    failed: int
    failures: tuple[TlsFailure, ...]


class _Store(AuthenticationStore, DomainLookStore, DomainStore, Protocol): ...


class Ways(Protocol):
    """Knows which hosts mail leaves through."""

    async def smarthosts(self) -> Mapping[str, Smarthost]:
        """Return all, by `from domain` and `to domain`."""
        ...


class DomainRecords:
    """Tells them."""

    def __init__(
        self,
        store: _Store,
        keys: SigningKeys,
        transport: TransportService,
        resolver: Resolver | None,
        clock: Clock,
        names: NameBook,
        servers: Sequence[MailServer],
        ways: Ways,
    ) -> None:
        self._store = store
        self._keys = keys
        self._transport = transport
        self._resolver = resolver
        self._clock = clock
        self._names = names
        self._servers = servers
        self._ways = ways

    async def host(self) -> str:
        """Return the name of the server that mail comes in at."""
        return (await self._names.in_force()).mail

    async def wanted(self, domain: DomainRow) -> list[WantedRecord]:
        """Return the records that a domain wants."""
        name = domain.name
        names = await self._names.in_force()
        named = names.mail != EVERYWHERE.mail
        # Nobody shall publish a name that leads to his own machine.
        found = [WantedRecord("mx", name, "MX", f"10 {names.mail}.")] if named else []
        found += [
            WantedRecord("spf", name, "TXT", spf_text(await self._smarthosts(name))),
            WantedRecord("dmarc", f"_dmarc.{name}", "TXT", dmarc_text(name)),
        ]
        keys = await self._keys.records(name, domain.organization_id)
        found += [WantedRecord(_purpose(one), one.name, "TXT", one.text) for one in keys]
        own = await self._transport.rules.own_policy(name)
        if own is not None:
            found.append(WantedRecord("mta-sts", f"_mta-sts.{name}", "TXT", write_record(own.identity)))
            if named:
                found.append(WantedRecord("mta-sts", f"mta-sts.{name}", "CNAME", f"{names.app}."))
        reports = f"v=TLSRPTv1; rua=mailto:postmaster@{name}"
        found.append(WantedRecord("tls-reports", f"_smtp._tls.{name}", "TXT", reports))
        if not named:
            return found
        servers = [replace(one, host=names.app if one.kind == "jmap" else names.mail) for one in self._servers]
        srv = srv_records(name, servers) if servers else []
        found += [WantedRecord("autoconfig", *one) for one in srv]
        # Mail programs that do not look for SRV records ask these names.
        found += [
            WantedRecord("autoconfig", f"{word}.{name}", "CNAME", f"{names.app}.")
            for word in ("autoconfig", "autodiscover")
        ]
        return found

    async def _smarthosts(self, domain: str) -> list[str]:
        """Return the hosts that mail from a domain leaves through."""
        found = await self._ways.smarthosts()
        return [host.host for way, host in found.items() if way == f"from {domain}"]

    async def looked(self, domain: DomainRow) -> list[WantedRecord]:
        """Return them with what the name service says now, and keep that."""
        wanted = await self.wanted(domain)
        states = await asyncio.gather(*(self._state(one) for one in wanted))
        found = [replace(one, state=state) for one, state in zip(wanted, states, strict=True)]
        found += await self._host(domain)
        await self._store.put_domain_look(DomainLook(domain.name, self._clock.now(), tuple(found)))
        return found

    async def known(self, domain: DomainRow) -> list[WantedRecord]:
        """Return them with what the name service said when it was last asked; what is wanted since is unasked."""
        look = await self._store.domain_look(domain.name)
        kept = look.records if look else ()
        states = {replace(one, state="unasked"): one.state for one in kept}
        wanted = [replace(one, state=states.get(one, "unasked")) for one in await self.wanted(domain)]
        return wanted + [one for one in kept if one.purpose in {"host", "reverse"}]

    async def looks(self) -> dict[str, DomainLook]:
        """Return the last look at each domain."""
        return {one.domain: one for one in await self._store.domain_looks()}

    async def look_again(self) -> None:
        """Look at the domains whose turn it is. A job."""
        if self._resolver is None:
            return
        now, looks = self._clock.now(), await self.looks()
        rows = [one for one in await self._store.domains() if one.state == "active"]
        due = [one for one in rows if (look := looks.get(one.name)) is None or now - look.looked_at >= _pause(look)]
        for row in sorted(due, key=lambda one: looks[one.name].looked_at if one.name in looks else 0)[:MOST]:
            await self.looked(row)
        await self._store.drop_domain_looks(now - FORGET)

    async def _host(self, domain: DomainRow) -> list[WantedRecord]:
        """Return whether the mail host has addresses and, where mail leaves from them, whether they have its name."""
        mail = (await self._names.in_force()).mail
        if mail == EVERYWHERE.mail:
            return []
        host = WantedRecord("host", mail, "A", "", "unanswered")
        if self._resolver is None:
            return [host]
        try:
            addresses = (await self._resolver.addresses(mail))[:MAX_ADDRESSES]
        except DnsFailure:
            return [host]
        found = [replace(host, text=" ".join(addresses), state=_found(bool(addresses), ()))]
        if await self._smarthosts(domain.name):
            return found
        public = [one for one in addresses if ip_address(one).is_global]
        return [*found, *await asyncio.gather(*(self._reverse(mail, one) for one in public))]

    async def _reverse(self, mail: str, address: str) -> WantedRecord:
        wanted = WantedRecord("reverse", address, "PTR", f"{mail}.", "unanswered")
        assert self._resolver is not None
        try:
            names = await self._resolver.names(address)
        except DnsFailure:
            return wanted
        return replace(wanted, state=_found(mail.lower() in names, names))

    async def _state(self, one: WantedRecord) -> State:
        if one.kind == "SRV" and not isinstance(self._resolver, ServiceResolver):
            return "unasked"
        if self._resolver is None:
            return "unanswered"
        try:
            if one.kind == "SRV" and isinstance(self._resolver, ServiceResolver):
                return _service(one.text, await self._resolver.srv(one.name))
            if one.kind == "MX":
                hosts = [row.host.rstrip(".").lower() for row in await self._resolver.mx(one.name)]
                return _found(one.text.split()[1].rstrip(".").lower() in hosts, hosts)
            if one.kind == "CNAME":
                # What counts is that the name leads somewhere: address records serve as well.
                return "published" if await self._resolver.addresses(one.name) else "missing"
            texts = [text.decode("utf-8", "replace") for text in await self._resolver.txt(one.name)]
        except DnsFailure:
            return "unanswered"
        if one.purpose == "dmarc":
            return _found(dmarc_holds(texts, one.name), texts)
        if one.purpose == "spf":
            policies = [text for text in texts if text.lower().startswith("v=spf1")]
            # More than one is an error for every receiver (RFC 7208 §4.5).
            return _found(len(policies) == 1 and spf_covers(policies[0], one.text), policies)
        tag = one.text.partition(";")[0].partition(" ")[0].lower()
        alike = [text for text in texts if text.lower().startswith(tag)]
        plain = one.text.replace(" ", "")
        return _found(any(text.replace(" ", "") == plain for text in alike), alike)

    async def spf(self, domain: DomainRow) -> spf_lookups.SpfCount:
        """Return what the domain's published SPF record costs those who ask for it."""
        if self._resolver is None:
            return spf_lookups.SpfCount("", 0, "unanswered")
        return await spf_lookups.count(self._resolver, domain.name)

    async def reports(self, domain: DomainRow, days: int) -> DomainReports:
        """Return what others have reported about a domain in the last days."""
        since = (self._clock.now() - days * DAY) // 1000
        dmarc = await self._store.dmarc_reports(domain.name, since, MAX_REPORTS)
        tls = await self._transport.received.about(domain.name, days, MAX_REPORTS)
        sums: Counter[tuple[str, str, str, str]] = Counter()
        for report in dmarc:
            for row, messages in report.rows:
                sums[row.source, row.dkim, row.spf, row.disposition] += messages
        policies = [(row.reporter, one) for row, report in tls for one in report.policies]
        failed: Counter[tuple[str, str, str, str]] = Counter()
        for reporter, one in policies:
            for each in one.failures:
                failed[each.result or "", each.host or "", each.receiving_ip or "", reporter] += each.sessions
        return DomainReports(
            len(dmarc), len(tls), tuple(sorted({*(one.reporter for one in dmarc), *(row.reporter for row, _ in tls)})),
            tuple(DmarcSource(*kind, count) for kind, count in sums.most_common(MAX_REPORTS)),
            sum(one.successes for _, one in policies), sum(one.failed for _, one in policies),
            tuple(TlsFailure(*kind, count) for kind, count in failed.most_common(MAX_REPORTS)),
        )  # fmt: skip


def zone(records: Iterable[WantedRecord]) -> str:
    """Return records as lines of a zone file; a text is cut into strings of at most 255 bytes (RFC 1035 §3.3)."""
    lines = []
    for one in records:
        pieces = (one.text[at : at + 255] for at in range(0, len(one.text), 255))
        text = " ".join(f'"{piece}"' for piece in pieces) if one.kind == "TXT" else one.text
        lines.append(f"{one.name}. IN {one.kind} {text}\n")
    return "".join(lines)


def _service(wanted: str, found: Sequence[ServiceHost]) -> State:
    """Return whether one of the records leads where the wanted one does; priorities and weights are the domain's own."""
    port, host = wanted.split()[2:4]
    there = [(one.port, one.host.rstrip(".").lower()) for one in found]
    return _found((int(port), host.rstrip(".").lower()) in there, [name for _, name in there])


def _purpose(key: KeyRecord) -> str:
    # Mail that a retired key has signed may be on its way: its record is wanted still, but no fault where it is gone.
    return "dkim-retired" if key.row.state == "retired" else "dkim"


def _pause(look: DomainLook) -> int:
    return AGAIN if look.verdict == "complete" else SOONER


def _found(is_there: bool, others: Sequence[str]) -> State:
    if is_there:
        return "published"
    return "different" if others else "missing"
