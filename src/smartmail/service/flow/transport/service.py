"""What each host must prove before mail goes to it, and what came of each session.

NAME        transport
PURPOSE     Put together what the domain wants (DANE, MTA-STS), what we want for a partner, what the sender wants
            (REQUIRETLS), and say it as terms for one connection.
STRATEGIES  The sender's and our own demands add to the domain's. DANE goes before MTA-STS (RFC 8461 §2): where a host has
            proven records, they alone decide. Without any demand TLS is opportunistic (RFC 7435).
FAILURE     What cannot be learned because DNS fails puts the host off (RFC 7672 §2.1.1), never lets mail through unproven.
SECURITY    TLS 1.2 is the least; dated exceptions by host and port are listed and audited (service.flow.transport.rules).
STANDARDS   RFC 7672, RFC 8461, RFC 8689, RFC 8460 §4.3.
"""

import json
from dataclasses import asdict, replace

from smartmail.domain.transport import (
    NO_NEEDS,
    OPPORTUNISTIC,
    HostTerms,
    Needs,
    PartnerRule,
    ReportPolicy,
    TlsCount,
    TlsVersion,
)
from smartmail.formats.mta_sts import StsPolicy
from smartmail.ports.clock import Clock
from smartmail.ports.dns import DnsFailure, Resolver
from smartmail.ports.http import HttpClient
from smartmail.service.flow.routing import Host, Route
from smartmail.service.flow.transport.dane import Dane, DaneRecords
from smartmail.service.flow.transport.intake import TlsReportBook
from smartmail.service.flow.transport.rules import TransportRules
from smartmail.service.flow.transport.store import Store
from smartmail.service.flow.transport.sts import StsPolicies
from smartmail.service.kernel.clock import DAY


class TransportService:
    """Asked by the relay for each host before a connection, and told after it."""

    def __init__(self, store: Store, resolver: Resolver, http: HttpClient, rules: TransportRules, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self.rules = rules
        self._dane = Dane(resolver)
        self.policies = StsPolicies(store, resolver, http, rules, clock)
        self.received = TlsReportBook(store, clock)

    async def terms(
        self,
        domain: str,
        route: Route,
        host: Host,
        needs: Needs = NO_NEEDS,
        *,
        address: str = "",
    ) -> HostTerms:
        """Return what a connection to a host must fulfil for mail to a domain."""
        domain = domain.lower()
        try:
            terms = await self._terms(domain, route, host, needs)
        except DnsFailure as error:
            if needs.waive and not needs.require:
                return replace(OPPORTUNISTIC, server_name=host.host)
            return HostTerms("dane", demand=True, refusal="dnssec-invalid", reason=f"DNS gave no answer: {error}")
        if await self.rules.exception(host.host, address, host.port) is not None:
            terms = replace(terms, minimum="1.0")
        return replace(terms, authorities=await self.rules.authorities()) if terms.names else terms

    async def _terms(self, domain: str, route: Route, host: Host, needs: Needs) -> HostTerms:
        partner = await self.rules.partner(domain)
        if not route.exchangers:
            # A host that an administrator named is not the domain's: its policies, and DNS at all, say nothing of it.
            terms = _named(route, host)
            terms = terms if partner is None else _for_partner(partner, terms, host)
            return _required(terms, host, named=True) if needs.require else terms
        exchangers = await self._dane.exchangers(domain)
        records = await self._dane.records(domain, host.host, host.port, exchangers)
        policy = await self.policies.policy(domain)
        terms = _of_domain(domain, host, policy, records)
        if needs.waive and not needs.require:
            # RFC 8689 §5: the sender would rather have it arrive; the domain's wishes are passed over, not ours.
            terms = HostTerms(server_name=host.host, report=terms.report)
        if partner is not None:
            terms = _for_partner(partner, terms, host)
        by_policy = policy is not None and policy.mode != "none" and policy.permits(host.host)
        return _required(terms, host, named=exchangers.secure or by_policy) if needs.require else terms

    async def note(self, policy: ReportPolicy, host: str, address: str, result: str) -> None:
        """Count a session for a domain's report: `result` "" went well, else a word of RFC 8460 §4.3."""
        day, text = self._clock.now() // DAY, json.dumps(asdict(policy))
        # Addresses of hosts that work would only make the table long; nobody asks for them.
        await self._store.count_tls(TlsCount(day, policy.domain, text, result, host, address if result else ""))


def _named(route: Route, host: Host) -> HostTerms:
    names = (host.host,) if route.verify_tls else ()
    # A password goes out over TLS only (proto.smtp.client), so that a login asks for it too.
    demand = bool(names or route.username)
    return HostTerms("smarthost" if demand else "none", demand=demand, names=names, server_name=host.host)


def _of_domain(domain: str, host: Host, policy: StsPolicy | None, records: DaneRecords) -> HostTerms:
    if records.demand:
        report = ReportPolicy("tlsa", domain, tuple(str(one) for one in records.tlsa), (host.host,))
        names = records.names if records.tlsa else ()
        return HostTerms("dane", demand=True, tlsa=records.tlsa, names=names, server_name=records.base, report=report)
    if policy is None or policy.mode == "none":
        return replace(OPPORTUNISTIC, server_name=host.host, report=ReportPolicy("no-policy-found", domain))
    strings = (
        "version: STSv1",
        f"mode: {policy.mode}",
        *(f"mx: {one}" for one in policy.mx),
        f"max_age: {policy.max_age}",
    )
    report = ReportPolicy("sts", domain, strings, policy.mx)
    testing = policy.mode == "testing"
    fault = "" if policy.permits(host.host) else "validation-failure"
    return HostTerms(
        "sts", demand=True, names=(host.host,), server_name=host.host, testing=testing, refusal=fault,
        reason=f"{host.host} is not in the domain's MTA-STS policy" if fault else "", report=report,
    )  # fmt: skip


def _for_partner(rule: PartnerRule, terms: HostTerms, host: Host) -> HostTerms:
    """Add a partner rule: records that DANE proves will do, unless the rule names names."""
    minimum: TlsVersion = rule.minimum
    if terms.tlsa and not rule.names:
        return replace(terms, kind="partner", minimum=minimum, final=not rule.defer)
    refusal = "" if terms.testing else terms.refusal
    return replace(
        terms, kind="partner", demand=True, names=rule.names or (host.host,), patterns=bool(rule.names), tlsa=(),
        minimum=minimum, final=not rule.defer, testing=False, refusal=refusal, server_name=host.host,
    )  # fmt: skip


def _required(terms: HostTerms, host: Host, *, named: bool) -> HostTerms:
    """RFC 8689 §4.2.1: a proven name of the host, a certificate for it, and a host that will keep to it too."""
    names = terms.names if terms.tlsa or terms.patterns else (host.host,)
    refusal = "" if terms.testing else terms.refusal
    return replace(
        terms, kind="requiretls", demand=True, names=names, testing=False, final=True, extension=True,
        refusal=refusal or ("" if named else "validation-failure"),
        reason=(terms.reason if refusal else "") or ("" if named else f"nothing proves that {host.host} takes mail for the domain"),
    )  # fmt: skip
