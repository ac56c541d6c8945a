"""The inspector of authentication.

NAME      authentication
PURPOSE   Find out who sent a message, write it on top (Authentication-Results), take out what only we may say, and do
          what the domain in From asks for (DMARC).
STRATEGIES A policy is obeyed unless a sealer that an administrator trusts says that the message passed when it came
          there (ARC): lists and forwarders break what DMARC compares.
FAILURE   A name service that does not answer never refuses mail: the result is `temperror` and nothing follows.
SECURITY  Every Authentication-Results field that bears our name is cut, and every X-SmartMail field, for readers and
          filters believe them (RFC 8601 §5). Two From fields are refused: readers show one and checks judge the other.
STANDARDS RFC 8601, RFC 7208, RFC 6376, RFC 8617, RFC 9989.
"""

from contextlib import suppress
from typing import Protocol

from smartmail.domain.errors import MailError
from smartmail.domain.inspection import AuthResult, Reason
from smartmail.formats.authentication_results import MethodResult, write
from smartmail.formats.received import parse_route
from smartmail.ports.clock import Clock
from smartmail.ports.dns import Resolver
from smartmail.ports.store_authentication import AuthenticationStore
from smartmail.ports.store_settings import SettingStore
from smartmail.proto.mailauth.dmarc import Policy
from smartmail.service.flow.authentication.brands import BrandService
from smartmail.service.flow.authentication.counting import DmarcCounter
from smartmail.service.flow.authentication.forgeries import forgeries
from smartmail.service.flow.authentication.judging import MAX_AUTHORS, Judgement, Sender, author_domains, judge
from smartmail.service.flow.authentication.names import NameService
from smartmail.service.flow.authentication.settings import AuthenticationPolicy, AuthenticationSettings
from smartmail.service.kernel.inspection.specimen import Specimen
from smartmail.service.protection.route.relays import TrustedRelays
from smartmail.service.protection.route.trust import Relays, believed


class _Store(AuthenticationStore, SettingStore, Protocol): ...


class AuthenticationInspector:
    """First of the chain: all others judge by what it finds."""

    name = "authentication"

    def __init__(
        self, store: _Store, resolver: Resolver, clock: Clock, host: str, relays: TrustedRelays,
        brands: BrandService,
    ) -> None:  # fmt: skip
        self._brands = brands
        self._host = host.lower()
        self._relays = relays
        self._names = NameService(resolver, clock)
        self._settings = AuthenticationSettings(store, clock)
        self.counter = DmarcCounter(store, clock)

    async def examine(self, specimen: Specimen) -> None:
        """Judge a message and write down what was found."""
        findings = specimen.findings
        # First of all, so that a forgery goes even when the rest fails.
        findings.cuts += forgeries(specimen.header.block, self._host)
        if len(specimen.header.all("from")) > 1:
            findings.reasons.append(Reason("two-from", 0.0))
            findings.demand("reject", "the message has more than one From field (RFC 5322 3.6); send it with one")
        if len(author_domains(specimen)) > MAX_AUTHORS:
            findings.demand("reject", "From names authors of too many domains (RFC 9989 5.3.1); send it with one")
        host = await self._sender(specimen)
        judgement = await judge(specimen, host, self._names)
        results = judgement.results()
        findings.authentication += results
        findings.aligned = judgement.aligned
        findings.lines.insert(0, write(self._host, method_results(results)))
        override = _obey(specimen, judgement, await self._settings.policy())
        await self._brands.want(judgement.bimi, specimen.accounts)
        if not specimen.source.pulled:
            # Owners of domains ask who sent to us.
            self.counter.count(judgement, host.address, findings.act, override)

    async def _sender(self, specimen: Specimen) -> Sender:
        """Return who sent the message to us, or to the relays before us that are trusted to say from whom they had it."""
        source = specimen.source
        relays = Relays()
        with suppress(MailError):
            relays = await self._relays.relays()
        if not source.partner and source.address not in relays:
            return Sender(source.address, source.helo)
        hops = parse_route(specimen.header).hops
        count, address = believed(source.address, hops, relays, partner=source.partner)
        helo = next((hop.from_name for hop in hops[:count] if hop.address == address), source.helo)
        return Sender(address, helo)


def method_results(results: tuple[AuthResult, ...]) -> list[MethodResult]:
    """Return results as the format writes them."""
    return [MethodResult(one.method, one.result, one.reason, one.properties) for one in results]


def _obey(specimen: Specimen, judgement: Judgement, policy: AuthenticationPolicy) -> str:
    """Do what the owner of the domain in From asks for; return why it is not done, as reports say it (RFC 9990)."""
    verdict, findings = judgement.dmarc, specimen.findings
    if verdict.result != "fail":
        return ""
    if _vouched(judgement, policy.trusted_sealers):
        findings.reasons.append(Reason("arc-trusted", 0.0, (judgement.arc.sealers[-1],)))
        return "trusted_forwarder"
    wanted: Policy = verdict.applied
    if wanted != "none" and not policy.obeys:
        return "local_policy"
    if wanted != "none":
        _do(specimen, judgement, wanted, policy)
    return "policy_test_mode" if wanted != verdict.policy else ""


def _do(specimen: Specimen, judgement: Judgement, wanted: Policy, policy: AuthenticationPolicy) -> None:
    verdict, findings = judgement.dmarc, specimen.findings
    findings.reasons.append(Reason(f"dmarc-{wanted}", 0.0, (verdict.domain,)))
    if wanted == "reject":
        shown = verdict.domain if verdict.domain.isascii() and verdict.domain.isprintable() else "the domain in From"
        findings.demand(
            "reject",
            f"{shown} does not allow this mail: neither SPF nor DKIM proves that it comes from there, and its DMARC "
            "policy is reject. The administrator there can authorise the sending host",
        )
    else:
        findings.demand(policy.quarantine)


def _vouched(judgement: Judgement, trusted: frozenset[str]) -> bool:
    """Whether trusted sealers, and none but them since, say that From was proved when the message came to them."""
    arc = judgement.arc
    if arc.result != "pass":
        return False
    for number in range(arc.sets, 0, -1):
        if arc.sealers[number - 1] not in trusted:
            return False
        said = judgement.chain.results(number)
        for one in said.results if said else ():
            author = dict(one.properties).get("header.from", "").lower()
            if one.method == "dmarc" and one.result == "pass" and author == judgement.dmarc.domain:
                return True
    return False
