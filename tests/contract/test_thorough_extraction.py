"""Contract of a thorough reading (ports/extraction.py) over real child processes: what leak prevention is told of each file."""

import gzip
import hashlib
import re
import time

import pytest
from tests.contract.test_extraction import pool  # noqa: F401 -- the fixture
from tests.unit.formats_extract import archives
from tests.unit.formats_extract import documents as made
from tests.unit.formats_extract.documents import TEXT

from smartmail.adapters.extraction.children import THOROUGH_LIMITS, ParsingChildren
from smartmail.domain.errors import Unavailable

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


async def read(children, octets, name="a.bin"):
    found = await children.text_of("application/octet-stream", name, octets, thorough=True)
    assert found is not None
    return found


async def test_each_file_is_told(pool):  # noqa: F811
    inner = made.zipped({"그림.docx": PNG, "시행문.jpg": made.docx("나")})
    octets = made.zipped({"회의.hwp": made.hwp(made.hwp_section(TEXT)), "안.zip": inner})
    found = await read(pool(real=True), octets, "자료.zip")
    told = [(one.name, one.kind, one.holder, one.text, one.problem) for one in found.files]
    assert told == [
        ("자료.zip", "zip", -1, "회의.hwp\n안.zip", ""),
        ("회의.hwp", "hwp", 0, TEXT, ""),
        ("안.zip", "zip", 0, "그림.docx\n시행문.jpg", ""),
        ("그림.docx", "png", 2, "", ""),
        ("시행문.jpg", "docx", 2, "나", ""),
    ]
    assert [(one.size, one.sha256) for one in found.files[2:4]] == [
        (len(inner), hashlib.sha256(inner).hexdigest()),
        (len(PNG), hashlib.sha256(PNG).hexdigest()),
    ]
    assert found.text == f"회의.hwp\n안.zip\n{TEXT}\n그림.docx\n시행문.jpg\n나"
    assert (found.complete, found.problem, found.parts[-1]) == (True, "", "시행문.jpg")


async def test_the_problem_is_that_of_its_file(pool):  # noqa: F811
    octets = made.zipped({
        "잠금.zip": made.zip_with_raw_name(b"a.txt", b"secret", flags=1), "b.hwp": made.hwp(b"", flags=3), "c.txt": "글",
        "d.bin": bytes(range(256)),
    })  # fmt: skip
    found = await read(pool(real=True), octets)
    assert [(one.name, one.problem) for one in found.files] == [
        ("a.bin", ""), ("잠금.zip", ""), ("a.txt", "encrypted"), ("b.hwp", "encrypted"), ("c.txt", ""), ("d.bin", "unsupported"),
    ]  # fmt: skip
    assert (found.complete, found.problem) == (False, "encrypted")
    assert found.files[-1].kind == "unknown"


async def test_files_without_text_are_told_and_search_stays_as_it_is(pool):  # noqa: F811
    children = pool(real=True)
    found = await read(children, PNG, "a.png")
    assert (found.text, found.complete, found.files[0].kind) == ("", True, "png")
    assert await children.text_of("image/png", "a.png", PNG) is None
    plain = await children.text_of("", "a.zip", made.zipped({"a.txt": TEXT}))
    assert (plain.files, plain.parts) == ((), ("a.txt",))


async def test_five_deep_and_not_six(pool):  # noqa: F811
    children = pool(real=True)

    def nest(depth):
        content = b"900101-1234568"
        for number in range(depth):
            content = made.zipped({f"{number}.bin": content})
        return content

    assert "900101-1234568" in (await read(children, nest(5))).text
    deeper = await read(children, nest(6))
    assert "900101-1234568" not in deeper.text
    assert (deeper.problem, deeper.files[-1].problem) == ("limits", "limits")
    packed = gzip.compress(archives.tarred({"a.zip": nest(4)}))  # gzip and tar count once
    assert "900101-1234568" in (await read(children, packed)).text


async def test_a_file_is_told_under_the_name_that_it_has_this_time(pool):  # noqa: F811
    children, octets = pool(real=True), made.zipped({"a.txt": TEXT})
    assert (await read(children, octets, "first.zip")).files[0].name == "first.zip"
    again = await read(children, octets, "second.zip")
    assert (again.files[0].name, again.text) == ("second.zip", f"a.txt\n{TEXT}")


async def test_a_bomb_of_bombs_costs_little(pool):  # noqa: F811
    """As 42.zip is made: archives of archives, each of the innermost files much larger than all of them."""
    content = made.zipped({"0.dll": b"0" * (48 << 20)})
    for _ in range(4):
        content = made.zipped({f"lib {number}.zip": content for number in range(16)})
    assert len(content) < 200_000
    children = pool(real=True)
    before = time.monotonic()
    found = await read(children, content, "42.zip")
    assert time.monotonic() - before < 60
    assert (found.complete, found.problem) == (False, "limits")
    (pid,) = children.pids()
    with open(f"/proc/{pid}/status") as status:
        (peak,) = re.findall(r"VmHWM:\s*(\d+) kB", status.read())
    assert int(peak) < 512 << 10


async def test_a_sum_of_small_files_is_bounded(pool):  # noqa: F811
    found = await read(pool(real=True), made.zipped({f"{number}.txt": "" for number in range(10_010)}))
    assert found.problem == "limits"
    assert len(found.files) == 10_001


@pytest.mark.parametrize(("name", "problem"), [("die", "crashed"), ("nonsense", "crashed"), ("spin", "limits")])
async def test_a_file_that_costs_its_children_is_told(pool, name, problem):  # noqa: F811
    children = pool()
    children._thorough = type(THOROUGH_LIMITS)(cpu_s=0.1)
    found = await children.text_of("", name, b"x", thorough=True)
    assert (found.complete, found.problem) == (False, problem)
    assert [(one.name, one.size, one.sha256, one.problem) for one in found.files] == [
        (name, 1, hashlib.sha256(b"x").hexdigest(), problem)
    ]


async def test_a_file_that_is_too_large_is_told():
    children = ParsingChildren(("/bin/false",), {}, thorough=type(THOROUGH_LIMITS)(octets=10))
    found = await children.text_of("", "a.zip", bytes(11), thorough=True)
    assert (found.problem, found.files[0].problem, found.files[0].size) == ("limits", "limits", 11)


async def test_without_a_child_nothing_is_said():
    children = ParsingChildren(("/nonexistent/python",), {})
    with pytest.raises(Unavailable):
        await children.text_of("", "a.pdf", b"%PDF-", thorough=True)


async def test_the_indexer_does_not_keep_a_sender_waiting(pool):  # noqa: F811
    import asyncio

    children = pool(children=1)
    slow = asyncio.create_task(children.text_of("", "sleep", b""))
    await asyncio.sleep(0)
    found = await children.text_of("", "well", b"", thorough=True)
    assert not slow.done()
    assert found.problem == "crashed"  # this child tells no files, which is no answer to the question
    slow.cancel()
