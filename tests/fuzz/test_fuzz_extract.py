"""Hostile octets never make an extractor raise, whatever document they were made from."""

import base64
import bz2
import gzip
import io
import lzma
import random
import tarfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.formats_extract import documents as made
from tests.unit.formats_extract import more_documents as more

from smartmail.formats.extract.out import Limits
from smartmail.formats.extract.pdf_lines import joined
from smartmail.formats.extract.reading import extract

LIMITS = Limits(chars=50_000, members=100, unpacked=16 << 20, member=4 << 20)
THOROUGH = Limits(chars=50_000, members=100, depth=5, unpacked=16 << 20, member=4 << 20, thorough=True)
OFFICE = Path(made.__file__).parent / "by_office"


def tarred(members):
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        for name, octets in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(octets)
            archive.addfile(entry, io.BytesIO(octets))
    return held.getvalue()


SEEDS = {
    "hwp": made.hwp(made.hwp_section(made.TEXT, made.hwp_units(2, "가", 11, "나")), made.hwp_section("다" * 3_000)),
    "hwp-plain": made.hwp(made.hwp_section(made.TEXT), flags=0, **{"BinData/BIN0001.OLE": bytes(4) + made.excel97()}),
    "hwp-locked": made.hwp(made.hwp_record(28, bytes(256)) + bytes(64), flags=4, storage="ViewText"),
    "hwpx": made.hwpx(),
    "docx": made.docx(made.TEXT, **{"word/embeddings/a.xlsx": made.xlsx()}),
    "xlsx": made.xlsx(),
    "pptx": made.pptx(),
    "odt": made.odt(),
    "word97": made.word97("한글 \x13X\x14y\x15\r"),
    "powerpoint97": made.powerpoint97("제목", made.TEXT),
    "excel97": made.excel97(),
    "msg": made.compound(
        {"__properties_version1.0": b"x", "__attach_version1.0_#0/__substg1.0_37010102": made.docx("x")}
    ),
    "tnef": made.tnef((0x69003, made.mapi((0x1F, 0x37, b"x\0"))), (0x69002, b""), (0x6800F, made.docx("x"))),
    "zip": made.zipped({"a.zip": made.zipped({"b.txt": "x"}), "c.eml": "Subject: x\n\ny"}),
    "rtf": rb"{\rtf1\ansi\ansicpg949{\fonttbl{\f0\fcharset129 x;}}\uc2\u54620\'c7\'d1{\*\pict x}\bin3 xyz\par}",
    "pdf": made.pdf(b"KSCms-UHC-H", made.TEXT.encode("cp949")),
    "message": (
        "From: =?utf-8?B?6rmA?= <a@b.example>\r\nSubject: =?euc-kr?B?yLjAxw==?=\r\nContent-Type: multipart/mixed;"
        " boundary=x\r\n\r\n--x\r\nContent-Type: text/html\r\n\r\n<p>a</p>\r\n--x\r\nContent-Type: application/zip; name=a.zip"
        f"\r\nContent-Transfer-Encoding: base64\r\n\r\n{base64.encodebytes(made.zipped({'a.txt': 'x'})).decode()}\r\n--x--\r\n"
    ).encode(),
    "html": "<html><head><meta charset=euc-kr></head><body><p>가<table><tr><td>&amp;&#xAC00;".encode("cp949"),
    "xml": f"<?xml version='1.0' encoding='utf-8'?><a><p>{made.TEXT}</p><![CDATA[x]]></a>".encode(),
    "wide": made.TEXT.encode("utf-16"),
    "korean": "회의자료 예산안".encode("iso2022_kr"),
    "xlsb": more.xlsb("shared", inline="inline", formula="formula", comment="comment"),
    "xls": more.xls("x", comment="comment", footer="&Cfooter"),
    "word-object": more.old_with_object(made.docx("x")),
    "rtf-object": more.rtf_with_object(made.docx("x")),
    "docx-more": made.docx(
        "x",
        **{
            "docProps/custom.xml": more.custom_properties({"MSIP_Label_1_Name": "대외비"}),
            "word/header1.xml": made.word_xml("대외비"),
            "word/embeddings/oleObject1.bin": more.ole_package("a.txt", b"x"),
            "hidden/a.zip": made.zipped({"a.txt": "x"}),
        },
    ),
    "xls-properties": made.compound({"Workbook": b"", more.SUMMARY: more.old_properties({"name": "value"})}),
    "signed": more.signed_message(b"Subject: x\n\ny"),
    "hwp-distribution": more.hwp_distribution("x"),
    "mbox": b"From a@b.example Thu Jan  1 00:00:00 2026\nSubject: x\nFrom: a@b.example\n\ny\n\nFrom b\n\nz",
    "utf-7": "한글 text".encode("utf-7"),
    "program": b"MZ" + bytes(40) + made.zipped({"a.txt": "x"}),
    "tar": tarred({"a.txt": b"x", "b.zip": made.zipped({"c.txt": "y"})}),
    "gzip": gzip.compress(made.docx("x"), mtime=0),
    "bzip2": bz2.compress(made.TEXT.encode() * 9),
    "xz": lzma.compress(made.TEXT.encode() * 9),
    **{f"office {path.name}": path.read_bytes() for path in sorted(OFFICE.iterdir())},
}
PIECES = [
    b"\xff" * 4,
    bytes(4),
    b"\xff\xff\xff\x7f",
    b"PK\x03\x04",
    b"PK\x01\x02",
    b"<",
    b"&",
    b"{",
    b"\\u",
    b"\\bin9",
    b"</",
]


def mutated(octets, rng):
    out = bytearray(octets)
    for _ in range(rng.randint(1, 12)):
        at = rng.randrange(len(out) + 1)
        choice = rng.randrange(5)
        if choice == 0 and at < len(out):
            out[at] = rng.randrange(256)
        elif choice == 1:
            piece = rng.choice(PIECES)
            out[at : at + len(piece)] = piece
        elif choice == 2:
            del out[at : at + rng.randrange(60)]
        elif choice == 3:
            out[at:at] = out[max(0, at - rng.randrange(200)) : at]
        else:
            del out[at:]
            if not out:
                out += b"\0"
    return bytes(out)


@pytest.mark.parametrize("kind", SEEDS)
def test_damaged_documents(kind):
    rng = random.Random(kind)
    for _ in range(60 if kind == "pdf" or kind.startswith("office") else 250):
        octets = mutated(SEEDS[kind], rng)
        found = extract(octets, limits=LIMITS)
        assert found is None or len(found.text) <= LIMITS.chars


@pytest.mark.parametrize("kind", SEEDS)
def test_damaged_documents_read_thoroughly(kind):
    """Each file has its place behind the one that holds it, and all texts together keep the bound."""
    rng = random.Random(kind + "thorough")
    for _ in range(30 if kind == "pdf" or kind.startswith("office") else 100):
        found = extract(mutated(SEEDS[kind], rng), limits=THOROUGH)
        assert sum(len(one.text) for one in found.files) <= THOROUGH.chars
        assert all(-1 <= one.holder < number for number, one in enumerate(found.files))
        assert found.problem is None or any(one.problem for one in found.files)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=600), st.sampled_from([octets[:n] for octets in SEEDS.values() for n in (0, 8, 64)]))
def test_any_octets_behind_any_beginning(octets, head):
    found = extract(head + octets, limits=LIMITS)
    assert found is None or "\0" not in found.text


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_text_survives_all_that_carries_text(text):
    """What a person can write is found as written, in each format that we can make."""
    wanted = " ".join(word for word in text.split() if word.isalnum())
    escaped = wanted.replace("&", "&amp;").replace("<", "&lt;")
    coded = "".join(f"\\u{int.from_bytes(c.to_bytes(2, 'little'), 'little', signed=True)}?" for c in _units(wanted))
    for octets in (
        made.hwp(made.hwp_section(wanted)),
        made.docx(escaped),
        b"{\\rtf1 " + coded.encode() + b"}",
        made.powerpoint97(wanted),
    ):
        found = extract(octets)
        assert (found.text if wanted else "") == wanted


@settings(max_examples=300, deadline=None)
@given(st.lists(st.text("가나漢テab1 \r\n.", max_size=12), max_size=12))
def test_joining_the_lines_of_a_page_takes_away_line_ends_only(lines):
    page = "\r\n".join(lines)
    assert joined(page).replace("\r\n", "") == page.replace("\r\n", "")
    assert joined(joined(page)).count("\r\n") <= joined(page).count("\r\n") <= page.count("\r\n")


def _units(text):
    octets = text.encode("utf-16-le")
    return [int.from_bytes(octets[at : at + 2], "little") for at in range(0, len(octets), 2)]
