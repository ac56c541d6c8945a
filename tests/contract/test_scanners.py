"""Contract of engines (ports/scan.py): clamd, ICAP and rspamd, against engines that behave and that do not."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.contract.fake_engines import EICAR, FakeClamd, FakeIcap, FakeRspamd, running

from smartmail.adapters.scan import open_scanner
from smartmail.adapters.scan.clamd import Clamd
from smartmail.adapters.scan.connecting import host_and_port
from smartmail.adapters.scan.icap import Icap
from smartmail.adapters.scan.rspamd import Rspamd
from smartmail.ports.scan import EngineSettings, ScanEnvelope, ScanFailed

MESSAGE = b"Subject: x\r\n\r\n" + b"body\r\n" * 40_000
ENVELOPE = ScanEnvelope("a@x.example", ("b@y.example",), "192.0.43.8", "mail.x.example")


def pieces(octets: bytes):
    async def give() -> AsyncIterator[bytes]:
        for start in range(0, len(octets), 100_000):
            yield octets[start : start + 100_000]

    return give


async def scan(scanner, octets: bytes = MESSAGE):
    return await asyncio.wait_for(scanner.scan(len(octets), pieces(octets), ENVELOPE), 60)


async def test_clamd_over_both_kinds_of_sockets(tmp_path):
    engine = FakeClamd()
    async with running(engine), running(engine, str(tmp_path / "clamd")):
        for address in (f"127.0.0.1:{engine.port}", str(tmp_path / "clamd")):
            scanner = open_scanner(EngineSettings("av", "clamd", address))
            assert not (await scan(scanner)).infected
            assert engine.seen[-1] == MESSAGE
            assert (await scan(scanner, MESSAGE + EICAR)).virus == "Eicar-Test"
            info = await scanner.info()
            assert info.signatures_at == datetime(2026, 9, 20, 8, 30, tzinfo=UTC).timestamp() * 1000
            assert info.tag == "27600"


@pytest.mark.parametrize("mood", ["garbage", "error", "hangs-up"])
async def test_clamd_that_gives_no_verdict(mood):
    engine = FakeClamd()
    engine.mood = mood
    async with running(engine):
        with pytest.raises(ScanFailed):
            await scan(Clamd(f"127.0.0.1:{engine.port}"))


@pytest.mark.parametrize(
    ("mood", "virus"), [("clean", ""), ("copies", ""), ("infected", "Eicar-Test"), ("blocks", "unnamed")]
)
async def test_icap_verdicts(mood, virus):
    engine = FakeIcap()
    engine.mood = mood
    async with running(engine):
        scanner = Icap(f"icap://127.0.0.1:{engine.port}/respmod?profile=mail")
        assert (await scan(scanner)).virus == virus
        assert engine.seen == [MESSAGE]


@pytest.mark.parametrize("mood", ["garbage", "endless", "hangs-up", "error", "tag"])
async def test_icap_that_gives_no_verdict(mood):
    engine = FakeIcap()
    engine.mood = mood
    async with running(engine):
        with pytest.raises(ScanFailed):
            await scan(Icap(f"icap://127.0.0.1:{engine.port}/respmod"))


async def test_icap_signatures_may_change_between_two_messages():
    """RFC 3507 §4.7: a new tag is believed once OPTIONS tell it too."""
    engine = FakeIcap()
    async with running(engine):
        scanner = Icap(f"icap://127.0.0.1:{engine.port}/respmod")
        await scan(scanner)
        engine.tag = '"engine-20260921"'
        assert not (await scan(scanner)).infected
        assert engine.options == 2
        assert (await scanner.info()).signatures_at == datetime(2026, 9, 21, tzinfo=UTC).timestamp() * 1000


async def test_icap_without_a_date():
    engine = FakeIcap()
    engine.tag = '"abcdef"'
    async with running(engine):
        info = await Icap(f"127.0.0.1:{engine.port}").info()
    assert (info.signatures_at, info.tag) == (0, "abcdef")


async def test_rspamd_verdicts():
    engine = FakeRspamd()
    engine.answer = {
        "score": 7.5, "action": "add header",
        "symbols": {"SMALL": {"score": 0.5}, "BIG": {"score": 7.0}, "ZERO": {"score": 0}, "ODD": 3},
    }  # fmt: skip
    async with running(engine):
        verdict = await scan(Rspamd(f"127.0.0.1:{engine.port}"))
        assert (await Rspamd(f"http://127.0.0.1:{engine.port}/").info()).version == "rspamd (pong)"
    assert (verdict.score, verdict.action, verdict.symbols) == (7.5, "junk", (("BIG", 7.0), ("SMALL", 0.5)))
    head, body = engine.seen[0]
    assert body == MESSAGE
    for line in (
        b"POST /checkv2",
        b"From: a@x.example",
        b"Rcpt: b@y.example",
        b"IP: 192.0.43.8",
        b"Helo: mail.x.example",
    ):
        assert line in head


@pytest.mark.parametrize("answer", [b"nonsense", b"", b"[]", b'{"score": "x"}', b"x" * (2 << 20)])
async def test_rspamd_that_gives_no_verdict(answer):
    engine = FakeRspamd()
    engine.answer = answer
    async with running(engine):
        with pytest.raises(ScanFailed):
            await scan(Rspamd(f"127.0.0.1:{engine.port}"))
        engine.answer, engine.status = {"score": 1.0}, 500
        with pytest.raises(ScanFailed):
            await scan(Rspamd(f"127.0.0.1:{engine.port}"))


@pytest.mark.parametrize("kind", ["clamd", "icap", "rspamd"])
async def test_nobody_there(kind):
    scanner = open_scanner(EngineSettings("x", kind, "127.0.0.1:1"))
    with pytest.raises(ScanFailed):
        await scan(scanner)
    with pytest.raises(ScanFailed):
        await scanner.info()


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(octets=st.binary(max_size=200), kind=st.sampled_from(["clamd", "icap", "rspamd"]))
async def test_any_answer_is_a_verdict_or_a_failure(octets, kind):
    async def serve(reader, writer):
        await reader.read(1 << 20)
        writer.write(octets)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        scanner = open_scanner(EngineSettings("x", kind, f"127.0.0.1:{server.sockets[0].getsockname()[1]}"))
        for ask in (scanner.info(), scan(scanner, b"x")):
            try:
                await ask
            except ScanFailed:
                pass
    finally:
        server.close()


def test_addresses():
    assert host_and_port("/run/clamd", 1) == ("/run/clamd", 0)
    assert host_and_port("host", 3310) == ("host", 3310)
    assert host_and_port("host:99", 3310) == ("host", 99)
    assert host_and_port("[::1]:99", 3310) == ("::1", 99)
    assert host_and_port("[::1]", 3310) == ("::1", 3310)
    with pytest.raises(ValueError):
        host_and_port("host:x", 1)
