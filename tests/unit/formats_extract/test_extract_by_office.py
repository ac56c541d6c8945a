"""Documents as LibreOffice writes them (made by tools/office_samples.py from sources of ours): all their words, no others."""

from pathlib import Path

import pytest

from smartmail.formats.extract.reading import extract

FOLDER = Path(__file__).parent / "by_office"
TEXT = "회의자료: 똠방각하 2026년 예산안"
LETTER = [
    "제목 줄", f"{TEXT}\t탭 뒤\n둘째 줄\n", "칸 하나", "칸 둘 會議", "줄 & 끝 😶 𠮷野", "각주 글", "메모 글", "머리말 대외비",
]  # fmt: skip
BOOK = ["예산", "둘째장", TEXT, "1234567", "둘째 줄", "會議 칸", "메모 글"]
SLIDES = [TEXT, "둘째 슬라이드 會議", "발표 노트 1", "발표 노트 2"]
NOISE = ["Click to edit", "___PPT10", "김민지", "DejaVu", "&C", "Err:"]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("w.odt", LETTER), ("w.docx", LETTER), ("w.doc", LETTER), ("w.rtf", LETTER),
        ("c.ods", BOOK), ("c.xlsx", BOOK), ("c.xls", BOOK),
        ("p.odp", SLIDES), ("p.pptx", SLIDES), ("p.ppt.gz", SLIDES),
    ],
)  # fmt: skip
def test_a_document_of_an_office(name, wanted):
    found = extract((FOLDER / name).read_bytes(), "application/octet-stream", name)
    assert found.problem is None
    assert not found.truncated
    # A footnote may stand in the line that it hangs on: then a tab is between them.
    text = found.text.replace("\t각주", "\n\t각주") + "\n"
    assert [piece for piece in wanted if piece not in text] == []
    assert [piece for piece in NOISE if piece in text] == []
