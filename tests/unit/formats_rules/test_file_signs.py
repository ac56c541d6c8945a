"""What attached files could do: names, first octets, and what is packed inside."""

import gzip
import io
import tarfile
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.formats_extract import archives
from tests.unit.formats_rules.made_files import documents, encrypted, office, packed, picture, zipped

from smartmail.formats.file_names import ending_of, signs_of_head, signs_of_name
from smartmail.formats.file_signs import LIMITS, dissect
from smartmail.formats.picture_codes import codes_in


def signs(octets: bytes, name: str = "file.bin", media_type: str = "") -> set[str]:
    return {one.sign for one in dissect(octets, media_type, name)}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("setup.exe", {"program"}),
        ("견적서.pdf.exe", {"program", "double"}),
        ("견적서.pdf                    .exe", {"program", "double"}),
        ("invoice.js", {"script"}),
        ("a.lnk", {"shortcut"}),
        ("a.iso", {"image"}),
        ("a.chm", {"help"}),
        ("report.xlsm", {"macro"}),
        ("photo\u202egpj.exe", {"program", "reversed"}),
        ("gpj.\u202eexe", {"program", "reversed"}),
        ("a.e\u200bxe", {"program"}),
        ("a.exe. ", {"program"}),
        ("ａ.ｅｘｅ", {"program"}),
        ("report.v2.pdf", set()),
        ("사진.jpg", set()),
        ("node.js 소개.pptx", set()),
        ("", set()),
    ],
)
def test_names(name, expected):
    assert {one.sign for one in signs_of_name(name)} == expected


@pytest.mark.parametrize(
    ("head", "name", "expected"),
    [
        (b"MZ\x90\0", "a.pdf", {"program", "disguised"}),
        (b"MZ\x90\0", "a.exe", set()),
        (b"MZ\x90\0", "noname", {"program"}),
        (b"L\0\0\0\x01\x14\x02\0", "a.txt", {"shortcut", "disguised"}),
        (b"%PDF-1.7", "a.docx", {"disguised"}),
        (b"%PDF-1.7", "a.pdf", set()),
        (b"PK\x03\x04", "a.docx", set()),
        (b"PK\x03\x04", "a.jpg", {"disguised"}),
        (b"\x89PNG\r\n", "a.jpg", set()),
        (b"{\\rtf1", "a.doc", set()),
        (b"\xd0\xcf\x11\xe0", "a.hwp", set()),
        (b"plain", "a.jpg", set()),
        (b"", "a.exe", set()),
    ],
)
def test_first_octets(head, name, expected):
    assert {one.sign for one in signs_of_head(head, name)} == expected


def test_a_disk_image_is_known_by_its_descriptor():
    assert {one.sign for one in signs_of_head(bytes(32_769) + b"CD001", "a.dat")} == {"image"}


def test_archives():
    assert signs(zipped(readme__txt=b"hello"), "a.zip") == set()
    assert signs(zipped(invoice__exe=b"MZ"), "a.zip") == {"program", "packed-program"}
    assert signs(encrypted("report.txt"), "a.zip") == {"encrypted"}
    assert signs(encrypted("x.js"), "a.zip") == {"encrypted", "script", "packed-program"}
    inner = zipped(x__vbs=b"run")
    for depth in range(3):
        inner = packed({f"{depth}.zip": inner})
    assert signs(inner, "a.zip") >= {"deep", "script", "packed-program"}
    assert signs(gzip.compress(b"MZ" + bytes(100)), "a.gz") >= {"packed-program"}


def test_a_tar_and_archives_that_cannot_be_opened():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo("run.scr")
        info.size = 2
        archive.addfile(info, io.BytesIO(b"MZ"))
    assert signs(out.getvalue(), "a.tar") >= {"program", "packed-program"}
    assert signs(b"Rar!\x1a\x07\x00" + bytes(30) + b"invoice.exe" + bytes(50), "a.rar") == {"opaque", "packed-program"}
    assert signs(b"EGGA" + bytes(100), "a.egg") == {"opaque"}


def test_archives_of_alzip_7_zip_and_rar_are_opened():
    members = {"invoice.exe": b"MZ" + bytes(50), "글.txt": b"x"}
    for made in (archives.alz, archives.egg, archives.rar5, archives.rar4):
        assert signs(made(members), "a.bin") == {"program", "packed-program"}, made.__name__
        assert signs(made(members, encrypted=True), "a.bin") == {"program", "packed-program", "encrypted"}, (
            made.__name__
        )


def test_office_documents():
    assert signs(documents.docx("hello"), "a.docx") == set()
    assert signs(office(**{"word/vbaProject.bin": b"code"}), "a.docm") == {"macro"}
    auto = office(**{"word/vbaProject.bin": b"Sub Auto\x01_Open()"})
    assert signs(auto, "a.docx") == {"macro", "macro-auto"}
    relation = (
        b'<Relationships><Relationship Id="1" Type="http://x/attachedTemplate" Target="http://evil.example/t.dotm" '
        b'TargetMode="External"/></Relationships>'
    )
    assert signs(office(**{"word/_rels/settings.xml.rels": relation}), "a.docx") == {"template"}
    assert signs(documents.compound({"WordDocument": b"x", "Macros/VBA/_VBA_PROJECT": b"y" * 5_000}), "a.doc") == {
        "macro", "opaque",
    }  # fmt: skip
    assert "object" in signs(documents.compound({"Workbook": b"x", "MBD1/\x01Ole10Native": b"y"}), "a.xls")
    assert signs(documents.compound({"EncryptedPackage": b"x" * 5_000}), "a.docx") >= {"encrypted"}


def test_hangul_documents():
    section = documents.hwp_section("안녕하세요")
    assert signs(documents.hwp(section), "a.hwp") == set()
    eps = {"BinData/BIN0001.eps": documents.deflate(b"%!PS-Adobe")}
    assert signs(documents.hwp(section, **eps), "a.hwp") == {"hwp-eps"}
    hidden = {"BinData/BIN0001.dat": documents.deflate(b"%!PS-Adobe")}
    assert signs(documents.hwp(section, **hidden), "a.hwp") == {"hwp-eps"}
    ole = {"BinData/BIN0001.ole": documents.deflate(b"\0\0\0\0" + b"x" * 50)}
    assert signs(documents.hwp(section, **ole), "a.hwp") == {"hwp-ole"}
    code = "var s = new ActiveXObject('WScript.Shell')".encode("utf-16-le")
    script = {"Scripts/DefaultJScript": documents.deflate(code)}
    assert signs(documents.hwp(section, **script), "a.hwp") == {"hwp-script"}
    assert signs(documents.hwp(section, flags=3), "a.hwp") == {"encrypted"}
    hwpx = packed({"mimetype": b"application/hwp+zip", "Contents/content.hpf": b"<x/>", "BinData/image1.eps": b"%!PS"})
    assert signs(hwpx, "a.hwpx") >= {"hwp-eps"}


SECTION = documents.hwp_section("안녕하세요")
ENCRYPTED = '<m:e xmlns:m="m"><m:encryption-data/></m:e>'


def locked_pdf():
    """A PDF whose user password is not the empty one (ISO 32000-1 §7.6.3)."""
    key = b"/Encrypt<</Filter/Standard/V 1/R 2/O<%s>/U<%s>/P -4>>/ID[<00><00>]" % (b"11" * 32, b"22" * 32)
    return documents.pdf(b"Identity-H", b"").replace(b"/Root 1 0 R", b"/Root 1 0 R" + key)


@pytest.mark.parametrize(
    ("octets", "name", "expected"),
    [
        (documents.hwp(SECTION, flags=1 | 16), "drm.hwp", "encrypted"),
        (documents.hwp(SECTION, flags=1 | 256), "certificate.hwp", "encrypted"),
        (documents.hwp(b"\0\0\0\0", flags=1), "damaged.hwp", "opaque"),
        (documents.hwp(SECTION, flags=5, storage="ViewText"), "distribution.hwp", "opaque"),
        (documents.compound({"FileHeader": b"no header"}), "header.hwp", "opaque"),
        (documents.hwp(SECTION)[:600], "cut.hwp", "opaque"),
        (b"HWP Document File V3.00 \x1a\x01" + bytes(200), "1996.hwp", "opaque"),
        (bytes(range(7)) * 90, "noise.hwp", "opaque"),
        (bytes(range(7)) * 90, "noise.7z", "opaque"),
        (documents.hwpx(ENCRYPTED), "password.hwpx", "encrypted"),
        (documents.odt(ENCRYPTED), "password.odt", "encrypted"),
        (documents.word97("비밀", flags=0x0300), "password.doc", "encrypted"),
        (documents.excel97(locked=True), "password.xls", "encrypted"),
        (documents.compound({"PowerPoint Document": b"x", "EncryptedSummary": b"x"}), "password.ppt", "encrypted"),
        (documents.compound({"EncryptedPackage": b"x" * 5_000}), "password.docx", "encrypted"),
        (packed({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w:document"}), "cut.docx", "opaque"),
        (b"PK\x03\x04" + bytes(10), "damaged.zip", "opaque"),
        (b"%PDF-1.4\nplain", "damaged.pdf", "opaque"),
        (locked_pdf(), "password.pdf", "encrypted"),
        (zipped(inner__hwp=documents.hwp(SECTION, flags=3)), "archive.zip", "encrypted"),
        (packed({"inner.pdf": b"%PDF-1.4\nplain"}), "archive.zip", "opaque"),
    ],
)  # fmt: skip
def test_a_document_that_cannot_be_opened_is_told_as_an_archive_is(octets, name, expected):
    assert {"encrypted", "opaque"} & signs(octets, name) == {expected}


@pytest.mark.parametrize(
    ("octets", "name"),
    [
        (documents.hwp(SECTION), "a.hwp"), (documents.hwpx(), "a.hwpx"), (documents.docx("x"), "a.docx"),
        (documents.docx(), "empty.docx"), (documents.xlsx(), "a.xlsx"), (documents.pptx(), "a.pptx"), (documents.odt(), "a.odt"),
        (documents.word97("가나"), "a.doc"), (documents.excel97(), "a.xls"), (documents.powerpoint97("가"), "a.ppt"),
        (documents.pdf(b"Identity-H", b""), "a.pdf"), (zipped(a__txt=b"x"), "a.zip"), (bytes(300), "data.bin"), (b"", "a.hwp"),
        (documents.zipped({}), "empty.zip"),
    ],
)  # fmt: skip
def test_documents_that_open_are_not(octets, name):
    assert not {"encrypted", "opaque"} & signs(octets, name)


def test_pages_pdf_and_rtf():
    assert signs(b"<html><form><input type=password></form></html>", "a.html") == {"html-form"}
    assert signs(b"<svg xmlns='x'><script>1</script></svg>", "a.svg") >= {"html-script"}
    assert signs(b"%PDF-1.4\n1 0 obj <</OpenAction <</S /JavaScript /JS (x)>> >>", "a.pdf") == {"pdf-script", "opaque"}
    assert signs(documents.pdf(b"Identity-H", b"\0\x01"), "a.pdf") == set()
    assert signs(rb"{\rtf1 {\object\objupdate{\*\objdata 0105}}}", "a.doc") >= {"object"}


def test_a_message_in_a_message():
    inner = (
        b"Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
        b'Content-Type: application/octet-stream; name="run.exe"\r\nContent-Transfer-Encoding: base64\r\n\r\nTVqQAA==\r\n--b--\r\n'
    )
    assert signs(inner, "a.eml", "message/rfc822") >= {"program", "packed-program"}


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "BMP", "WEBP"])
def test_codes_in_pictures(form):
    assert codes_in(picture("https://evil.example/x", form)) == ("https://evil.example/x",)


def test_a_picture_without_a_code_and_a_broken_one():
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (200, 200), "red").save(out, "PNG")
    assert codes_in(out.getvalue()) == ()
    assert codes_in(picture("https://evil.example")[:200]) == ()
    assert codes_in(b"\x89PNG\r\n\x1a\nnonsense") == ()


def test_bombs_cost_what_the_bounds_allow():
    begun = time.process_time()
    assert dissect(packed({f"{n}.txt": bytes(20 << 20) for n in range(3)}), "", "a.zip") is not None
    bomb = packed({f"{n}.zip": packed({"zeros.html": bytes(8 << 20)}) for n in range(40)})
    found = signs(bomb, "b.zip")
    assert time.process_time() - begun < 20
    assert "unbounded" in found
    assert LIMITS.unpacked <= 128 << 20


def test_time_that_is_over_ends_it():
    assert "unbounded" in {
        one.sign for one in dissect(zipped(a__zip=zipped(x__txt=b"x")), "", "a.zip", expired=lambda: True)
    }


def test_ten_thousand_members_are_bounded():
    octets = packed({f"{number}.exe": b"MZ" for number in range(3_000)})
    assert len(dissect(octets, "", "a.zip")) <= 40


@settings(deadline=None)
@given(st.binary(max_size=400), st.text(max_size=40))
def test_nothing_raises(octets, name):
    dissect(octets, "", name)
    signs_of_name(name)
    ending_of(name)


@pytest.mark.parametrize(
    "octets",
    [zipped(a__exe=b"MZ"), office(**{"word/vbaProject.bin": b"AutoOpen"}), documents.hwp(documents.hwp_section("가")),
     encrypted("x.js"), documents.compound({"WordDocument": b"x", "Macros/VBA/dir": b"y"})],
    ids=["zip", "office", "hwp", "encrypted", "ole"],
)  # fmt: skip
@settings(deadline=None)
@given(data=st.data())
def test_damaged_files_never_raise(octets, data):
    at = data.draw(st.integers(0, len(octets) - 1))
    cut = data.draw(st.integers(0, len(octets)))
    broken = bytearray(octets)
    broken[at] ^= data.draw(st.integers(1, 255))
    dissect(bytes(broken[:cut]) or bytes(broken), "", "a.bin")
