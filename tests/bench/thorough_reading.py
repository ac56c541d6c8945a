"""How long a thorough reading of a large document takes (leak prevention: 10 MB of DOCX in 3 s).

Run: .venv/bin/python -m tests.bench.thorough_reading. Two documents of 10 MiB, read by a child as outgoing mail is: one of text
only (as much as its bound of characters leaves), one of ten thousand paragraphs and photographs.
"""

import asyncio
import random
import time

from tests.unit.formats_extract import documents as made

from smartmail.adapters.extraction.children import ParsingChildren
from smartmail.app.children import parsing_child

_SIZE = 10 << 20
_RUNS = 3


def of_text() -> bytes:
    """Paragraphs of syllables without an order: what deflate leaves of them is most of them."""
    rng = random.Random(1)
    letters = [chr(code) for code in range(0xAC00, 0xD7A4)]
    paragraphs: list[str] = []
    size = 0
    while size < 4_900_000:
        paragraphs.append("".join(rng.choices(letters, k=200)))
        size += 200
    return made.docx(*paragraphs, "900101-1234568")


def of_pictures() -> bytes:
    rng = random.Random(2)
    paragraphs = [f"{number}째 문단: 회의자료 900101-1234568 똠방각하 예산안 " * 3 for number in range(10_000)]
    pictures = {f"word/media/image{number}.jpeg": b"\xff\xd8\xff\xe0" + rng.randbytes(1 << 20) for number in range(9)}
    return made.docx(*paragraphs, **pictures)


async def main() -> None:
    children = ParsingChildren(parsing_child.command(), parsing_child.environment())
    try:
        for make in (of_text, of_pictures):
            octets = make()
            await children.text_of("", "a.txt", b"warm", thorough=True)
            for run in range(_RUNS):
                before = time.perf_counter()
                found = await children.text_of("", f"a.{run}.docx", octets + bytes(run), thorough=True)
                took = time.perf_counter() - before
                assert found is not None
                print(
                    f"{make.__name__}: {len(octets) / 1e6:.1f} MB, {len(found.text)} characters, {took:.2f} s, {found.problem or 'whole'}"
                )
    finally:
        await children.close()


if __name__ == "__main__":
    asyncio.run(main())
