"""SPF: whether a host may send for a domain.

NAME
    spf — Sender Policy Framework: `check_host`.
PURPOSE
    Evaluate a domain's record for one client, and say which directive matched and why. It asks nobody itself: the
    name service is a callable.
STRATEGIES
    Records are read whole before they are judged (§4.6). Names for %{p} and ptr are looked up once, and only when
    they are needed.
LIMITS
    Ten terms that ask the name service, two empty answers, ten exchangers of one name, ten names of one address
    (§4.6.4); one more is permerror, ten more names are passed over.
FAILURE
    Never raises: an unanswered question is `temperror`, a broken record `permerror`.
SECURITY
    What exp= names is text of strangers: it is kept to printable ASCII of one line, and only for a `fail`.
STANDARDS
    RFC 7208; RFC 8616 (internationalised names are asked for as A-labels).
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from smartmail.proto.mailauth.asking import Ask, TemporaryLookupError
from smartmail.proto.mailauth.domains import is_well_formed, is_within, lookup_name
from smartmail.proto.mailauth.spf_macros import DomainSpec, MacroError, expand, expand_domain, parse_macro_string
from smartmail.proto.mailauth.spf_record import Directive, RecordError, SpfRecord, is_spf, parse_spf

SpfResult = Literal["none", "neutral", "pass", "fail", "softfail", "temperror", "permerror"]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

MAX_LOOKUPS: Final = 10
MAX_VOIDS: Final = 2
MAX_HOSTS: Final = 10
MAX_EXPLANATION: Final = 500


@dataclass(frozen=True, slots=True)
class SpfVerdict:
    """The result; `reason` says what decided, in few words; `explanation` is the domain's own text for a fail."""

    result: SpfResult
    domain: str
    reason: str = ""
    explanation: str = ""


@dataclass(frozen=True, slots=True)
class Client:
    """Who wants to send. `sender` is the reverse-path or `postmaster@` and the HELO name; `by` is our name."""

    address: Address
    sender: str
    helo: str
    by: str = "unknown"
    now: int = 0


class _Stop(Exception):
    """The evaluation ends with a result of its own."""

    def __init__(self, result: SpfResult, reason: str) -> None:
        super().__init__(reason)
        self.result: SpfResult = result
        self.reason = reason


@dataclass(slots=True)
class _Budget:
    lookups: int = 0
    voids: int = 0
    names: list[str] | None = None

    def spend(self) -> None:
        """RFC 7208 §4.6.4: count a term that asks the name service."""
        self.lookups += 1
        if self.lookups > MAX_LOOKUPS:
            raise _Stop("permerror", "more than 10 terms ask the name service")

    def count_void(self, answer: Sequence[str]) -> None:
        """RFC 7208 §4.6.4: count an answer without records."""
        if not answer:
            self.voids += 1
            if self.voids > MAX_VOIDS:
                raise _Stop("permerror", "more than 2 empty answers")


async def check_host(
    address: str, domain: str, sender: str, helo: str, ask: Ask, *, by: str = "unknown", now: int = 0
) -> SpfVerdict:
    """Return whether `address` may send for `domain` (RFC 7208 §4). `sender` is the reverse-path, "" for none."""
    name = lookup_name(domain)
    try:
        client_address = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return SpfVerdict("none", name, "no address")
    if isinstance(client_address, ipaddress.IPv6Address) and client_address.ipv4_mapped:
        client_address = client_address.ipv4_mapped
    if not sender:
        sender = f"postmaster@{domain}"
    elif "@" not in sender or sender.startswith("@"):
        sender = "postmaster@" + sender.rpartition("@")[2]
    client = Client(client_address, sender, helo, by, now)
    evaluation = _Evaluation(client, ask, _Budget())
    try:
        return await evaluation.check(name)
    except _Stop as stop:
        return SpfVerdict(stop.result, name, stop.reason)
    except TemporaryLookupError:
        return SpfVerdict("temperror", name, "the name service did not answer")


@dataclass(slots=True)
class _Evaluation:
    client: Client
    ask: Ask
    budget: _Budget
    depth: int = 0
    domain: str = field(default="")

    async def check(self, domain: str) -> SpfVerdict:
        """RFC 7208 §4.3–4.7."""
        self.domain = domain
        if not is_well_formed(domain) or "." not in domain:
            return SpfVerdict("none", domain, "not a domain")
        record = await self._record(domain)
        if record is None:
            return SpfVerdict("none", domain, "no record")
        for directive in record.directives:
            if await self._matches(directive):
                why = directive.text
                told = await self._explained(record) if directive.result == "fail" and not self.depth else ""
                return SpfVerdict(directive.result, domain, why, told)
        has_all = any(one.mechanism == "all" for one in record.directives)
        if record.redirect is not None and not has_all:
            return await self._redirected(record.redirect)
        return SpfVerdict("neutral", domain, "nothing matched")

    async def _record(self, domain: str) -> SpfRecord | None:
        """RFC 7208 §4.4–4.6."""
        found = [text for text in await self.ask(domain, "TXT") if is_spf(text)]
        if not found:
            return None
        if len(found) > 1:
            raise _Stop("permerror", f"{domain} has several records")
        try:
            return parse_spf(found[0])
        except RecordError as error:
            raise _Stop("permerror", f"record of {domain}: {error}") from None

    async def _redirected(self, spec: DomainSpec) -> SpfVerdict:
        """RFC 7208 §6.1."""
        self.budget.spend()
        target = await self._name(spec)
        verdict = await _Evaluation(self.client, self.ask, self.budget, self.depth).check(target)
        if verdict.result == "none":
            raise _Stop("permerror", "redirect= leads to no record")
        return verdict

    async def _matches(self, one: Directive) -> bool:
        if one.mechanism == "all":
            return True
        if one.network is not None:
            return self.client.address in one.network
        self.budget.spend()
        if one.mechanism == "include":
            return await self._included(one)
        target = self.domain if one.domain is None else await self._name(one.domain)
        if not is_well_formed(target):
            # RFC 7208 §4.8: what is no name has no records.
            return False
        if one.mechanism == "exists":
            answer = await self.ask(target, "A")
            self.budget.count_void(answer)
            return bool(answer)
        if one.mechanism == "a":
            return await self._is_host(target, one, first=True)
        if one.mechanism == "mx":
            return await self._is_exchanger(target, one)
        return any(is_within(name, target) for name in await self._names())

    async def _included(self, one: Directive) -> bool:
        """RFC 7208 §5.2."""
        assert one.domain is not None
        target = await self._name(one.domain)
        verdict = await _Evaluation(self.client, self.ask, self.budget, self.depth + 1).check(target)
        if verdict.result == "none":
            raise _Stop("permerror", f"include of {target[:80]} leads to no record")
        return verdict.result == "pass"

    async def _is_host(self, host: str, one: Directive, *, first: bool) -> bool:
        """RFC 7208 §5.3: compare the prefix with the addresses of the client's family."""
        four = self.client.address.version == 4
        answer = await self.ask(host, "A" if four else "AAAA")
        if first:
            self.budget.count_void(answer)
        shift = 32 - one.bits4 if four else 128 - one.bits6
        mine = int(self.client.address) >> shift
        for text in answer:
            try:
                address = ipaddress.ip_address(text)
            except ValueError:
                continue
            if address.version == self.client.address.version and int(address) >> shift == mine:
                return True
        return False

    async def _is_exchanger(self, target: str, one: Directive) -> bool:
        """RFC 7208 §5.4."""
        hosts = await self.ask(target, "MX")
        self.budget.count_void(hosts)
        if len(hosts) > MAX_HOSTS:
            raise _Stop("permerror", f"{target} has more than 10 exchangers")
        for host in hosts:
            if is_well_formed(host) and await self._is_host(host, one, first=False):
                return True
        return False

    async def _names(self) -> list[str]:
        """Return the names of the client that lead back to it (RFC 7208 §5.5); errors make a name not count."""
        if self.budget.names is not None:
            return self.budget.names
        found: list[str] = []
        try:
            claimed = await self.ask(str(self.client.address), "PTR")
        except TemporaryLookupError:
            claimed = []
        kind: Literal["A", "AAAA"] = "A" if self.client.address.version == 4 else "AAAA"
        for name in claimed[:MAX_HOSTS]:
            try:
                answer = await self.ask(name, kind) if is_well_formed(name) else []
            except TemporaryLookupError:
                continue
            if any(_same(text, self.client.address) for text in answer):
                found.append(name.lower().rstrip("."))
        self.budget.names = found
        return found

    async def _name(self, spec: DomainSpec) -> str:
        return lookup_name(await expand_domain(spec, self._value))

    async def _explained(self, record: SpfRecord) -> str:
        """RFC 7208 §6.2: errors of any kind mean no explanation."""
        if record.explanation is None:
            return ""
        try:
            target = await self._name(record.explanation)
            texts = await self.ask(target, "TXT") if is_well_formed(target) else []
            if len(texts) != 1 or not texts[0].isascii():
                return ""
            told = await expand(parse_macro_string(texts[0], explaining=True), self._value)
        except (TemporaryLookupError, MacroError):
            return ""
        return told[:MAX_EXPLANATION] if told.isprintable() else ""

    async def _value(self, letter: str) -> str:
        """RFC 7208 §7.2."""
        client = self.client
        local, _at, sender_domain = client.sender.rpartition("@")
        if letter == "p":
            return self._best(await self._names())
        values = {
            "s": client.sender, "l": local, "o": sender_domain, "d": self.domain, "h": client.helo,
            "i": _dotted(client.address), "v": "in-addr" if client.address.version == 4 else "ip6",
            "c": str(client.address), "r": client.by, "t": str(client.now),
        }  # fmt: skip
        return values[letter]

    def _best(self, names: list[str]) -> str:
        """RFC 7208 §7.3: the domain itself, else a name below it, else any."""
        if self.domain in names:
            return self.domain
        below = [name for name in names if is_within(name, self.domain)]
        return [*below, *names, "unknown"][0]


def _dotted(address: Address) -> str:
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return ".".join(address.exploded.replace(":", "").upper())


def _same(text: str, address: Address) -> bool:
    try:
        return ipaddress.ip_address(text) == address
    except ValueError:
        return False
