"""Any octets as a message: the rules judge it, raise nothing, and take bounded time."""

import asyncio
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.formats_rules.made_files import encrypted, zipped
from tests.unit.service_filtering.specimens import attached, letter, specimen
from tests.unit.service_filtering.test_rules import Bench

SEEDS = [
    letter(),
    letter("<p style='display:none'>x</p><a href='http://e.example'>naver.com</a>", kind="text/html"),
    attached("a.zip", zipped(x__js=b"1")),
    attached("a.zip", encrypted("x.js")),
    letter("결제 계좌 변경", sender="홍길동 <a@lnnotab.com>", extra="Reply-To: =?euc-kr?B?KLGk?= <x@y.example>\r\n"),
]


async def failures(octets: bytes) -> list[str]:
    """Return the checks that raised."""
    bench, failed = Bench(), []

    def guarded(name, check):
        async def ask(evidence):
            try:
                return await check(evidence)
            except Exception as error:
                failed.append(f"{name}: {error!r}")
                return []

        return ask

    bench.inspector._checks = tuple((name, guarded(name, check)) for name, check in bench.inspector._checks)
    await bench.inspector.examine(specimen(octets))
    return failed


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_damaged_messages(data):
    octets = bytearray(data.draw(st.sampled_from(SEEDS)))
    for _ in range(data.draw(st.integers(1, 12))):
        at = data.draw(st.integers(0, len(octets) - 1))
        octets[at : at + data.draw(st.integers(0, 6))] = data.draw(st.binary(max_size=8))
        octets = octets or bytearray(b"x")
    assert asyncio.run(failures(bytes(octets))) == []


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=600))
def test_any_octets(octets):
    assert asyncio.run(failures(octets)) == []


NAMES = "From: " + ", ".join(f"홍길동{n} <a{n}@lnnotab.com>" for n in range(900)) + "\r\n\r\nx"


@pytest.mark.parametrize(
    "octets",
    [
        b"From: " + b"(" * 100_000 + b"\r\n\r\n", NAMES.encode(),
        letter("http://a" + ".b" * 50_000), letter("<a href=" * 30_000, kind="text/html"),
        letter("".join(f"https://x{n}.example/ " for n in range(9_000))), letter("ㄱㅘㅇㄱㅗ" * 40_000, subject="ㄱㅘㅇㄱㅗ(" * 5_000),
        letter("<p style='" + "color:" * 40_000 + "'>", kind="text/html"),
    ],
    ids=range(7),
)  # fmt: skip
def test_hostile_messages_cost_little(octets):
    one = specimen(octets)
    begun = time.process_time()
    asyncio.run(Bench().inspector.examine(one))
    assert time.process_time() - begun < 1.0
