"""DMARC: whether the domain that readers see in From is the one that was authenticated.

NAME
    dmarc — Domain-based Message Authentication, Reporting and Conformance.
PURPOSE
    Find the policy of a domain by the DNS tree walk, compare the domains that SPF and DKIM proved with it, and say
    what its owner wants done.
STRATEGIES
    One walk for each domain that must be compared; none for a domain that is equal to the one in From. Records of
    RFC 7489 are read: pct, rf and ri are gone and pass over, but pct=0 says what t=y says now (RFC 9989 appendix A.6).
LIMITS
    Eight questions a walk (§4.10); a record of 4 KiB; ten DKIM domains.
FAILURE
    A question without an answer is `temperror`, which nobody obeys. Never raises.
STANDARDS
    RFC 9989 (obsoletes RFC 7489, RFC 9091); RFC 8616.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, cast

from smartmail.proto.mailauth.asking import Ask, RecordKind, TemporaryLookupError
from smartmail.proto.mailauth.domains import is_well_formed, lookup_name

Policy = Literal["none", "quarantine", "reject"]
DmarcResult = Literal["none", "pass", "fail", "temperror", "permerror"]

POLICIES: Final = ("none", "quarantine", "reject")
MAX_RECORD: Final = 4096
MAX_URIS: Final = 10
MAX_QUESTIONS: Final = 8
MAX_COMPARED: Final = 10


@dataclass(frozen=True, slots=True)
class DmarcRecord:
    """A record, read (RFC 9989 §4.7). `domain` is where it was found."""

    domain: str
    policy: Policy
    subdomain_policy: Policy | None = None
    nonexistent_policy: Policy | None = None
    strict_dkim: bool = False
    strict_spf: bool = False
    psd: Literal["y", "n", "u"] = "u"
    testing: bool = False
    aggregate: tuple[str, ...] = ()
    failure: tuple[str, ...] = ()
    options: str = "0"


@dataclass(frozen=True, slots=True)
class DmarcVerdict:
    """What was found out. `policy` is what the owner asks for in this case, `applied` after t=y is honoured."""

    result: DmarcResult
    domain: str
    record: DmarcRecord | None = None
    organizational: str = ""
    policy: Policy = "none"
    applied: Policy = "none"
    dkim_aligned: bool = False
    spf_aligned: bool = False
    reason: str = ""


# --- records -----------------------------------------------------------------------------------------------------


def parse_dmarc(text: str, domain: str) -> DmarcRecord | None:
    """Return a record, None for text that is none or that nobody may act upon (RFC 9989 §4.7, §4.8, §4.10.1)."""
    tags = _tags(text)
    if tags is None:
        return None
    aggregate = _uris(tags.get("rua", ""))
    policy, broken = _policy(tags, "p"), False
    wanted = {name: _policy(tags, name) for name in ("sp", "np")}
    for name, value in (("p", policy), *wanted.items()):
        broken = broken or (name in tags and value is None)
    if broken and not aggregate:
        return None
    if broken:
        # RFC 9989 §4.10.1: as if p=none stood there, for the reports that its owner asks for.
        policy, wanted = "none", {"sp": None, "np": None}
    psd = tags.get("psd", "u").lower()
    return DmarcRecord(
        domain, policy or "none", wanted["sp"], wanted["np"],
        strict_dkim=tags.get("adkim", "r").lower() == "s", strict_spf=tags.get("aspf", "r").lower() == "s",
        psd=cast("Literal['y', 'n', 'u']", psd if psd in {"y", "n"} else "u"),
        testing=tags.get("t", "").lower() == "y" or tags.get("pct", "") == "0",
        aggregate=aggregate, failure=_uris(tags.get("ruf", "")), options=tags.get("fo", "0"),
    )  # fmt: skip


def _tags(text: str) -> dict[str, str] | None:
    """RFC 9989 §4.8: `v=DMARC1` first, exactly; of other tags what cannot be read is passed over."""
    if len(text) > MAX_RECORD:
        return None
    parts = [part.partition("=") for part in text.split(";")]
    if parts[0][0].strip() != "v" or parts[0][2].strip() != "DMARC1":
        return None
    tags: dict[str, str] = {}
    for name, equals, value in parts[1:]:
        if equals:
            tags.setdefault(name.strip().lower(), value.strip())
    return tags


def _policy(tags: Mapping[str, str], name: str) -> Policy | None:
    value = tags.get(name, "").lower()
    return cast("Policy", value) if value in POLICIES else None


def _uris(value: str) -> tuple[str, ...]:
    """RFC 9989 §4.6; a size after `!` (RFC 7489 §6.4) is passed over."""
    found = [uri.strip().partition("!")[0] for uri in value.split(",")]
    return tuple(uri for uri in found if ":" in uri and not uri.startswith(":"))[:MAX_URIS]


# --- the tree walk -----------------------------------------------------------------------------------------------


class _Walks:
    """Walks of one judgement; a name is asked for once."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._records: dict[str, DmarcRecord | None] = {}

    async def record(self, domain: str) -> DmarcRecord | None:
        """Return the one record of a name (RFC 9989 §4.10): of several none counts."""
        if domain not in self._records:
            name = "_dmarc." + domain
            texts = await self._ask(name, "TXT") if is_well_formed(name) else []
            found = [one for text in texts if (one := parse_dmarc(text, domain)) is not None]
            self._records[domain] = found[0] if len(found) == 1 else None
        return self._records[domain]

    async def walk(self, domain: str) -> list[DmarcRecord]:
        """Return the records on the way up, the longest name first."""
        found: list[DmarcRecord] = []
        for name in steps(domain):
            record = await self.record(name)
            if record is not None:
                found.append(record)
                if record.psd != "u":
                    break
        return found

    async def organizational(self, domain: str) -> str:
        """RFC 9989 §4.10.2."""
        return organizational_of(domain, await self.walk(domain))


def steps(domain: str) -> list[str]:
    """Return the names that a walk asks for: at most eight, deep names are shortened to seven labels at once."""
    labels = domain.split(".")
    names = [domain]
    rest = labels[-(MAX_QUESTIONS - 1) :] if len(labels) >= MAX_QUESTIONS else labels[1:]
    while rest:
        names.append(".".join(rest))
        rest = rest[1:]
    return names


def organizational_of(domain: str, found: Sequence[DmarcRecord]) -> str:
    """Choose the organisational domain from the records of a walk (RFC 9989 §4.10.2)."""
    for record in found:
        if record.psd == "n":
            return record.domain
        if record.psd == "y" and record.domain != domain:
            below = domain.removesuffix("." + record.domain)
            return f"{below.rpartition('.')[2]}.{record.domain}"
    return found[-1].domain if found else domain


async def organizational_domain(domain: str, ask: Ask) -> str:
    """Return the organisational domain of a name. Raises TemporaryLookupError."""
    return await _Walks(ask).organizational(lookup_name(domain))


# --- judging -----------------------------------------------------------------------------------------------------


async def judge(from_domain: str, spf_domain: str, dkim_domains: Sequence[str], ask: Ask) -> DmarcVerdict:
    """Return whether From's domain is proved. `spf_domain` and `dkim_domains` are what passed, "" and () for nothing."""
    domain = lookup_name(from_domain)
    if not is_well_formed(domain):
        return DmarcVerdict("permerror", domain, reason="From has no domain")
    passed = [lookup_name(one) for one in dkim_domains[:MAX_COMPARED]]
    try:
        return await _judge(domain, lookup_name(spf_domain), passed, _Walks(ask), ask)
    except TemporaryLookupError:
        return DmarcVerdict("temperror", domain, reason="the name service did not answer")


async def _judge(domain: str, spf: str, dkim: Sequence[str], walks: _Walks, ask: Ask) -> DmarcVerdict:
    found = await walks.walk(domain)
    organizational = organizational_of(domain, found)
    record = _applicable(domain, organizational, found)
    if record is None:
        return DmarcVerdict("none", domain, None, organizational, reason="no policy")
    spf_aligned = await _aligned(domain, organizational, [spf] if spf else [], strict=record.strict_spf, walks=walks)
    dkim_aligned = await _aligned(domain, organizational, dkim, strict=record.strict_dkim, walks=walks)
    verdict = DmarcVerdict(
        "pass" if spf_aligned or dkim_aligned else "fail", domain, record, organizational,
        dkim_aligned=dkim_aligned, spf_aligned=spf_aligned,
    )  # fmt: skip
    policy = await _wanted(domain, record, ask)
    return replace(verdict, policy=policy, applied=_weakened(policy) if record.testing else policy)


def _applicable(domain: str, organizational: str, found: Sequence[DmarcRecord]) -> DmarcRecord | None:
    """RFC 9989 §4.10.1: the domain's own record, else the organisational domain's, else the public suffix's."""
    by_domain = {one.domain: one for one in found}
    suffix = next((one for one in found if one.psd == "y"), None)
    return by_domain.get(domain) or by_domain.get(organizational) or suffix


async def _aligned(domain: str, organizational: str, proved: Sequence[str], *, strict: bool, walks: _Walks) -> bool:
    """RFC 9989 §4.4."""
    if domain in proved:
        return True
    if strict:
        return False
    for one in proved:
        if is_well_formed(one) and await walks.organizational(one) == organizational:
            return True
    return False


async def _wanted(domain: str, record: DmarcRecord, ask: Ask) -> Policy:
    """RFC 9989 §4.7: p for the domain itself, sp below it, np where the name does not exist."""
    if record.domain == domain:
        return record.policy
    below = record.subdomain_policy or record.policy
    if record.nonexistent_policy is None or record.nonexistent_policy == below:
        return below
    kinds: tuple[RecordKind, ...] = ("A", "AAAA", "MX")
    for kind in kinds:
        if await ask(domain, kind):
            return below
    return record.nonexistent_policy


def _weakened(policy: Policy) -> Policy:
    """RFC 9989 §4.7 t=y: the next weaker policy."""
    return "quarantine" if policy == "reject" else "none"
