"""What documents say of themselves apart from their text: where security labels stand."""

import io
from pathlib import Path

import pytest
from reportlab.pdfgen import canvas
from tests.unit.formats_extract import documents as made
from tests.unit.formats_extract import more_documents as more

from smartmail.formats.extract.out import MAX_LABELS, THOROUGH_LIMITS
from smartmail.formats.extract.reading import extract

OFFICE = Path(__file__).parent / "by_office"
MSIP = {"MSIP_Label_2fd5_Enabled": "true", "MSIP_Label_2fd5_Name": "대외비"}


def labels(octets, number=0):
    return extract(octets, limits=THOROUGH_LIMITS).files[number].labels


def hwp_with_header(text):
    """A header is a control whose paragraphs lie below it."""
    header = made.hwp_record(71, b"daeh" + bytes(8), 1) + made.hwp_record(66, bytes(24), 2)
    header += made.hwp_record(67, made.hwp_units(text, "\r"), 3)
    return made.hwp(header + made.hwp_section("본문"))


def odt_with(styles, meta):
    return made.zipped({
        "mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<c/>",
        "styles.xml": f'<office:s xmlns:office="o" xmlns:text="t"><text:p>{styles}</text:p></office:s>',
        "meta.xml": f'<m xmlns:meta="m"><meta:user-defined meta:name="등급">{meta}</meta:user-defined></m>',
    })  # fmt: skip


def pdf_with_keywords(words):
    held = io.BytesIO()
    page = canvas.Canvas(held)
    page.setTitle("")
    page.setSubject("")
    page.setKeywords(words)
    page.drawString(100, 700, "x")
    page.save()
    return held.getvalue()


SECTION = (
    '<hs:sec xmlns:hs="s" xmlns:hp="p"><hp:p><hp:run><hp:ctrl><hp:header><hp:subList><hp:p><hp:run><hp:t>대외비</hp:t>'
    "</hp:run></hp:p></hp:subList></hp:header></hp:ctrl><hp:t>본문</hp:t></hp:run></hp:p></hs:sec>"
)

CASES = {
    "docx properties": (
        made.docx("본문", **{"docProps/custom.xml": more.custom_properties(MSIP)}),
        ("MSIP_Label_2fd5_Enabled=true", "MSIP_Label_2fd5_Name=대외비"),
    ),
    "docx header": (
        made.docx("본문", **{"word/header1.xml": made.word_xml("대외비", "둘째 줄")}),
        ("대외비", "둘째 줄"),
    ),
    "docx core": (
        made.docx("본문", **{"docProps/core.xml": "<c><cp:keywords xmlns:cp='k'>CONFIDENTIAL</cp:keywords></c>"}),
        ("keywords=CONFIDENTIAL",),
    ),
    "xlsx header": (made.xlsx(), ("대외비 R&D",)),
    "xls footer": (more.xls("x", footer="&C&12대외비"), ("대외비",)),
    "xls properties": (
        made.compound({"Workbook": b"", more.SUMMARY: more.old_properties(MSIP)}),
        ("MSIP_Label_2fd5_Enabled=true", "MSIP_Label_2fd5_Name=대외비"),
    ),
    "xls properties in unicode": (
        made.compound({"Workbook": b"", more.SUMMARY: more.old_properties(MSIP, page=1_200)}),
        ("MSIP_Label_2fd5_Enabled=true", "MSIP_Label_2fd5_Name=대외비"),
    ),
    "doc header by an office program": ((OFFICE / "w.doc").read_bytes(), ("머리말 대외비",)),
    "odt": (odt_with("대외비", "극비"), ("등급=극비", "대외비")),
    "hwp": (hwp_with_header("대외비"), ("대외비",)),
    "hwpx": (made.zipped({"Contents/content.hpf": "<x/>", "Contents/section0.xml": SECTION}), ("대외비",)),
    "pdf": (pdf_with_keywords("SECRET"), ("Keywords=SECRET",)),
    "none": (made.docx("대외비"), ()),
}


@pytest.mark.parametrize("case", CASES)
def test_labels(case):
    octets, wanted = CASES[case]
    assert labels(octets) == wanted


def test_labels_are_those_of_their_file():
    octets = made.zipped({"a.docx": CASES["docx header"][0], "b.txt": "x"})
    assert (labels(octets, 1), labels(octets, 2)) == (("대외비", "둘째 줄"), ())


def test_labels_are_bounded():
    many = more.custom_properties({f"name {number}": "x" * 1_000 for number in range(100)})
    found = labels(made.docx("x", **{"docProps/custom.xml": many}))
    assert len(found) == MAX_LABELS
    assert max(map(len, found)) == 200


def test_search_has_none():
    assert extract(CASES["docx header"][0]).files == ()
