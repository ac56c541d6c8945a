"""Text of PDFs that carry no fonts: the same on every machine, every letter, in the order of another reader (pdfminer.six)."""

import io
import json
import os
import re
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from pdfminer.high_level import extract_text
from pdfminer.layout import LAParams
from tests.unit.formats_extract import documents as made

from smartmail.formats.extract import pdf, pdf_fonts
from smartmail.formats.extract.reading import extract
from smartmail.formats.layout.views import view

FONTS = Path("/usr/share/fonts")
PREDEFINED = [
    (b"UniKS-UTF16-H", "utf-16-be", b"Korea1", "년월일"), (b"KSCms-UHC-H", "cp949", b"Korea1", "년월일"),
    (b"KSC-EUC-H", "euc-kr", b"Korea1", "년월일"), (b"90ms-RKSJ-H", "cp932", b"Japan1", "年月日"),
    (b"GBK-EUC-H", "gbk", b"GB1", "年月日"), (b"ETen-B5-H", "big5", b"CNS1", "年月日"),
]  # fmt: skip


def wide(text: str) -> bytes:
    return text.encode("utf-16-be")


def piece(text: str, *matrix: float) -> bytes:
    return b"%g %g %g %g %g %g Tm <%s> Tj " % (*matrix, wide(text).hex().encode())


def page(*pieces: bytes, encoding: bytes = b"UniKS-UTF16-H") -> bytes:
    return made.pdf(encoding, b"", drawn=b"BT /F1 14 Tf " + b"".join(pieces) + b"ET")


def mapped(text: str) -> bytes:
    """Letters one by one in a font of unknown codes, which ToUnicode alone tells: how word processors write subsets."""
    codes = [struct.pack(">H", 0x100 + number) for number in range(len(text))]
    mapping = made.to_unicode([(0x100 + number, letter) for number, letter in enumerate(text)])
    return made.pdf(b"Identity-H", codes[0], b"Identity", to_unicode=mapping, more=[(14, one) for one in codes[1:]])


def pieces(encoding: bytes, codec: str, ordering: bytes, text: str) -> bytes:
    first, *others = (letter.encode(codec) for letter in text)
    return made.pdf(encoding, first, ordering, more=[(14, one) for one in others])


UPRIGHT, LEFT, RIGHT = (1, 0, 0, 1), (0, 1, -1, 0), (0, -1, 1, 0)
PAGES = {
    "columns": page(
        piece("왼쪽 첫째 줄", *UPRIGHT, 50, 800), piece("왼쪽 둘째 줄", *UPRIGHT, 50, 780),
        piece("오른쪽 첫째", *UPRIGHT, 320, 800), piece("오른쪽 둘째", *UPRIGHT, 320, 780),
    ),
    "cells": page(*(piece(text, *UPRIGHT, at, 800) for at, text in ((50, "왼"), (300, "오"), (400, "끝")))),
    "turned left": page(piece("년", *LEFT, 300, 100), piece("월", *LEFT, 300, 114)),
    "turned right": page(piece("년", *RIGHT, 300, 700), piece("월", *RIGHT, 300, 686)),
    "turned line": page(piece("돌린 글자 2026년", *LEFT, 300, 100)),
    "downwards": page(piece("세로 쓰기 글", *UPRIGHT, 300, 700), encoding=b"UniKS-UTF16-V"),
    "downwards in pieces": page(
        piece("세", *UPRIGHT, 300, 700), piece("로", *UPRIGHT, 300, 686), encoding=b"UniKS-UTF16-V"
    ),
    "scaled": page(piece("년", 20, 0, 0, 20, 50, 800)),
    "unseen": page(b"3 Tr ", piece("숨", *UPRIGHT, 50, 800), piece("은", *UPRIGHT, 64, 800)),
    "mapped": mapped("가나다년"),
    **{one[0].decode(): pieces(*one) for one in PREDEFINED},
}  # fmt: skip


def words(text: str) -> list[str]:
    return text.split()


@pytest.mark.parametrize("name", PAGES)
def test_another_reader_reads_the_same(name: str):
    layout = LAParams(all_texts=True, detect_vertical=True)
    found, other = extract(PAGES[name]), extract_text(io.BytesIO(PAGES[name]), laparams=layout)
    assert found is not None and found.problem is None
    assert words(found.text) == words(other) != []


@pytest.mark.parametrize(("encoding", "codec", "ordering", "text"), PREDEFINED)
def test_no_letter_that_stands_alone_is_lost(encoding, codec, ordering, text):
    found = extract(pieces(encoding, codec, ordering, text))
    assert found is not None and found.text == text
    found = extract(made.pdf(encoding, text[0].encode(codec), ordering))
    assert found is not None and found.text == text[0]


# --- whatever fonts the machine has -----------------------------------------------------------------------------------

READ = """
import json, sys
from smartmail.formats.extract.reading import extract
print(json.dumps([extract(bytes.fromhex(one)).text for one in json.load(sys.stdin)]))
"""


def families() -> dict[str, list[Path]]:
    """The fonts of Korean on this machine by their family; the first of each."""
    found = {"none": []}
    for path in sorted(FONTS.rglob("*.tt[cf]")) if FONTS.is_dir() else []:
        if match := re.match(r"(Noto(?:Sans|Serif)CJK|DroidSansFallback|Nanum|Unfonts|Baekmuk)", path.name):
            found.setdefault(match[1], [path])
    return found


def hidden_fonts_work() -> bool:
    """Whether this place lets a process have mounts of its own."""
    return (
        FONTS.is_dir() and subprocess.run(["unshare", "-rm", "true"], capture_output=True, check=False).returncode == 0
    )


@pytest.mark.parametrize("family", families())
def test_the_fonts_of_the_machine_make_no_difference(tmp_path: Path, family: str):
    assert hidden_fonts_work(), "this test hides the fonts of the machine: it needs unshare -rm (util-linux)"
    for font in families()[family]:
        shutil.copy(font, tmp_path)
    hide = f'mount --bind "$0" {FONTS} && exec "$@"'
    command = ["unshare", "-rm", "sh", "-c", hide, str(tmp_path), sys.executable, "-c", READ]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    asked = json.dumps([octets.hex() for octets in PAGES.values()])
    done = subprocess.run(command, input=asked, capture_output=True, text=True, env=environment, check=True)
    assert json.loads(done.stdout) == [extract(octets).text for octets in PAGES.values()]


def test_no_font_of_the_machine_is_asked_for():
    """What PDFium asks is answered by one font, made here; all of Unicode is in it."""
    pdf.preload()
    assert pdf_fonts._installed
    octets = pdf_fonts.square()
    assert len(octets) < 1_000 and octets[:4] == b"\0\1\0\0"
    from PIL import ImageFont

    font = ImageFont.truetype(io.BytesIO(octets), 100)
    assert {font.getlength(letter) for letter in "a년年\U00020000"} == {100.0}


def test_a_page_is_drawn_with_latin_letters_and_no_boxes():
    """Latin letters of a font that is not there are drawn with PDFium's own, Hangul is told as text."""
    blank = view(page(b""), "application/pdf")
    hangul = view(page(piece("년", *UPRIGHT, 50, 800)), "application/pdf")
    assert blank is not None and hangul is not None
    assert hangul.text == "년" and hangul.pages == blank.pages, "the square draws nothing"
    simple = made.pdf(b"UniKS-UTF16-H", b"", drawn=b"BT /F1 14 Tf 50 800 Td (Hello) Tj ET").replace(
        b"/Type0/BaseFont/Batang/Encoding/UniKS-UTF16-H/DescendantFonts[6 0 R]",
        b"/TrueType/BaseFont/Unknownish/Encoding/WinAnsiEncoding             ",
    )
    latin = view(simple, "application/pdf")
    assert latin is not None and latin.pages != blank.pages
    found = extract(simple)
    assert found is not None and found.text == "Hello"
