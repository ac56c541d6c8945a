"""Contract of dissection (ports/dissection.py) over real child processes, well-behaved and not."""

import asyncio
import subprocess
import sys

import pytest
from tests.unit.formats_rules.made_files import encrypted, packed, picture, zipped

from smartmail.adapters.extraction.children import ChildLimits, ParsingChildren
from smartmail.app.children import parsing_child
from smartmail.domain.errors import Unavailable
from smartmail.formats.file_names import FileSign

# A child that does what the name of the file says.
MISBEHAVING = """
import os, sys
from smartmail.app.children import parsing_child as child
from smartmail.formats import file_names, file_signs

def behave(octets, media_type="", name="", **more):
    if name == "spin":
        while True:
            pass
    if name == "die":
        os.kill(os.getpid(), 9)
    if name == "eat":
        return (file_names.FileSign("qr", str(len(bytearray(3 << 30)))),)
    if name == "fail":
        raise RuntimeError("secret content")
    if name == "open":
        open("/etc/passwd")
    return (file_names.FileSign("program", name),) if name else ()

file_signs.dissect = behave
sys.exit(child.main([sys.argv[1]]))
"""


@pytest.fixture
async def children():
    pool = ParsingChildren(parsing_child.command(), parsing_child.environment())
    yield pool
    await pool.close()


async def test_signs_and_text_come_from_one_child(children):
    assert await children.signs_of("", "a.zip", zipped(x__js=b"1")) == (
        FileSign("script", "x.js"), FileSign("packed-program", "x.js"),
    )  # fmt: skip
    assert await children.signs_of("", "a.zip", encrypted("x.txt")) == (FileSign("encrypted", "a.zip"),)
    assert await children.signs_of("image/png", "a.png", picture("https://evil.example")) == (
        FileSign("qr", "https://evil.example"),
    )
    text = await children.text_of("text/html", "a.html", b"<html><p>hello</p></html>")
    assert text is not None
    assert text.text == "hello"
    assert len(children.pids()) == 1


async def test_signs_are_remembered_with_their_name(children):
    octets = zipped(x__js=b"1")
    first = await children.signs_of("", "one.zip", octets)
    await children.close()
    assert children.pids() == []
    assert await children.signs_of("", "one.zip", octets) == first
    assert children.pids() == [], "it was not opened again"
    inner = packed({"x.txt": b"1"})
    assert await children.signs_of("", "두 번째.exe", inner) == (FileSign("program", "두 번째.exe"),)
    assert await children.signs_of("", "세 번째.exe", inner) == (FileSign("program", "세 번째.exe"),)


@pytest.mark.parametrize(
    ("name", "signs"),
    [
        ("die", "unbounded"),
        ("spin", "unbounded"),
        ("eat", "unbounded"),
        ("fail", None),
        ("open", None),
        ("good", "program"),
    ],
)
async def test_what_a_file_does_to_its_child(name, signs, monkeypatch):
    from smartmail.adapters.extraction import children as module

    monkeypatch.setattr(module, "_SIGNS_CPU_S", 1.0)
    import os

    command = (sys.executable, "-P", "-c", MISBEHAVING, str(os.getpid()))
    pool = ParsingChildren(command, parsing_child.environment())
    try:
        found = await asyncio.wait_for(pool.signs_of("", name, b"octets"), 120)
        assert [one.sign for one in found] == ([signs] if signs else [])
        assert [one.sign for one in await pool.signs_of("", "good", b"more")] == ["program"], "the next file is read"
    finally:
        await pool.close()


async def test_no_child_and_too_large_a_file():
    pool = ParsingChildren(("/bin/false",), {})
    with pytest.raises(Unavailable):
        await pool.signs_of("", "a", b"x")
    await pool.close()
    small = ParsingChildren(parsing_child.command(), parsing_child.environment(), ChildLimits(octets=10))
    assert await small.signs_of("", "a.bin", b"x" * 11) == (FileSign("unbounded", "a.bin"),)
    await small.close()


def test_a_child_without_the_picture_libraries_finds_no_codes_and_lives():
    code = (
        "import sys; sys.modules['zxingcpp'] = None\n"
        "from smartmail.formats import picture_codes\n"
        "assert not picture_codes.preload()\n"
        "assert picture_codes.codes_in(b'\\x89PNG') == ()\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env=parsing_child.environment(), timeout=60)
