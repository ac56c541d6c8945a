"""Each kind of document gives exactly its text; what is protected, cut or unknown is told."""

import base64
import bz2
import gzip
import io
import lzma
import struct
import tarfile

import pytest
from tests.unit.formats_extract import documents as made
from tests.unit.formats_extract.documents import TEXT

from smartmail.formats.extract.hwp import distribution_key
from smartmail.formats.extract.out import DEFAULT_LIMITS, Limits, Out
from smartmail.formats.extract.pdf_lines import joined
from smartmail.formats.extract.reading import extract
from smartmail.formats.extract.rtf_packed import unpack
from smartmail.formats.extract.zip_archive import Archive


def text_of(octets, media_type="", name="", **limits):
    found = extract(octets, media_type, name, limits=Limits(**limits))
    assert found.problem is None
    assert not found.truncated
    return found.text


# --- HWP 5 ---------------------------------------------------------------------------------------------------------


def test_hwp_paragraphs_in_the_order_of_sections():
    octets = made.hwp(*[made.hwp_section(f"구역 {n} {TEXT}") for n in range(12)])
    assert text_of(octets) == "\n".join(f"구역 {n} {TEXT}" for n in range(12))


def test_hwp_controls_and_what_they_carry_are_no_text():
    section = made.hwp_section(
        made.hwp_units(2, 2, "앞", 11, "뒤", 9, "탭", "\n", "줄\x18표\x1e칸\x1f", 3, "링크", 4, "𠮷野", "\r")
    )
    assert text_of(made.hwp(section)) == "앞뒤\t탭\n줄-표 칸 링크𠮷野"


def test_hwp_long_records_and_plain_sections():
    long = "가나다라마바사 " * 2_000
    assert text_of(made.hwp(made.hwp_section(long, "끝"), flags=0)) == f"{long}\n끝"


def test_hwp_equations():
    script = "a over b"
    record = made.hwp_record(88, struct.pack("<IH", 0, len(script)) + script.encode("utf-16-le") + bytes(8), 2)
    assert text_of(made.hwp(made.hwp_section("식") + record)) == f"식\n{script}"


def test_hwp_embedded_documents():
    inner = made.excel97()
    octets = made.hwp(made.hwp_section("표"), **{"BinData/BIN0001.OLE": made.deflate(bytes(4) + inner)})
    assert text_of(octets) == "표\n시트\n시작abc\t3.5\n42\t끝말"


@pytest.mark.parametrize("flag", [2, 16, 256, 1024])
def test_hwp_with_a_password_or_drm(flag):
    found = extract(made.hwp(made.hwp_section(TEXT), flags=1 | flag))
    assert (found.text, found.problem) == ("", "encrypted")


def distributed(section, seed=0x1234567):
    """A section as Hancom locks it: key record, then AES-128 in ECB mode over the compressed text."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    data = struct.pack("<I", seed) + bytes(range(252))
    packed = made.deflate(section)
    packed += bytes(-len(packed) % 16)
    cipher = Cipher(algorithms.AES(distribution_key(data)), modes.ECB()).encryptor()
    return made.hwp_record(28, data) + cipher.update(packed)


def test_hwp_distribution_document():
    octets = made.hwp(distributed(made.hwp_section(TEXT, "둘째")), flags=4, storage="ViewText")
    # The sections are compressed before they are locked, so the flag is set without `hwp` compressing them again.
    octets = octets.replace(struct.pack("<II", 0x05000300, 4), struct.pack("<II", 0x05000300, 5))
    assert text_of(octets) == f"{TEXT}\n둘째"


def test_hwp_distribution_key_by_hand():
    """The veil of the C library of Windows: seed 1 gives 41, 18467, 6334, 26500, … as everyone knows."""
    data = struct.pack("<I", 1) + bytes(252)
    numbers = [41, 18467, 6334, 26500, 19169, 15724, 11478, 29358]
    veils = b"".join(bytes([veil & 0xFF]) * ((run & 15) + 1) for veil, run in zip(*[iter(numbers)] * 2, strict=True))
    assert distribution_key(data) == veils[5:21]


def test_hwp_that_cannot_be_opened_gives_its_preview():
    preview = {"PrvText": TEXT.encode("utf-16-le")}
    locked = extract(made.hwp(b"?" * 400, flags=4, storage="ViewText", **preview))
    assert (locked.text, locked.problem) == (TEXT, "locked")
    damaged = extract(made.hwp(b"", flags=0, **preview))
    assert (damaged.text, damaged.problem) == (TEXT, "damaged")


def test_hwp_3_is_told_as_unsupported():
    assert extract(b"HWP Document File V3.00 \x1a\x01\x02" + bytes(200)).problem == "unsupported"


def test_hwp_cut_in_a_section_keeps_what_came_before():
    section = made.deflate(made.hwp_section(*[f"{TEXT} {n * 7919 % 1009}" for n in range(2_000)]))
    octets = made.hwp(section[: len(section) // 2], flags=0)
    octets = octets.replace(struct.pack("<II", 0x05000300, 0), struct.pack("<II", 0x05000300, 1))
    found = extract(octets)
    assert found.problem == "damaged"
    assert found.text.startswith(f"{TEXT} 0\n{TEXT} 856\n")
    assert 500 < found.text.count("\n") < 1_500


# --- XML in ZIP -----------------------------------------------------------------------------------------------------


def test_hwpx():
    text = text_of(made.hwpx())
    assert text == "\n".join(f"{t}\t탭\n줄\n칸 900101-1234567" for t in (TEXT, "둘째", "열째")).replace(
        "7\n둘", "7\n\n둘"
    ).replace("7\n열", "7\n\n열")


@pytest.mark.parametrize("make", [made.hwpx, made.odt])
def test_manifest_says_encrypted(make):
    found = extract(make('<m:e xmlns:m="m"><m:encryption-data/></m:e>'))
    assert (found.text, found.problem) == ("", "encrypted")


def test_docx():
    header = made.word_xml("머리말").replace("document", "hdr")
    text = text_of(made.docx(TEXT, "둘째 &amp; 셋째", **{"word/header1.xml": header}))
    assert text == f"{TEXT}\n둘째 & 셋째\n머리말"


def test_docx_marks_and_what_is_written_twice():
    body = (
        f"<w:document {made._W} xmlns:mc='mc'><w:p><w:r><w:t>가</w:t><w:tab/><w:t>나</w:t><w:br/><w:t>다</w:t></w:r>"
        "<mc:AlternateContent><mc:Choice><w:t>상자</w:t></mc:Choice><mc:Fallback><w:t>상자</w:t></mc:Fallback>"
        "</mc:AlternateContent><w:instrText>PAGE</w:instrText></w:p></w:document>"
    )
    octets = made.zipped({"[Content_Types].xml": "<T/>", "word/document.xml": body})
    assert text_of(octets) == "가\t나\n다상자"


def test_docx_with_a_workbook_inside():
    octets = made.docx("겉", **{"word/embeddings/sheet1.xlsx": made.xlsx()})
    assert "안에 쓴 글\t식의 값" in text_of(octets)


def test_xlsx():
    assert text_of(made.xlsx()) == (
        f"예산\n숨은장\n{TEXT}\t1234567\n안에 쓴 글\t식의 값\tTRUE\n대외비 R&D\n부서별\n아무도 안 씀\n메모 글"
    )


def test_pptx():
    assert text_of(made.pptx()) == f"슬라이드 1\n슬라이드 2\n슬라이드 10\n{TEXT}"


def test_odt():
    assert text_of(made.odt()) == f"제목\n{TEXT}   끝\t탭\n각주\n뒤\n메모\n\n표일\n칸\n\n머리말"


def test_office_document_with_a_password():
    assert extract(made.compound({"EncryptedPackage": b"x" * 5_000})).problem == "encrypted"


def test_a_damaged_part_costs_no_other():
    octets = made.docx(TEXT, **{"word/header1.xml": "<w:p><w:t>머리", "word/footer1.xml": made.word_xml("꼬리말")})
    found = extract(octets)
    assert TEXT in found.text
    assert "꼬리말" in found.text
    assert found.problem == "damaged"


# --- older Office, Outlook -------------------------------------------------------------------------------------------


def test_word_97():
    assert text_of(made.word97("한글 \x13HYPERLINK x\x14링크\x15\r칸\x07끝\r")) == "Budget\n한글 링크\n칸\t끝"
    assert extract(made.word97("x", flags=0x0300)).problem == "encrypted"


def test_powerpoint_97():
    assert text_of(made.powerpoint97("제목", TEXT, unseen=("Click to edit", "___PPT10"))) == f"제목\n{TEXT}"


def test_excel_97():
    assert text_of(made.excel97()) == "시트\n시작abc\t3.5\n42\t끝말"
    assert extract(made.excel97(locked=True)).problem == "encrypted"


def test_msg():
    octets = made.compound(
        {
            "__properties_version1.0": bytes(32),
            "__substg1.0_0037001F": "제목".encode("utf-16-le"),
            "__substg1.0_0C1A001F": "김민지".encode("utf-16-le"),
            "__substg1.0_1000001F": TEXT.encode("utf-16-le"),
            "__attach_version1.0_#00000000/__substg1.0_3707001F": "붙임.docx".encode("utf-16-le"),
            "__attach_version1.0_#00000000/__substg1.0_37010102": made.docx("붙임 글"),
            "__attach_version1.0_#00000001/__substg1.0_3701000D/__substg1.0_0037001F": "안 제목".encode("utf-16-le"),
        }
    )
    found = extract(octets)
    assert found.text == f"김민지\n제목\n{TEXT}\n붙임.docx\n붙임 글\n\n안 제목".replace("\n\n안", "\n안")
    assert found.parts == ("붙임.docx",)


def test_tnef():
    packed = struct.pack("<II4sI", 0, 40, b"MELA", 0) + rb"{\rtf1\ansi\ansicpg949 \'c7\'d1\'b1\'db}"
    octets = made.tnef(
        (
            0x00069003,
            made.mapi((0x001F, 0x0037, "제목\0".encode("utf-16-le")), (3, 0x0E07, bytes(4)), (0x0102, 0x1009, packed)),
        ),
        (0x00069002, bytes(14)),
        (0x00018010, "붙임.txt\0".encode("cp949")),
        (0x0006800F, TEXT.encode()),
    )
    found = extract(octets, name="winmail.dat")
    assert found.text == f"제목\n한글\n붙임.txt\n{TEXT}"
    assert found.parts == ("붙임.txt",)


def test_packed_rtf_of_the_specification():
    """[MS-OXRTFCP] §4.1.1, its own example."""
    packed = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    )
    out = Out(DEFAULT_LIMITS, None, lambda: False)
    assert unpack(out, packed) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"


# --- PDF ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "codec", "ordering", "text"),
    [
        (b"KSCms-UHC-H", "cp949", b"Korea1", TEXT),
        (b"KSC-EUC-H", "euc-kr", b"Korea1", "회의자료 예산안"),
        (b"UniKS-UTF16-H", "utf-16-be", b"Korea1", TEXT),
        (b"90ms-RKSJ-H", "cp932", b"Japan1", "会議資料テスト"),
        (b"GBK-EUC-H", "gbk", b"GB1", "会议资料测试"),
        (b"ETen-B5-H", "big5", b"CNS1", "會議資料測試"),
    ],
)
def test_pdf_with_a_predefined_cmap(encoding, codec, ordering, text):
    assert text_of(made.pdf(encoding, text.encode(codec), ordering)) == text


def test_pdf_with_to_unicode():
    letters = dict.fromkeys(TEXT)
    codes = {letter: 0x100 + number for number, letter in enumerate(letters)}
    octets = b"".join(struct.pack(">H", codes[letter]) for letter in TEXT)
    mapping = made.to_unicode([(code, letter) for letter, code in codes.items()])
    assert text_of(made.pdf(b"Identity-H", octets, b"Identity", to_unicode=mapping)) == TEXT


@pytest.mark.parametrize(
    ("gap", "text"),
    [(0.0, "2026년3부"), (0.2, "2026년3부"), (0.25, "2026년3부"), (0.4, "2026 년 3 부"), (1.0, "2026 년 3 부")],
)
def test_pdf_letters_that_were_moved_a_little_away_from_hangul(gap, text):
    """Word processors part Latin and Hangul by a fifth to a quarter of the size: that is no space."""
    wide = lambda piece: piece.encode("utf-16-be")  # noqa: E731
    more = [(14 * (4 + gap), wide("년")), (14 * (1 + gap), wide("3")), (14 * (1 + gap), wide("부"))]
    octets = made.pdf(b"UniKS-UTF16-H", wide("2026"), more=more)
    assert text_of(octets) == text


@pytest.mark.parametrize(
    ("page", "text"),
    [
        # The space at the end of one line shows that the other was cut inside a word.
        (
            "올해 사업 계획과 내년 \r\n예산의 개요를 설명하는 회\r\n의자료입니다",
            "올해 사업 계획과 내년 \r\n예산의 개요를 설명하는 회의자료입니다",
        ),
        # Nothing shows it.
        ("예산의 개요를 설명하는 회\r\n의자료입니다", None),
        # A heading, the end of a paragraph.
        ("개요\r\n올해 사업 계획과 내년 \r\n예산안\r\n둘째 문단은 이렇게 시작한다", None),
        # Latin and digits are never joined.
        ("올해 사업 계획과 내년 \r\n예산의 개요를 설명하는 AB\r\nCD 자료", None),
        # Han and Kana have no spaces between words.
        ("会議資料のテストで\r\nあることを示す", "会議資料のテストであることを示す"),
        ("議題\r\n会議資料のテスト", None),
        ("", None),
        ("\r\n\r\n", None),
        ("a b\r\nc", None),
    ],
)
def test_pdf_words_that_a_line_end_cut(page, text):
    assert joined(page) == (page if text is None else text)


def test_pdf_that_is_none():
    assert extract(b"%PDF-1.7\nnothing follows").problem == "damaged"


# --- RTF ------------------------------------------------------------------------------------------------------------


def rtf_octets(text):
    return "".join(f"\\'{octet:02x}" for octet in text.encode("cp949"))


def test_rtf_in_code_page_949():
    assert text_of(rf"{{\rtf1\ansi\ansicpg949 {rtf_octets(TEXT)}\par b\tab c}}".encode()) == f"{TEXT}\nb\tc"


def test_rtf_unicode_with_its_fallback():
    coded = "".join(f"\\u{ord(c)}{rtf_octets(c)}" if ord(c) > 127 else c for c in TEXT)
    assert text_of(rf"{{\rtf1\ansi\ansicpg949\uc2 {coded}\u-10179 ??\u-8650 ??}}".encode()) == f"{TEXT}😶"


def test_rtf_code_page_of_the_font():
    source = rf"{{\rtf1\ansi\ansicpg1252{{\fonttbl{{\f0\fcharset0 Arial;}}{{\f1\fcharset129 Batang;}}}}\f0 caf\'e9 {{\f1 {rtf_octets('한글')}}} \'e9}}"
    assert text_of(source.encode()) == "café 한글 é"


def test_rtf_hidden_groups_and_pictures():
    source = (
        rb"{\rtf1{\fonttbl{\f0 Font;}}{\stylesheet{\s0 Style;}}{\*\generator G;}{\info{\title T}}"
        rb"{\pict\pngblip 89504e47}{\pict\bin5 {}\{}\}}a\{b\}\\c{\field{\*\fldinst HYPERLINK x}{\fldrslt link}}\~d\_e}"
    )
    assert text_of(source) == "a{b}\\clink d-e"


# --- text, HTML, XML, mail ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "cp949", "utf-16", "utf-16-le", "utf-16-be"])
def test_text_files_in_all_charsets(codec):
    text = f"{TEXT}\r\nsecond line in ASCII, long enough\r\n"
    assert text_of(text.encode(codec), name="a.txt") == f"{TEXT}\nsecond line in ASCII, long enough"


@pytest.mark.parametrize(
    ("codec", "text"),
    [
        ("euc-kr", "회의자료 예산안"),
        ("iso2022_kr", "회의자료 예산안"),
        ("iso2022_jp", "会議資料テスト"),
        ("iso2022_jp", "ASCII 会議"),
    ],
)
def test_text_files_in_charsets_that_tell_themselves(codec, text):
    assert text_of(text.encode(codec), name="a.txt") == text
    assert text_of(text.encode(codec), "text/plain", "a") == text


def test_html_with_its_own_charset():
    page = f"<html><head><meta charset='euc-kr'><style>x{{}}</style></head><body><p>{TEXT}<script>no()</script></p></body></html>"
    assert text_of(page.encode("cp949")) == TEXT
    assert text_of(page.encode("utf-8"), name="a.html") == TEXT


def test_xml_without_entities():
    assert text_of(f"<?xml version='1.0'?><a><p>{TEXT}</p><p>b</p></a>".encode()) == f"{TEXT}\nb"


def test_a_message_with_all_in_it():
    inner = made.zipped({"안.hwpx": made.hwpx()})
    message = (
        "From: =?utf-8?B?6rmA66+87KeA?= <kim@example.com>\r\nSubject: =?euc-kr?B?yLjAxw==?=\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        f"{TEXT}\r\n--x\r\nContent-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        f"{base64.encodebytes(inner).decode()}\r\n--x\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ndeep\r\n--x--\r\n"
    ).encode()
    found = extract(message, "message/rfc822")
    assert found.problem is None
    assert found.parts == ("a.zip", "안.hwpx")
    for piece in ("김민지", "회의", TEXT, "칸 900101-1234567", "inner", "deep"):
        assert piece in found.text


# --- archives -------------------------------------------------------------------------------------------------------


def test_zip_names_and_texts():
    found = extract(
        made.zipped({"폴더/": "", "폴더/회의.docx": made.docx(TEXT), "그림.png": b"\x89PNG\r\n", "b.txt": "나"})
    )
    assert found.text == f"폴더/회의.docx\n{TEXT}\n그림.png\nb.txt\n나"
    assert found.parts == ("폴더/회의.docx", "그림.png", "b.txt")


def test_zip_names_of_korean_windows():
    found = extract(made.zip_with_raw_name("똠방 계획.txt".encode("cp949"), TEXT.encode("cp949")))
    assert found.text == f"똠방 계획.txt\n{TEXT}"


def test_zip_three_deep_and_not_four():
    def nest(depth):
        content = made.docx(TEXT)
        name = "a.docx"
        for number in range(depth):
            content, name = made.zipped({name: content}), f"{number}.zip"
        return content

    assert TEXT in text_of(nest(3))
    deeper = extract(nest(4))
    assert TEXT not in deeper.text
    assert "a.docx" not in deeper.text or deeper.truncated
    assert deeper.problem == "limits"


def test_zip_with_a_locked_member_and_an_open_one():
    found = extract(made.zip_with_raw_name(b"a.txt", b"secret", flags=1))
    assert (found.text, found.problem) == ("a.txt", "encrypted")


def test_zip_without_its_directory():
    octets = made.zipped({"a.txt": TEXT, "b.txt": "나" * 50})
    found = extract(octets[: octets.index(b"PK\x01\x02")])
    assert found.text == f"a.txt\n{TEXT}\nb.txt\n{'나' * 50}"
    assert found.problem == "damaged"


def test_zip_behind_a_stub_that_unpacks_itself():
    octets = made.zipped({"a.txt": TEXT})
    assert [member.name for member in Archive(b"MZ" + bytes(100) + octets).members] == ["a.txt"]


def test_single_packed_files_and_tar():
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, text in ((f"{'긴이름' * 30}.txt", TEXT), ("b.txt", "나")):
            entry = tarfile.TarInfo(name)
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    tar = held.getvalue()
    want = f"{'긴이름' * 30}.txt\n{TEXT}\nb.txt\n나"
    assert text_of(tar) == want
    assert text_of(gzip.compress(tar), name="a.tgz") == want
    assert text_of(bz2.compress(tar), name="a.tar.bz2") == want
    assert text_of(lzma.compress(tar), name="a.tar.xz") == want
    assert text_of(gzip.compress(TEXT.encode()), name="a.txt.gz") == TEXT


@pytest.mark.parametrize(
    "octets", [b"\xff\xd8\xff\xe0" + bytes(50), b"\x89PNG\r\n\x1a\n", b"MZ\x90", bytes(range(256)) * 4, b""]
)
def test_files_without_text(octets):
    assert extract(octets) is None


def test_types_and_names_are_not_believed():
    assert text_of(made.docx(TEXT), "image/png", "picture.png") == TEXT
    assert text_of(made.hwp(made.hwp_section(TEXT)), "application/pdf", "a.docx") == TEXT
