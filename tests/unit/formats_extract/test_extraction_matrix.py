"""One resident number in every kind of file that mail carries, alone and in archives one to five deep: it is found, or the
reason why not is told.

The samples are made here, by libraries (openpyxl, xlsxwriter, reportlab) or, where these differ, by the programs themselves
(by_office, by_archivers).
"""

import base64
import bz2
import gzip
import io
import lzma
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from reportlab.pdfgen import canvas
from tests.unit.formats_extract import archives, more_documents
from tests.unit.formats_extract import documents as made

from smartmail.formats.extract.out import THOROUGH_LIMITS
from smartmail.formats.extract.reading import extract

NUMBER = "900101-1234568"
LINE = f"주민등록번호 {NUMBER} 홍길동"
ARCHIVERS = Path(__file__).parent / "by_archivers"


def xlsx_by_a_library():
    held = io.BytesIO()
    book = xlsxwriter.Workbook(held, {"in_memory": True})
    book.add_worksheet("보이는 장").write("A1", "x")
    hidden = book.add_worksheet("숨긴 장")
    hidden.write("B2", LINE)
    hidden.hide()
    book.close()
    return held.getvalue()


def xlsx_with(what):
    held = io.BytesIO()
    book = xlsxwriter.Workbook(held, {"in_memory": True})
    sheet = book.add_worksheet()
    if what == "comment":
        sheet.write_comment("A1", LINE)
    elif what == "formula":
        sheet.write_formula("A1", '="900101-"&"1234568"', None, NUMBER)
    elif what == "box":
        sheet.insert_textbox("A1", LINE)
    elif what == "footer":
        sheet.set_footer("", {})
        sheet.set_footer(f"&C{LINE}")
    else:
        book.set_custom_property("담당", LINE)
    book.close()
    return held.getvalue()


def pdf_with_a_note():
    note = b"/Annots[<</Type/Annot/Subtype/Text/Rect[0 0 20 20]/Contents(" + NUMBER.encode() + b")>>]"
    return made.pdf(b"KSCms-UHC-H", b"x").replace(b"/Contents 4 0 R>>", b"/Contents 4 0 R" + note + b">>")


def pdf_by_a_library(*, field=False):
    held = io.BytesIO()
    page = canvas.Canvas(held)
    if field:
        page.drawString(100, 700, "x")
        page.acroForm.textfield(name="n", value=NUMBER, x=100, y=600, width=200, height=20)
    else:
        page.drawString(100, 700, f"RRN {NUMBER}")
    page.save()
    return held.getvalue()


def mail(body=b"", name="a.bin"):
    return (
        b"From: a@b.example\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n"
        b"Content-Type: application/octet-stream; name=" + name.encode() + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64.encodebytes(body) + b"\r\n--x--\r\n"
    )  # fmt: skip


def slides():
    slide = '<p:sld xmlns:p="p" xmlns:a="a"><a:p><a:r><a:t>{}</a:t></a:r></a:p></p:sld>'
    return made.zipped({
        "[Content_Types].xml": "<Types/>", "ppt/presentation.xml": "<p/>", "ppt/slides/slide1.xml": slide.format("x"),
        "ppt/notesSlides/notesSlide1.xml": slide.format(LINE),
    })  # fmt: skip


def odf(kind):
    content = f'<office:c xmlns:office="o" xmlns:text="t"><text:p>{LINE}</text:p></office:c>'
    return made.zipped({"mimetype": f"application/vnd.oasis.opendocument.{kind}", "content.xml": content})


def msg(inner=None):
    streams = {"__properties_version1.0": b"x", "__substg1.0_1000001F": LINE.encode("utf-16-le")}
    if inner is not None:
        streams = {"__properties_version1.0": b"x", "__attach_version1.0_#00000000/__substg1.0_37010102": inner}
    return made.compound(streams)


KINDS = {
    "txt utf-8": LINE.encode(),
    "txt utf-8 marked": LINE.encode("utf-8-sig"),
    "txt cp949": LINE.encode("cp949"),
    "txt utf-16": LINE.encode("utf-16"),
    "txt utf-16 unmarked": (LINE * 3).encode("utf-16-le"),
    "txt utf-16 big": b"\xfe\xff" + LINE.encode("utf-16-be"),
    "txt utf-7": LINE.encode("utf-7"),
    "txt utf-7 veiled": b"+ADkAMAAwADEAMAAxAC0AMQAyADMANAA1ADYAOA-",
    "txt iso-2022-kr": LINE.encode("iso2022_kr"),
    "html": "<html><body><p>900101<b>-1234568</b></p><!-- --></body></html>".encode(),
    "html entities": b"<html><p>900101&#45;1234568</p></html>",
    "csv": f"이름,번호\r\n홍길동,{NUMBER}\r\n".encode("cp949"),
    "rtf": rb"{\rtf1\ansi\ansicpg949 900101\'2d1234568\par}",
    "rtf object": more_documents.rtf_with_object(made.docx(LINE)),
    "doc": made.word97(LINE),
    "doc object": more_documents.old_with_object(made.docx(LINE)),
    "docx": made.docx(LINE),
    "docx runs": made.docx("900101</w:t></w:r><w:r><w:t>-1234568"),
    "docm": made.docx(LINE, **{"word/vbaProject.bin": b"x"}),
    "docx footer": made.docx("x", **{"word/footer1.xml": made.word_xml(LINE)}),
    "docx comment": made.docx("x", **{"word/comments.xml": made.word_xml(LINE)}),
    "docx property": made.docx("x", **{"docProps/custom.xml": more_documents.custom_properties({"담당": LINE})}),
    "docx core": made.docx("x", **{"docProps/core.xml": f"<c><dc:title xmlns:dc='d'>{LINE}</dc:title></c>"}),
    "docx package": made.docx("x", **{"word/embeddings/oleObject1.bin": more_documents.ole_package("a.txt", LINE.encode())}),
    "docx stowaway": made.docx("x", **{"word/media/note.dat": made.zipped({"a.txt": LINE})}),
    "docx part elsewhere": made.docx("x", **{"other/story.xml": made.word_xml(LINE)}),
    "xls": more_documents.xls(LINE),
    "xls comment": more_documents.xls("x", comment=LINE),
    "xls footer": more_documents.xls("x", footer=LINE),
    "xlsx hidden": xlsx_by_a_library(),
    **{f"xlsx {what}": xlsx_with(what) for what in ("comment", "formula", "box", "footer", "property")},
    "xlsb": more_documents.xlsb(LINE),
    "xlsb inline": more_documents.xlsb("x", inline=LINE),
    "xlsb formula": more_documents.xlsb("x", formula=NUMBER),
    "xlsb comment": more_documents.xlsb("x", comment=LINE),
    "ppt": made.powerpoint97(LINE),
    "pptx notes": slides(),
    "pdf": pdf_by_a_library(),
    "pdf korean": made.pdf(b"KSCms-UHC-H", LINE.encode("cp949")),
    "pdf field": pdf_by_a_library(field=True),
    "pdf note": pdf_with_a_note(),
    "hwp": made.hwp(made.hwp_section(LINE)),
    "hwp plain": made.hwp(made.hwp_section(LINE), flags=0),
    "hwp distribution": more_documents.hwp_distribution(LINE),
    "hwpx": made.hwpx(),
    "odt": odf("text"),
    "ods": odf("spreadsheet"),
    "odp": odf("presentation"),
    "eml": f"Subject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{LINE}\r\n".encode(),
    "eml attachment": mail(made.docx(LINE)),
    "eml subject": b"From: a@b.example\r\nSubject: =?euc-kr?B?" + base64.b64encode(LINE.encode("cp949")) + b"?=\r\n\r\nx\r\n",
    "msg": msg(),
    "msg attachment": msg(made.docx(LINE)),
    "zip cp949 names": made.zip_with_raw_name("똠방 계획.txt".encode("cp949"), LINE.encode("cp949")),
    "zip name": made.zipped({f"{NUMBER}.bin": b""}),
    "zip behind a program": b"MZ" + bytes(300) + made.zipped({"a.txt": LINE}),
    "zip behind a picture": b"\xff\xd8\xff\xe0" + bytes(300) + made.zipped({"a.txt": LINE}),
    "zip of a program": made.zipped({"setup.exe": b"MZ" + bytes(300) + made.zipped({"a.txt": LINE})}),
    "egg behind a program": b"MZ" + bytes(300) + archives.egg({"a.txt": LINE.encode()}),
    "7z": (ARCHIVERS / "lzma2.7z").read_bytes(),
    "7z behind a program": b"MZ" + bytes(300) + (ARCHIVERS / "lzma.7z").read_bytes(),
    "rar4": archives.rar4({"a.txt": LINE.encode()}),
    "rar5": archives.rar5({"a.txt": LINE.encode()}),
    "tar": archives.tarred({"a.txt": LINE.encode()}),
    "tar.gz": gzip.compress(archives.tarred({"a.txt": LINE.encode()})),
    "gz": gzip.compress(LINE.encode()),
    "bz2": bz2.compress(LINE.encode()),
    "xz": lzma.compress(LINE.encode()),
    "alz": archives.alz({"똠방.txt": LINE.encode("cp949")}),
    "alz bzip2": archives.alz({"a.txt": LINE.encode()}, method=1),
    "egg": archives.egg({"똠방.txt": LINE.encode("cp949")}, locale=949),
    "egg lzma": archives.egg({"a.txt": LINE.encode()}, method=4),
    "signed message": more_documents.signed_message(f"Subject: x\r\n\r\n{LINE}".encode()),
    "mbox": b"From a@b.example Thu Jan  1 00:00:00 2026\n" + mail(made.docx(LINE)).replace(b"\r\n", b"\n"),
}  # fmt: skip

PROBLEMS = {
    "zip encrypted": ((ARCHIVERS / "zipcrypto.zip").read_bytes(), "encrypted"),
    "zip aes": ((ARCHIVERS / "aes.zip").read_bytes(), "encrypted"),
    "7z aes": ((ARCHIVERS / "aes.7z").read_bytes(), "encrypted"),
    "7z aes names": ((ARCHIVERS / "aes-names.7z").read_bytes(), "encrypted"),
    "7z ppmd": ((ARCHIVERS / "ppmd.7z").read_bytes(), "unsupported"),
    "rar5 packed": (archives.rar5({"a.txt": b"x"}, method=3), "unsupported"),
    "rar encrypted": (archives.rar4({"a.txt": b"x"}, encrypted=True), "encrypted"),
    "alz encrypted": (archives.alz({"a.txt": b"x"}, encrypted=True), "encrypted"),
    "egg azo": (archives.egg({"a.txt": b"x"}, method=3), "unsupported"),
    "egg encrypted": (archives.egg({"a.txt": b"x"}, encrypted=True), "encrypted"),
    "office password": (made.compound({"EncryptedPackage": b"x" * 100}), "encrypted"),
    "xls password": (made.excel97(locked=True), "encrypted"),
    "doc password": (made.word97("x", flags=0x0300), "encrypted"),
    "hwp password": (made.hwp(b"", flags=3), "encrypted"),
    "hwp 3": (b"HWP Document File V3.00 \x1a\x01\x02\x03\x04\x05" + bytes(200), "unsupported"),
    "pdf of pictures": (made.pdf(b"KSCms-UHC-H", b"", drawn=b"0 0 m 100 100 l S"), "pictures"),
    "enveloped message": (bytes.fromhex("3080") + bytes.fromhex("06092a864886f70d010703") + bytes(90), "encrypted"),
    "pgp": (b"-----BEGIN PGP MESSAGE-----\n\nwcBMA\n-----END PGP MESSAGE-----\n", "encrypted"),
    "unknown octets": (bytes(range(256)) * 4, "unsupported"),
    "cabinet": (b"MSCF" + bytes(100), "unsupported"),
    "disk image": (bytes(32_769) + b"CD001" + bytes(100), "unsupported"),
    "zip cut": (made.zipped({"a.txt": "x" * 50})[:60], "damaged"),
}


def all_text(octets, name="file.bin"):
    found = extract(octets, "application/octet-stream", name, limits=THOROUGH_LIMITS)
    return "\n".join(
        (*(one.text for one in found.files), *(label for one in found.files for label in one.labels))
    ), found


def zipped(octets, name):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, octets)
    return held.getvalue()


LAYERS = {
    1: lambda octets: zipped(octets, "안.bin"),
    2: lambda octets: archives.alz({"안.bin": octets}),
    3: lambda octets: archives.egg({"안.bin": octets}),
    4: lambda octets: mail(octets),
    5: lambda octets: archives.tarred({"안.bin": octets}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_number_is_found(kind):
    text, found = all_text(KINDS[kind])
    assert NUMBER in text.replace("900101-1234567", NUMBER if kind == "hwpx" else "")
    assert found.problem is None


@pytest.mark.parametrize("depth", range(1, 5))
@pytest.mark.parametrize("kind", KINDS)
def test_the_number_is_found_inside_of_archives(kind, depth):
    octets = KINDS[kind]
    for number in range(1, depth + 1):
        octets = LAYERS[number](octets)
    text, found = all_text(octets)
    assert NUMBER in text.replace("900101-1234567", NUMBER if kind == "hwpx" else "") or (
        depth == 4 and found.problem == "limits"  # of what is two deep by itself
    )


@pytest.mark.parametrize("kind", ["txt cp949", "docx", "xlsb", "hwp", "hwp distribution", "pdf", "eml", "msg"])
def test_the_number_is_found_five_deep(kind):
    octets = KINDS[kind]
    for number in range(1, 6):
        octets = LAYERS[number](octets)
    assert NUMBER in all_text(octets)[0]


@pytest.mark.parametrize("kind", PROBLEMS)
def test_what_cannot_be_looked_into_is_told(kind):
    octets, problem = PROBLEMS[kind]
    assert extract(octets, limits=THOROUGH_LIMITS).problem == problem
    for number in range(1, 4):
        octets = LAYERS[number](octets)
    found = extract(octets, limits=THOROUGH_LIMITS)
    assert (found.problem, [one.problem for one in found.files if one.problem][-1]) == (problem, problem)


def test_the_preview_of_a_document_that_cannot_be_opened_is_read():
    octets = made.hwp(b"", flags=4, storage="ViewText", PrvText=LINE.encode("utf-16-le"))
    text, found = all_text(octets)
    assert NUMBER in text
    assert found.problem == "locked"


def test_a_matrix_has_its_kinds():
    """What the names of kinds are, for rules: by octets."""
    wanted = {
        "doc": "doc", "docx": "docx", "docm": "docm", "xls": "xls", "xlsx hidden": "xlsx", "xlsb": "xlsb", "ppt": "ppt",
        "pptx notes": "pptx", "pdf": "pdf", "hwp": "hwp", "hwpx": "hwpx", "odt": "odt", "ods": "ods", "odp": "odp", "msg": "msg",
        "eml": "message", "zip name": "zip", "7z": "7z", "rar5": "rar", "alz": "alz", "egg": "egg", "tar": "tar", "gz": "gzip",
        "rtf": "rtf", "html": "html", "csv": "text", "zip behind a picture": "jpeg", "zip behind a program": "exe",
    }  # fmt: skip
    assert {kind: all_text(KINDS[kind])[1].files[0].kind for kind in wanted} == wanted


@pytest.mark.parametrize("path", sorted((Path(__file__).parent / "by_office").iterdir()), ids=lambda path: path.name)
def test_documents_of_an_office_program_have_no_problem(path):
    """What is held because it cannot be looked into must be rare: nothing of these is."""
    found = extract(path.read_bytes(), name=path.name, limits=THOROUGH_LIMITS)
    assert [(one.name, one.problem) for one in found.files if one.problem] == []


def test_documents_of_hangul_have_no_problem():
    folder = Path(__file__).parent / "by_hangul"
    told = {path.name: extract(path.read_bytes(), limits=THOROUGH_LIMITS).problem for path in folder.glob("*.hwp")}
    assert {name for name, problem in told.items() if problem} == {
        "sample-sample-1.hwp"
    }  # an object of another program
