"""One message judged by all methods: SPF of the host, signatures, the chain of seals, and DMARC over them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from smartmail.domain.inspection import AuthResult
from smartmail.formats.address import flatten, parse, split_address
from smartmail.proto.mailauth import bimi, dmarc
from smartmail.proto.mailauth.arc import ArcVerdict, Chain
from smartmail.proto.mailauth.bimi import BimiVerdict
from smartmail.proto.mailauth.bodies import Bodies
from smartmail.proto.mailauth.dkim import Verdict, Verifier
from smartmail.proto.mailauth.dmarc import DmarcVerdict
from smartmail.proto.mailauth.domains import is_within, lookup_name
from smartmail.proto.mailauth.spf import SpfVerdict, check_host
from smartmail.service.flow.authentication.names import POLICY_SECONDS, NameService, Questioner
from smartmail.service.kernel.inspection.specimen import Specimen

SLICE_OCTETS = 1 << 18
INLINE_OCTETS = 1 << 16
"""A body up to here is hashed at once (about half a millisecond); more goes to a thread, slice by slice."""
MAX_AUTHORS = 4
"""Domains in From that are judged: mail has one."""
_WORST: dict[str, int] = {"none": 0, "quarantine": 1, "reject": 2}


@dataclass(frozen=True, slots=True)
class Judgement:
    """Everything that was found out. `dmarc` is of the domain in From that came off worst."""

    spf: SpfVerdict
    is_helo: bool
    dkim: tuple[Verdict, ...]
    arc: ArcVerdict
    dmarc: DmarcVerdict
    bimi: BimiVerdict
    chain: Chain
    aligned: bool
    sender: str

    def results(self) -> tuple[AuthResult, ...]:
        """Return the results in the order in which they are told (RFC 8601 §2.7, RFC 8617 §10, RFC 9989 §9)."""
        identity = ("smtp.helo", self.sender) if self.is_helo else ("smtp.mailfrom", self.sender)
        found = [AuthResult("spf", self.spf.result, _told(self.spf.result, self.spf.reason), (identity,))]
        found += [_dkim_result(one) for one in self.dkim] or [AuthResult("dkim", "none")]
        policy = (("policy.dmarc", self.dmarc.policy),) if self.dmarc.record else ()
        author = (("header.from", self.dmarc.domain),) if self.dmarc.domain else ()
        found.append(AuthResult("dmarc", self.dmarc.result, self.dmarc.reason, (*author, *policy)))
        found.append(AuthResult("arc", self.arc.result, self.arc.reason))
        if self.bimi.domain:
            found.append(_bimi_result(self.bimi))
        return tuple(found)


def _bimi_result(one: BimiVerdict) -> AuthResult:
    shown = (("header.d", one.domain), ("header.selector", bimi.DEFAULT_SELECTOR))
    places = (("policy.indicator-uri", one.location), ("policy.authority-uri", one.authority))
    return AuthResult("bimi", one.result, one.reason, (*shown, *(place for place in places if place[1])))


def _told(result: str, reason: str) -> str:
    return "" if result == "pass" else reason


def _dkim_result(one: Verdict) -> AuthResult:
    if not one.domain:
        return AuthResult("dkim", one.result, one.reason)
    # RFC 6008: the beginning of b= tells signatures of one domain apart.
    properties = (
        ("header.d", one.domain), ("header.s", one.selector), ("header.a", one.algorithm), ("header.b", one.signature[:8]),
    )  # fmt: skip
    reason = one.reason or ("" if one.covers_all else "a part of the body is not signed")
    return AuthResult("dkim", one.result, reason, properties)


def author_domains(specimen: Specimen) -> list[str]:
    """Return the domains in From, each once, in look-up form."""
    boxes = [box for value in specimen.header.all("from") for box in flatten(parse(value, limit=50))]
    domains = [lookup_name(split_address(box.address)[1]) for box in boxes]
    return list(dict.fromkeys(domain for domain in domains if domain))


@dataclass(frozen=True, slots=True)
class Sender:
    """The host whose right to send is asked: the peer, or the one before relays that an administrator trusts."""

    address: str
    helo: str


class _KeysAtOnce:
    """Asks for the keys of all signatures when the first is asked for: the slow name service of one signer, which a
    forger may run, takes no time from the others.
    """

    def __init__(self, names: Sequence[str], questioner: Questioner) -> None:
        self._names = names
        self._questioner = questioner
        self._asked: dict[str, asyncio.Task[Sequence[str]]] = {}

    async def texts(self, name: str) -> Sequence[str]:
        """Return TXT records, as proto.mailauth.asking.Lookup says."""
        if not self._asked:
            loop = asyncio.get_running_loop()
            self._asked = {one: loop.create_task(self._questioner.texts(one)) for one in {*self._names, name}}
        return await (self._asked[name] if name in self._asked else self._questioner.texts(name))

    def close(self) -> None:
        """End what nobody waits for."""
        for task in self._asked.values():
            task.add_done_callback(_seen)
            task.cancel()


def _seen(task: asyncio.Task[Sequence[str]]) -> None:
    """What failed after nobody needed it any more is nothing to tell."""
    if not task.cancelled():
        task.exception()


async def judge(specimen: Specimen, sender_host: Sender, names: NameService) -> Judgement:
    """Judge a message. Raises only what reading it raises.

    Each method has questions and time of its own: who fills one with names that lead nowhere, or to name servers that
    never answer, must not thereby keep the policy of the domain in From from being asked for.
    """
    header = specimen.header.block
    bodies = Bodies()
    verifier, chain = Verifier(header, bodies), Chain(header, bodies)
    sender = specimen.reverse_path
    # RFC 7208 §2.4: the null reverse-path stands for postmaster of the HELO name.
    is_helo = not sender
    address, helo = sender_host.address, sender_host.helo
    domain = helo if is_helo else split_address(sender)[1]
    now = specimen.received_at // 1000
    checking = asyncio.ensure_future(
        check_host(address, domain, sender, helo, Questioner(names).ask, by=specimen.source.by, now=now)
    )
    keys = _KeysAtOnce(verifier.queries, Questioner(names))
    try:
        if bodies.wanted:
            await _hash(specimen, bodies)
        dkim, arc = await asyncio.gather(verifier.finish(keys.texts, now), chain.judge(Questioner(names).texts))
        spf = await checking
    finally:
        checking.cancel()
        keys.close()
    questioner = Questioner(names, seconds=POLICY_SECONDS)
    verdict = await _dmarc(author_domains(specimen), spf, dkim, questioner)
    shown = await bimi.look_up(verdict, questioner.ask)
    return Judgement(spf, is_helo, dkim, arc, verdict, shown, chain, _is_aligned(verdict, spf, dkim), sender or helo)


async def _hash(specimen: Specimen, bodies: Bodies) -> None:
    start = specimen.entity.body_start
    inline = specimen.size - start <= INLINE_OCTETS
    for at in range(start, specimen.size, SLICE_OCTETS):
        octets = await specimen.read(at, min(SLICE_OCTETS, specimen.size - at))
        if inline:
            bodies.update(octets)
        else:
            await asyncio.to_thread(bodies.update, octets)


async def _dmarc(
    authors: Sequence[str], spf: SpfVerdict, dkim: Sequence[Verdict], questioner: Questioner
) -> DmarcVerdict:
    """RFC 9989 §5.3.1: with several domains in From the strictest outcome counts."""
    if not authors:
        return DmarcVerdict("permerror", "", reason="From has no domain")
    # A key that says t=y proves its domain no less: RFC 6376 §3.6.1 asks only that a failure does no harm.
    passed = [one.domain for one in dkim if one.result == "pass"]
    proved = spf.domain if spf.result == "pass" else ""
    # Side by side, so that no domain waits for the name service of another.
    judged = [dmarc.judge(one, proved, passed, questioner.ask) for one in authors[:MAX_AUTHORS]]
    found = await asyncio.gather(*judged)
    failed = [one for one in found if one.result != "pass"]
    worst = max(failed or found, key=lambda one: (_WORST[one.applied], one.result == "fail"))
    return _excused(worst, spf, dkim)


def _excused(verdict: DmarcVerdict, spf: SpfVerdict, dkim: Sequence[Verdict]) -> DmarcVerdict:
    """A fail counts as unknown where what would have proved the domain could not be looked up."""
    if verdict.result != "fail":
        return verdict
    waiting = [one.domain for one in dkim if one.result == "temperror"]
    waiting += [spf.domain] if spf.result == "temperror" else []
    organizational = verdict.organizational or verdict.domain
    if any(one == verdict.domain or is_within(one, organizational) for one in waiting):
        return DmarcVerdict(
            "temperror", verdict.domain, verdict.record, organizational, verdict.policy, "none",
            reason="the name service did not answer",
        )  # fmt: skip
    return verdict


def _is_aligned(verdict: DmarcVerdict, spf: SpfVerdict, dkim: Sequence[Verdict]) -> bool:
    """Whether From is proved: DMARC says so, or, where its owner publishes nothing, the very domain signed or sent it."""
    if verdict.result == "pass":
        return True
    if verdict.result != "none":
        return False
    proved = {one.domain for one in dkim if one.result == "pass" and one.covers_all}
    return verdict.domain in proved or (spf.result == "pass" and spf.domain == verdict.domain)
