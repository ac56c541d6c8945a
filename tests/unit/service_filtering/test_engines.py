"""Engines in the chain: what each answer does to a message, in series and out of order, and how old signatures are."""

import asyncio

import msgspec
import pytest
from tests.contract.fake_engines import EICAR, FakeClamd, FakeIcap, FakeRspamd, running
from tests.unit.service_filtering.specimens import NOW, Clock, Memory, letter, specimen

from smartmail.adapters.scan import open_scanner
from smartmail.domain.inspection import Inspection, Reason
from smartmail.service.protection.filtering import engines as module
from smartmail.service.protection.filtering.engines import EngineInspector, Engines
from smartmail.service.protection.filtering.explaining import explain, lines
from smartmail.service.protection.filtering.settings import EngineSettings, ScanConfiguration, ScanSettings
from smartmail.service.protection.filtering.verdict import Thresholds, judge

DAY = 86_400_000


class Bench:
    def __init__(self, *engines: EngineSettings, factory=open_scanner) -> None:
        self.memory, self.clock = Memory(), Clock()
        self.memory.settings["filter", "scan"] = msgspec.json.encode(ScanSettings(engines=engines)).decode()
        self.engines = Engines(ScanConfiguration(self.memory, self.clock), factory, self.memory, self.clock)
        self.inspector = EngineInspector(self.engines, self.clock)

    async def judge(self, octets: bytes = b"", **more):
        one = specimen(octets or letter(), **more)
        await self.inspector.examine(one)
        if self.inspector._looking is not None:
            await self.inspector._looking
        return one.findings


def icap(engine: FakeIcap, name: str = "v3", **more) -> EngineSettings:
    return EngineSettings(name, "icap", f"icap://127.0.0.1:{engine.port}/respmod", **{"seconds": 0.4, **more})


INFECTED = letter("x") + EICAR


@pytest.mark.parametrize(
    ("mood", "act", "virus"),
    [("clean", "deliver", ""), ("infected", "quarantine", "Eicar-Test"), ("stall", "quarantine", ""), ("garbage", "quarantine", ""),
     ("tag", "quarantine", "")],
)  # fmt: skip
async def test_answers_of_an_icap_engine(mood, act, virus):
    """BR-32: clean, infected, stall, garbage, wrong ISTag → deliver, block, hold, hold, hold."""
    engine = FakeIcap()
    engine.mood = mood
    async with running(engine):
        findings = await Bench(icap(engine)).judge()
    assert (findings.act, findings.virus) == (act, virus)
    assert findings.nature == ("malware" if virus else "clean")
    if act == "quarantine" and not virus:
        assert [one.rule for one in findings.reasons] == ["engine-failed"]


async def test_an_engine_that_may_fail_lets_mail_pass_and_it_is_told():
    engine = FakeIcap()
    engine.mood = "stall"
    async with running(engine):
        findings = await Bench(icap(engine, on_failure="pass", seconds=0.1)).judge()
    assert findings.act == "deliver"
    assert [one.facts for one in findings.reasons] == [("v3",)]


@pytest.mark.parametrize(("octets", "infected"), [(letter(), False), (INFECTED, True)])
async def test_two_engines_in_series(octets, infected):
    first, second = FakeIcap(), FakeClamd()
    async with running(first), running(second):
        bench = Bench(icap(first), EngineSettings("clam", "clamd", f"127.0.0.1:{second.port}"))
        first.mood = "clean"
        findings = await bench.judge(octets)
    assert first.seen == [octets]
    assert second.seen == ([] if infected else [octets]), "the first virus ends it"
    assert findings.act == ("quarantine" if infected else "deliver")


async def test_the_second_engine_finds_what_the_first_could_not_scan():
    first, second = FakeIcap(), FakeClamd()
    first.mood = "garbage"
    async with running(first), running(second):
        bench = Bench(icap(first, on_failure="pass"), EngineSettings("clam", "clamd", f"127.0.0.1:{second.port}"))
        findings = await bench.judge(INFECTED)
    assert (findings.act, findings.virus) == ("quarantine", "Eicar-Test")


async def test_many_stalls_end_before_the_chain_gives_up(monkeypatch):
    """Else the chain would pass the step over, and the mail would go on unscanned."""
    from smartmail.service.kernel.inspection import service as chain

    assert module.SECONDS < chain.SECONDS
    monkeypatch.setattr(module, "SECONDS", 0.5)
    engine = FakeIcap()
    engine.mood = "stall"
    async with running(engine):
        bench = Bench(*(icap(engine, str(number), seconds=20) for number in range(5)))
        findings = await asyncio.wait_for(bench.judge(), 60)
    assert findings.act == "quarantine"


class Faulty:
    async def scan(self, size, octets, envelope):
        raise KeyError("a fault of ours")

    async def info(self):
        raise KeyError


async def test_a_fault_of_ours_holds_as_well():
    bench = Bench(EngineSettings("x", "clamd", "y"), factory=lambda settings: Faulty())
    assert (await bench.judge()).act == "quarantine"


async def test_settings_that_cannot_be_read_hold_mail():
    bench = Bench()
    bench.memory.settings["filter", "scan"] = "{nonsense"
    assert (await bench.judge()).act == "quarantine"


async def test_what_is_too_large_for_an_engine_counts_as_not_scanned():
    engine = FakeIcap()
    async with running(engine):
        assert (await Bench(icap(engine, max_octets=10)).judge()).act == "quarantine"
        assert engine.seen == []


async def test_a_large_message_is_read_in_pieces():
    engine = FakeIcap()
    octets = letter("가나다라\r\n" * 60_000)
    async with running(engine):
        assert (await Bench(icap(engine, seconds=5)).judge(octets, held=1_000)).act == "deliver"
    assert engine.seen == [octets]


async def test_rspamd_is_one_reason_among_others():
    engine = FakeRspamd()
    engine.answer = {"score": 40.0, "action": "reject", "symbols": {"BAD": {"score": 40.0}}}
    async with running(engine):
        findings = await Bench(EngineSettings("rspamd", "rspamd", f"127.0.0.1:{engine.port}", "pass")).judge()
        assert findings.reasons == [Reason("engine-score", 15.0, ("rspamd", "40", "BAD"))]
        assert findings.act == "deliver", "the verdict judges, not the engine"
        engine.answer = {"score": -1.5, "symbols": {}}
        findings = await Bench(EngineSettings("rspamd", "rspamd", f"127.0.0.1:{engine.port}", "pass")).judge()
    assert findings.reasons[0].weight == -1.5


async def test_without_engines_nothing_happens():
    assert (await Bench().judge(INFECTED)).act == "deliver"


async def test_malware_never_goes_to_junk_whatever_the_score():
    engine = FakeIcap()
    async with running(engine):
        findings = await Bench(icap(engine)).judge(INFECTED)
    findings.reasons += [Reason("date-missing", 7.0)]
    judge(findings, Thresholds())
    assert (findings.act, findings.nature) == ("quarantine", "malware")


async def test_old_signatures_are_an_alarm():
    engine = FakeClamd()
    async with running(engine):
        bench = Bench(EngineSettings("clam", "clamd", f"127.0.0.1:{engine.port}"))
        made = 1_789_893_000_000
        for age, stale in ((1 * DAY, False), (3 * DAY - 1, False), (3 * DAY + 1, True)):
            bench.clock.time = made + age
            [status] = await bench.engines.status()
            assert (status.signatures_at, status.stale) == (made, stale)
    [status] = await bench.engines.status()
    assert (status.info, status.stale) == (None, False)
    assert status.problem


async def test_signatures_without_a_date_are_as_old_as_their_tag():
    engine = FakeIcap()
    engine.tag = '"abc"'
    async with running(engine):
        bench = Bench(icap(engine))
        assert not (await bench.engines.status())[0].stale
        bench.clock.time = NOW + 4 * DAY
        assert (await bench.engines.status())[0].stale
        engine.tag = '"abd"'
        assert not (await bench.engines.status())[0].stale


# What a reader is told


def test_a_verdict_in_words():
    from smartmail.app import catalogues

    catalogues.load()
    inspection = Inspection(
        reasons=(
            Reason("date-missing", 0.8), Reason("domain-lookalike", 5.0, ("lnnotab.com", "innotab.com")), Reason("proved", -0.5, ("x",)),
            Reason("virus", 0.0, ("Eicar", "v3")),
        )
    )  # fmt: skip
    assert [(one.rule, one.weight) for one in explain(inspection, "ko", 2)] == [
        ("domain-lookalike", 5.0),
        ("date-missing", 0.8),
    ]
    assert lines(inspection, "ko")[0] == "+5.0  보낸 도메인 lnnotab.com 이름은 innotab.com 도메인을 흉내 낸 가짜입니다."
    assert lines(inspection, "en")[2] == "-0.5  It is proved that x sent this (DMARC pass)."
