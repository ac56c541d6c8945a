"""Contract of text extraction (ports/extraction.py) over real child processes, well-behaved and not."""

import asyncio
import io
import os
import signal
import subprocess
import sys

import pytest
from tests.unit.formats_extract import documents as made
from tests.unit.formats_extract.documents import TEXT

from smartmail.adapters.extraction.children import ChildLimits, ParsingChildren
from smartmail.adapters.extraction.remembered import Remembered, key_of
from smartmail.app.children import parsing_child
from smartmail.base import log
from smartmail.domain.errors import Unavailable
from smartmail.ports.extraction import ExtractedText

# A child that does what the name of the file says, with the rights and limits of a true one.
MISBEHAVING = """
import ctypes, os, socket, sys, time
from smartmail.app.children import parsing_child as child
from smartmail.formats.extract.out import Extracted
again = sys.argv[2] and os.path.exists(sys.argv[2])
if sys.argv[2]:
    open(sys.argv[2], "w").close()

libc = ctypes.CDLL(None)

def tried(work):
    try:
        work()
    except (OSError, ValueError) as error:
        return type(error).__name__
    return "allowed"

def is_open(number):
    try:
        os.fstat(number)
    except OSError:
        return False
    return True

def behave(octets, media_type, name, **more):
    if name == "spin":
        while True:
            pass
    if name == "sleep":
        libc.prctl(15, b"asleep", 0, 0, 0)
        time.sleep(3600)
    if name == "die" or (name == "die once" and not again):
        os.kill(os.getpid(), 9)
    if name == "eat":
        return Extracted(str(len(bytearray(3 << 30))))
    if name == "fail":
        raise RuntimeError("secret content")
    if name == "print":
        print("nonsense", flush=True)
        os.write(1, b"nonsense")
    if name == "nonsense":
        os.write(4, child.wire.frame(b"nonsense"))
    if name == "flood":
        os.write(4, b"\\xff\\xff\\xff\\xff")
    if name == "rights":
        doors = (lambda: open("/etc/hostname"), socket.socket, lambda: os.open("/tmp", os.O_RDONLY), os.pipe)
        return Extracted(" ".join(map(tried, doors)))
    if name == "inherited":
        return Extracted(repr((sorted(os.environ), [n for n in range(3, 512) if is_open(n)])))
    return Extracted(f"{name} by {os.getpid()}")

preload = child._preload
child.extract = lambda *a, **k: None
child._preload = lambda: (preload(), setattr(child, "extract", behave))
sys.exit(child.main(sys.argv[1:]))
"""


@pytest.fixture
async def pool():
    """Makes pools and closes them."""
    made_pools = []

    def make(*, real=False, flag="", **limits):
        command = parsing_child.command()
        if not real:
            command = (sys.executable, "-P", "-c", MISBEHAVING, str(os.getpid()), str(flag))
        made_pools.append(ParsingChildren(command, parsing_child.environment(), ChildLimits(**limits)))
        return made_pools[-1]

    yield make
    for one in made_pools:
        await one.close()
        assert one.pids() == []


async def until(condition):
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.01)


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


# --- files ----------------------------------------------------------------------------------------------------------


async def test_documents_of_all_kinds_by_one_child(pool):
    children = pool(real=True)
    documents = {
        "a.hwp": made.hwp(made.hwp_section(TEXT)),
        "a.hwpx": made.hwpx(),
        "a.docx": made.docx(TEXT),
        "a.xlsx": made.xlsx(),
        "a.pptx": made.pptx(),
        "a.odt": made.odt(),
        "a.pdf": made.pdf(b"KSCms-UHC-H", TEXT.encode("cp949")),
        "b.pdf": made.pdf(b"UniKS-UTF16-H", TEXT.encode("utf-16-be")),
        "a.doc": made.word97(TEXT),
        "a.eml": f"Subject: x\nContent-Type: text/plain; charset=euc-kr\n\n{TEXT}\n".encode("cp949"),
        "a.html": f"<p>{TEXT}</p>".encode(),
        "a.txt": TEXT.encode("johab", "ignore"),
        "a.zip": made.zipped({"안/회의.docx": made.docx(TEXT)}),
    }
    pids = set()
    for name, octets in documents.items():
        found = await children.text_of("application/octet-stream", name, octets)
        assert found.problem == ""
        assert found.complete
        assert TEXT in found.text or name == "a.txt"
        pids.update(children.pids())
    assert found.parts == ("안/회의.docx",)
    assert len(pids) == 1


async def test_what_cannot_be_read_is_told(pool):
    children = pool(real=True, octets=1_000_000)
    locked = await children.text_of("application/x-hwp", "a.hwp", made.hwp(b"", flags=3))
    assert (locked.text, locked.complete, locked.problem) == ("", False, "encrypted")
    assert await children.text_of("image/png", "a.png", b"\x89PNG\r\n") is None
    too_big = await children.text_of("application/pdf", "a.pdf", bytes(1_000_001))
    assert (too_big.complete, too_big.problem) == (False, "limits")


async def test_text_is_bounded(pool):
    found = await pool(real=True, chars=1_000).text_of("", "a.hwp", made.hwp(made.hwp_section("가" * 5_000)))
    assert (found.text, found.complete, found.problem) == ("가" * 1_000, False, "limits")


async def test_a_large_file_and_its_text(pool):
    octets = (TEXT.encode() + b"\n") * 400_000
    found = await pool(real=True, chars=1_000_000).text_of("", "a.txt", octets)
    assert len(found.text) == 1_000_000


@pytest.mark.parametrize(
    ("media_type", "name", "wanted"),
    [
        ("application/pdf", "", True),
        ("application/octet-stream", "보고서.HWP", True),
        ("application/octet-stream", "x", True),
        ("message/rfc822", "", True),
        ("image/jpeg", "a.hwp", True),
        ("image/jpeg", "", False),
        ("application/octet-stream", "photo.jpg", False),
        ("application/pkcs7-signature", "smime.p7s", False),
        ("multipart/mixed", "", False),
        ("text/plain", "", False),
    ],
)
async def test_what_is_worth_a_child(pool, media_type, name, wanted):
    children = pool()
    assert children.handles(media_type, name) is wanted
    assert children.pids() == []


# --- limits and deaths ----------------------------------------------------------------------------------------------


async def test_wall_time(pool):
    children = pool(wall_s=0.3)
    found = await children.text_of("", "sleep", b"")
    assert (found.complete, found.problem) == (False, "limits")
    assert children.pids() == []


async def test_processor_time(pool):
    children = pool(cpu_s=0.1)
    assert (await children.text_of("", "spin", b"")).problem == "limits"
    assert "well by" in (await children.text_of("", "well", b"")).text


async def test_memory(pool):
    children = pool()
    assert (await children.text_of("", "eat", b"")).problem == "limits"
    assert children.pids() == []  # replaced: what it may hold is not known
    assert "well by" in (await children.text_of("", "well", b"")).text


async def test_a_file_whose_child_dies_once_is_read_by_the_next(pool, tmp_path):
    found = await pool(flag=tmp_path / "flag").text_of("", "die once", b"")
    assert found.text.startswith("die once by")
    assert found.complete


async def test_a_file_whose_children_die_is_given_up(pool):
    children = pool()
    found = await children.text_of("", "die", b"")
    assert (found.text, found.complete, found.problem) == ("", False, "crashed")
    assert "well by" in (await children.text_of("", "well", b"")).text


async def test_a_child_killed_at_work_is_replaced(pool):
    children = pool()
    first = asyncio.create_task(children.text_of("", "sleep", b""))
    killed = set()
    while not first.done():
        for pid in children.pids():
            if pid not in killed and is_asleep(pid):
                killed.add(pid)
                os.kill(pid, signal.SIGKILL)
        await asyncio.sleep(0.01)
    assert (await first).problem == "crashed"
    assert len(killed) == 2


def is_asleep(pid):
    """Whether the child has begun to sleep: it then gives itself this name."""
    try:
        with open(f"/proc/{pid}/comm") as file:
            return file.read() == "asleep\n"
    except OSError:
        return False


@pytest.mark.parametrize("name", ["nonsense", "flood"])
async def test_answers_without_sense(pool, name):
    children = pool()
    assert (await children.text_of("", name, b"")).problem == "crashed"
    assert children.pids() == []


async def test_an_error_of_ours_costs_one_file(pool):
    children, written = pool(), io.StringIO()
    log.configure(stream=written)
    try:
        found = await children.text_of("", "fail", b"")
    finally:
        log.configure()
    assert (found.problem, len(children.pids())) == ("damaged", 1)
    assert "RuntimeError" in written.getvalue()
    assert "secret" not in written.getvalue()


async def test_what_libraries_print_is_no_answer(pool):
    assert (await pool().text_of("", "print", b"")).text.startswith("print by")


async def test_a_caller_that_gives_up_ends_the_work(pool):
    children = pool()
    await children.text_of("", "well", b"")
    pids = children.pids()
    task = asyncio.create_task(children.text_of("", "sleep", b""))
    await until(lambda: is_asleep(pids[0]) or not is_alive(pids[0]))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(lambda: not is_alive(pids[0]))
    assert "well by" in (await children.text_of("", "well", b"again")).text


async def test_children_of_a_large_parent_are_not_tired_from_birth(pool):
    ballast = bytearray(os.urandom(1)) * (600 << 20)
    children = pool(files=3)
    texts = {(await children.text_of("", "well", b"%d" % number)).text for number in range(3)}
    assert len(texts) == 1
    assert len(ballast) == 600 << 20


async def test_children_are_recycled(pool):
    children = pool(files=2)
    texts = [(await children.text_of("", "well", b"%d" % number)).text for number in range(4)]
    assert texts[0] == texts[1] != texts[2] == texts[3]


async def test_a_file_is_read_once_whoever_gets_it(pool):
    children = pool(files=1)
    once = await children.text_of("", "well", b"x")
    assert await children.text_of("", "well", b"x") is once
    assert (await children.text_of("", "well", b"y")).text != once.text
    assert (await children.text_of("text/x", "well", b"x")).text != once.text
    both = await asyncio.gather(*(children.text_of("", "well", bytes(3 << 20)) for _ in range(2)))
    assert both[0] is both[1]


@pytest.mark.parametrize(("name", "problem"), [("die", "crashed"), ("spin", "limits")])
async def test_a_file_that_costs_a_child_costs_no_other(pool, name, problem):
    children = pool(cpu_s=0.1)
    assert (await children.text_of("", name, b"poison")).problem == problem
    assert (await children.text_of("", name, b"poison")).problem == problem
    assert children.pids() == []  # none was started for the second


async def test_a_caller_that_gave_up_leaves_nothing_to_remember(pool):
    children = pool()
    task = asyncio.create_task(children.text_of("", "sleep", b"x"))
    await until(lambda: any(map(is_asleep, children.pids())))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    again = asyncio.create_task(children.text_of("", "sleep", b"x"))
    await until(lambda: any(map(is_asleep, children.pids())))
    again.cancel()


async def test_only_so_much_is_remembered():
    kept, results = Remembered(max_chars=10, max_entries=3), [ExtractedText("1234"), None, ExtractedText("12345678901")]
    for number, result in enumerate(results):
        kept.keep(b"%d" % number, result)
    assert [b"%d" % number in kept for number in range(3)] == [True, True, False]
    assert kept.take(b"1") is None
    kept.take(b"0")
    kept.keep(b"3", ExtractedText("1234567"))
    assert [one in kept for one in (b"0", b"1", b"3")] == [False, False, True]
    for number in range(10, 14):
        kept.keep(b"%d" % number, None)
    assert b"3" not in kept
    assert [b"%d" % number in kept for number in range(10, 14)] == [False, True, True, True]


async def test_the_endings_of_names_count_and_the_rest_does_not():
    wanted = await key_of("a/b", "회의.html.gz", b"x")
    assert await key_of("a/b", "다른 이름.HTML.gz", b"x") == wanted
    for claims in (("a/b", "회의.txt.gz", b"x"), ("a/c", "회의.html.gz", b"x"), ("a/b", "회의.html.gz", b"y")):
        assert await key_of(*claims) != wanted


async def test_idle_children_end(pool):
    children = pool(idle_s=0.05)
    await children.text_of("", "well", b"")
    await until(lambda: children.pids() == [])


async def test_two_children_work_at_once(pool):
    children = pool(children=2)
    texts = await asyncio.gather(*(children.text_of("", f"{n}", b"") for n in range(6)))
    assert [text.text.split()[0] for text in texts] == list("012345")
    assert len(children.pids()) <= 2


async def test_no_child_comes_up():
    children = ParsingChildren((sys.executable, "-c", "raise SystemExit(1)"), {})
    with pytest.raises(Unavailable):
        await children.text_of("", "a.pdf", b"%PDF-")
    nowhere = ParsingChildren(("/nonexistent/python",), {})
    with pytest.raises(Unavailable):
        await nowhere.text_of("", "a.pdf", b"%PDF-")
    await children.close()
    await nowhere.close()


# --- rights ---------------------------------------------------------------------------------------------------------


async def test_a_child_can_open_nothing(pool):
    words = (await pool().text_of("", "rights", b"")).text.split()
    assert len(words) == 4
    assert set(words) <= {"OSError", "PermissionError"}, "no descriptor is left, and the kernel refuses it besides"


async def test_a_child_inherits_nothing(pool, monkeypatch):
    monkeypatch.setenv("SMARTMAIL_SECRET", "x")
    reading, writing = os.pipe()
    os.set_inheritable(reading, True)
    try:
        found = await pool().text_of("", "inherited", b"")
    finally:
        os.close(reading)
        os.close(writing)
    names = "['LANG', 'MALLOC_ARENA_MAX', 'PYTHONDONTWRITEBYTECODE', 'PYTHONPATH']"
    assert (
        found.text.replace("'LC_CTYPE', ", "") == f"({names}, [3, 4, 5])"
    )  # two pipes, and what the kernel says of its memory


async def test_a_child_ends_with_its_parent(tmp_path):
    program = """
import asyncio, sys
from smartmail.adapters.extraction.children import ParsingChildren
from smartmail.app.children import parsing_child
async def main():
    children = ParsingChildren(parsing_child.command(), parsing_child.environment())
    await children.text_of("", "a.txt", b"text")
    print(children.pids()[0], flush=True)
    await asyncio.sleep(3600)
asyncio.run(main())
"""
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, env={**os.environ, **parsing_child.environment()},
        start_new_session=True,  # the kernel sends SIGHUP to a group that holds a stopped process: not to ours
    )  # fmt: skip
    try:
        pid = int(await asyncio.to_thread(process.stdout.readline))
        assert is_alive(pid)
        os.kill(process.pid, signal.SIGSTOP)  # not even its threads could close the pipe
        process.kill()
        await until(lambda: not is_alive(pid))
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
