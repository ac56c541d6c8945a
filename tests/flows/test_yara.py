"""YARA as an engine: rules of an administrator, matched in a child; and what is said where the library is missing."""

import asyncio
import base64
import os
import sys

import pytest
from tests.flows.house import open_house

from smartmail.adapters.scan import open_scanner_with
from smartmail.adapters.scan.yara import NO_LIBRARY, YaraStarter
from smartmail.app.children import parsing_child, yara_child
from smartmail.domain.errors import Invalid, NotFound
from smartmail.ports.scan import EngineSettings, RulesMissing, ScanEnvelope, ScanFailed, ScanRules

RULES = """
rule macro_dropper { strings: $a = "AutoOpen" $b = "powershell" condition: all of them }
rule odd_words { meta: score = 2 strings: $a = "urgent wire" condition: $a }
"""


def letter(text: bytes, file: bytes = b"") -> bytes:
    part = b"\r\n--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    body = part + base64.encodebytes(file).replace(b"\n", b"\r\n") if file else b""
    return (
        b"Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n" + text + body + b"\r\n--b--\r\n"
    )  # fmt: skip


def starter(command=None):
    return YaraStarter(command or yara_child.command(), parsing_child.environment())


def scanner(rules, of=None):
    async def rules_of(name):
        return rules[0] if name == "own" else None

    return open_scanner_with(of or rules_of, starter())(EngineSettings("y", "yara", "own"))


async def scan(engine, octets, seconds=30.0):
    async def pieces():
        yield octets

    async with asyncio.timeout(seconds):
        return await engine.scan(len(octets), pieces, ScanEnvelope())


@pytest.fixture
async def house(tmp_path):
    directory = tmp_path / "house"
    directory.mkdir()
    async with open_house(directory) as house:
        yield house


async def test_rules_match_the_message_and_what_lies_encoded_in_it():
    engine = scanner([ScanRules(RULES, "2026-11-27", 2)])
    assert not (await scan(engine, letter(b"nothing to see"))).infected
    verdict = await scan(engine, letter(b"see file", b"Sub AutoOpen()\nShell powershell"))
    assert (verdict.virus, verdict.action) == ("YARA.macro_dropper", "infected")
    verdict = await scan(engine, letter(b"an urgent wire is due"))
    assert (verdict.infected, verdict.score, verdict.symbols) == (False, 2.0, (("odd_words", 2.0),))
    info = await engine.info()
    assert "2 rules of 2026-11-27" in info.version
    await engine._drop()


async def test_new_rules_count_from_the_next_message_and_a_child_that_died_is_replaced():
    rules = [ScanRules(RULES, "2026-11-27", 2)]
    engine = scanner(rules)
    octets = letter(b"flamingo")
    assert not (await scan(engine, octets)).infected
    rules[0] = ScanRules('rule flamingo { strings: $a = "flamingo" condition: $a }', "2026-11-28", 1)
    assert (await scan(engine, octets)).virus == "YARA.flamingo"
    first = engine._process
    first.kill()
    await first.wait()
    assert (await scan(engine, octets)).virus == "YARA.flamingo"
    assert engine._process.pid != first.pid
    await engine._drop()


async def test_a_scan_that_is_called_off_ends_its_child_and_the_next_has_its_own_answer():
    engine = scanner([ScanRules('rule flamingo { strings: $a = "flamingo" condition: $a }', "d", 1)])
    await scan(engine, letter(b"x"))

    reached = asyncio.Event()

    async def stuck():
        yield letter(b"flamingo")
        reached.set()
        await asyncio.Event().wait()

    scanning = asyncio.create_task(engine.scan(10, stuck, ScanEnvelope()))
    await reached.wait()
    scanning.cancel()
    with pytest.raises(asyncio.CancelledError):
        await scanning
    assert engine._process is None
    assert not (await scan(engine, letter(b"y"))).infected
    await engine._drop()


async def test_rules_are_checked_before_they_count_and_open_no_file(house, tmp_path):
    files = house.services.scanning.files
    secret = tmp_path / "secret"
    secret.write_text("root:x:0:0")
    for octets, why in (
        (b"rule x { condition: $no }", "do not compile"), (b"\xff\xfe", "UTF-8"), (b"", "no rule"),
        (f'include "{secret}" rule x {{ condition: true }}'.encode(), "do not compile"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            await files.put("own", octets, "cli")
        assert why in str(refused.value.public)
        assert "root:x" not in str(refused.value.public)
    assert await files.all() == {}
    kept = await files.put("own", RULES.encode(), "cli")
    assert kept.count == 2
    await house.services.scanning.add_engine(EngineSettings("y", "yara", "own", seconds=20.0), "cli")
    [(engine, verdict)] = await house.services.scanning.try_file(letter(b"x", b"AutoOpen powershell"))
    assert verdict.virus == "YARA.macro_dropper", verdict
    [status] = await house.services.scanning.status()
    assert "2 rules" in status.info.version
    await files.remove("own", "cli")
    [(_engine, verdict)] = await house.services.scanning.try_file(letter(b"x"))
    assert "no rules" in verdict
    with pytest.raises(NotFound):
        await files.remove("own", "cli")


async def test_an_engine_needs_its_rules_first(house):
    with pytest.raises(Invalid, match="bring the rules first"):
        await house.services.scanning.add_engine(EngineSettings("y", "yara", "own"), "cli")


async def test_where_the_library_is_missing_the_administrator_is_told_so(house, tmp_path):
    """A child whose Python does not find it: as on a server without the package."""
    blocked = tmp_path / "blocked"
    (blocked / "yara_x").mkdir(parents=True)
    (blocked / "yara_x" / "__init__.py").write_text("raise ImportError")
    environment = parsing_child.environment()
    environment["PYTHONPATH"] = os.pathsep.join((str(blocked), environment["PYTHONPATH"]))
    without = YaraStarter(yara_child.command(), environment)
    with pytest.raises(RulesMissing):
        await without.check(RULES)
    files = house.services.scanning.files
    files._checker = without
    with pytest.raises(Invalid) as told:
        await files.put("own", RULES.encode(), "cli")
    assert told.value.public == NO_LIBRARY


async def test_a_child_that_cannot_start_is_no_verdict():
    with pytest.raises(ScanFailed):
        await starter((sys.executable, "-c", "pass")).check(RULES)
    with pytest.raises(ScanFailed):
        await starter(("/no/such/program",)).check(RULES)
