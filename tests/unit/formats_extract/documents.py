"""Small documents of all kinds, made by hand: what an extractor is told to find, and nothing else that it might."""

import io
import struct
import zipfile
import zlib

TEXT = "회의자료: 똠방각하 2026년 예산안"


# --- ZIP and the documents in it ------------------------------------------------------------------------------------


def zipped(members, *, compress=True):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return held.getvalue()


def zip_with_raw_name(name, content, *, flags=0, method=0):
    """An archive of one stored member whose name is written as octets; `flags` 1 says that it is encrypted."""
    crc = zlib.crc32(content)
    sizes = struct.pack("<III", crc, len(content), len(content))
    local = b"PK\x03\x04" + struct.pack("<HHHHH", 20, flags, method, 0, 0) + sizes
    local += struct.pack("<HH", len(name), 0) + name + content
    central = b"PK\x01\x02" + struct.pack("<HHHHHH", 20, 20, flags, method, 0, 0) + sizes
    central += struct.pack("<HHHHHII", len(name), 0, 0, 0, 0, 0, 0) + name
    return local + central + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)


_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def word_xml(*paragraphs):
    body = "".join(f"<w:p><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr><w:r><w:t>{p}</w:t></w:r></w:p>" for p in paragraphs)
    return f'<?xml version="1.0"?><w:document {_W}><w:body>{body}</w:body></w:document>'


def docx(*paragraphs, **extra):
    return zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": word_xml(*paragraphs), **extra})


def xlsx():
    return zipped(
        {
            "[Content_Types].xml": "<Types/>",
            "xl/workbook.xml": '<workbook><sheets><sheet name="예산"/><sheet name="숨은장" state="hidden"/></sheets></workbook>',
            "xl/sharedStrings.xml": f"<sst><si><t>{TEXT}</t></si><si><r><t>부서</t></r><r><t>별</t></r>"
            "<rPh><t>소리</t></rPh></si><si><t>아무도 안 씀</t></si></sst>",
            "xl/worksheets/sheet1.xml": '<worksheet><sheetData><row><c t="s"><v>0</v></c><c><v>1234567</v></c></row><row>'
            '<c t="inlineStr"><is><t>안에 쓴 글</t></is></c><c t="str"><f>A1</f><v>식의 값</v></c><c t="b"><v>1</v></c>'
            '</row></sheetData><headerFooter><oddHeader>&amp;C&amp;"Batang,Bold"&amp;12대외비 R&amp;&amp;D&amp;P</oddHeader>'
            "</headerFooter></worksheet>",
            "xl/worksheets/sheet2.xml": '<worksheet><sheetData><row><c t="s"><v>1</v></c></row></sheetData></worksheet>',
            "xl/comments1.xml": "<comments><commentList><comment><text><r><t>메모 글</t></r></text></comment>"
            "</commentList></comments>",
        }
    )


def pptx():
    slide = '<p:sld xmlns:p="p" xmlns:a="a"><a:p><a:r><a:t>{}</a:t></a:r></a:p></p:sld>'
    members = {f"ppt/slides/slide{n}.xml": slide.format(f"슬라이드 {n}") for n in (1, 2, 10)}
    return zipped({"[Content_Types].xml": "<Types/>", **members, "ppt/notesSlides/notesSlide1.xml": slide.format(TEXT)})


def odt(manifest=""):
    content = (
        '<office:document-content xmlns:office="o" xmlns:text="t" xmlns:table="b"><text:h>제목</text:h>'
        f'<text:p>{TEXT}<text:s text:c="3"/>끝<text:tab/>탭<text:note><text:note-citation>1</text:note-citation><text:p>각주</text:p></text:note>뒤'
        "<office:annotation><dc:creator>누구</dc:creator><text:p>메모</text:p></office:annotation></text:p>"
        '<table:table table:name="표일"><table:table-row><table:table-cell><text:p>칸</text:p></table:table-cell>'
        "</table:table-row></table:table></office:document-content>"
    )
    styles = '<office:styles xmlns:office="o" xmlns:text="t"><text:p>머리말</text:p></office:styles>'
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": content,
            "styles.xml": styles,
            "META-INF/manifest.xml": f'<m:manifest xmlns:m="m">{manifest}</m:manifest>',
        }
    )


def hwpx(manifest="<m/>"):
    section = (
        '<hs:sec xmlns:hs="s" xmlns:hp="p"><hp:p><hp:run><hp:secPr><hp:tab/></hp:secPr></hp:run><hp:run>'
        f"<hp:t>{TEXT}<hp:tab/>탭<hp:lineBreak/>줄</hp:t></hp:run></hp:p><hp:p><hp:run><hp:tbl><hp:tr><hp:tc><hp:subList>"
        "<hp:p><hp:run><hp:t>칸 900101-1234567</hp:t></hp:run></hp:p></hp:subList></hp:tc></hp:tr></hp:tbl></hp:run>"
        "</hp:p></hs:sec>"
    )
    return zipped(
        {
            "mimetype": "application/hwp+zip",
            "Contents/content.hpf": "<x/>",
            "Contents/section0.xml": section,
            "Contents/section10.xml": section.replace(TEXT, "열째"),
            "Contents/section2.xml": section.replace(TEXT, "둘째"),
            "META-INF/manifest.xml": manifest,
        }
    )


# --- compound files -------------------------------------------------------------------------------------------------

_FREE, _END, _FAT_SECTOR = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def compound(streams):
    """A compound file of version 3; `streams`: path ("a/b/c") → octets."""
    entries = [["Root Entry", 5, _FREE, b""]]  # name, kind, first sector, octets
    children = {0: []}
    places = {"": 0}
    for path in sorted({"/".join(p.split("/")[:i]) for p in streams for i in range(1, p.count("/") + 2)}):
        parent, _, name = path.rpartition("/")
        places[path] = len(entries)
        children[places[parent]].append(len(entries))
        children[len(entries)] = []
        entries.append([name, 2 if path in streams else 1, _FREE, streams.get(path, b"")])
    sectors, fat, mini, mini_fat = [], [], bytearray(), []

    def put(octets):
        first = len(sectors)
        for at in range(0, len(octets), 512):
            sectors.append(octets[at : at + 512].ljust(512, b"\0"))
            fat.append(len(sectors))
        fat[-1] = _END
        return first

    for entry in entries[1:]:
        if len(entry[3]) >= 4096:
            entry[2] = put(entry[3])
        elif entry[3]:
            entry[2] = len(mini_fat)
            count = (len(entry[3]) + 63) // 64
            mini_fat += [*range(entry[2] + 1, entry[2] + count), _END]
            mini += entry[3].ljust(count * 64, b"\0")
    if mini:
        entries[0][2], entries[0][3] = put(bytes(mini)), bytes(mini)
    mini_start = put(struct.pack(f"<{len(mini_fat)}I", *mini_fat).ljust(512, b"\xff")) if mini_fat else _END
    siblings = {}
    for mine in children.values():
        siblings |= dict(zip(mine, [*mine, _FREE][1:], strict=True))
    directory = b"".join(
        name.encode("utf-16-le").ljust(64, b"\0")
        + struct.pack("<HBB", len(name) * 2 + 2, kind, 1)
        + struct.pack("<III", _FREE, siblings.get(number, _FREE), (children[number] or [_FREE])[0])
        + bytes(36)
        + struct.pack("<IQ", start, len(octets))
        for number, (name, kind, start, octets) in enumerate(entries)
    )
    directory_start = put(directory)
    fat_count = 1
    while (len(fat) + fat_count) * 4 > fat_count * 512:
        fat_count += 1
    fat_start = len(sectors)
    table = struct.pack(f"<{len(fat) + fat_count}I", *fat, *[_FAT_SECTOR] * fat_count).ljust(fat_count * 512, b"\xff")
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIII", 0, fat_count, directory_start, 0, 4096)
    header += struct.pack("<IIII", mini_start, 1 if mini_fat else 0, _END, 0)
    header += struct.pack("<109I", *range(fat_start, fat_start + fat_count), *[_FREE] * (109 - fat_count))
    return header + b"".join(sectors) + table


# --- HWP 5 ----------------------------------------------------------------------------------------------------------


def hwp_record(tag, payload, level=0):
    if len(payload) < 0xFFF:
        return struct.pack("<I", tag | level << 10 | len(payload) << 20) + payload
    return struct.pack("<II", tag | level << 10 | 0xFFF << 20, len(payload)) + payload


def hwp_units(*pieces):
    """Text and control characters: a number is a control of eight units that carries what looks like text."""
    out = b""
    for piece in pieces:
        if isinstance(piece, int):
            out += struct.pack("<H", piece) + "숨김".encode("utf-16-le") + b"\x3d\xd8" * 4 + struct.pack("<H", piece)
        else:
            out += piece.encode("utf-16-le")
    return out


def hwp_section(*paragraphs):
    out = b""
    for paragraph in paragraphs:
        units = paragraph if isinstance(paragraph, bytes) else hwp_units(paragraph, "\r")
        out += hwp_record(66, bytes(24)) + hwp_record(67, units, 1) + hwp_record(68, bytes(8), 1)
    return out


def deflate(octets):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(octets) + packer.flush()


def hwp(*sections, flags=1, storage="BodyText", **streams):
    header = b"HWP Document File".ljust(32, b"\0") + struct.pack("<II", 0x05000300, flags) + bytes(216)
    bodies = {
        f"{storage}/Section{number}": deflate(section) if flags & 1 else section
        for number, section in enumerate(sections)
    }
    return compound({"FileHeader": header, "DocInfo": deflate(b"x"), **bodies, **streams})


# --- PDF ------------------------------------------------------------------------------------------------------------


def pdf(encoding, octets, ordering=b"Korea1", *, to_unicode=b"", extra=b"", more=(), drawn=None):
    """One page, one line, in a font that is not embedded, under one of the predefined CMaps. `more`: pieces of the line,
    (how far right of the start of the one before, octets); a character is 14 wide. `drawn`: what
    stands on the page instead of the line.
    """
    content = b"BT /F1 14 Tf 50 800 Td <" + octets.hex().encode() + b"> Tj"
    content += b"".join(b" %.2f 0 Td <%s> Tj" % (right, piece.hex().encode()) for right, piece in more) + b" ET"
    content = drawn or content
    objects = [
        b"<</Type/Catalog/Pages 2 0 R" + extra + b">>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 5 0 R>>>>/Contents 4 0 R>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type0/BaseFont/Batang/Encoding/%s/DescendantFonts[6 0 R]%s>>"
        % (encoding, b"/ToUnicode 8 0 R" if to_unicode else b""),
        b"<</Type/Font/Subtype/CIDFontType0/BaseFont/Batang/CIDSystemInfo<</Registry(Adobe)/Ordering(%s)/Supplement 1>>"
        b"/DW 1000/FontDescriptor 7 0 R>>" % ordering,
        (
            b"<</Type/FontDescriptor/FontName/Batang/Flags 4/FontBBox[0 0 1000 1000]/ItalicAngle 0/Ascent 800"
            b"/Descent -200/CapHeight 700/StemV 80>>"
        ),
    ]
    if to_unicode:
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(to_unicode), to_unicode))
    out, places = b"%PDF-1.4\n", []
    for number, item in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, item)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return out + b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (
        size, table, size, len(out),
    )  # fmt: skip


def to_unicode(pairs):
    """A ToUnicode map of two-octet codes."""
    rows = b"".join(b"<%04X> <%s>\n" % (code, text.encode("utf-16-be").hex().encode()) for code, text in pairs)
    return (
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def\n"
        b"1 begincodespacerange <0000> <FFFF> endcodespacerange\n%d beginbfchar\n%sendbfchar\nendcmap end end"
        % (len(pairs), rows)
    )


# --- Outlook and older Office ----------------------------------------------------------------------------------------


def tnef(*attributes):
    out = b"\x78\x9f\x3e\x22\x01\x00"
    for number, value in attributes:
        out += b"\x01" + struct.pack("<II", number, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)
    return out


def mapi(*properties):
    out = struct.pack("<I", len(properties))
    for kind, number, value in properties:
        out += struct.pack("<HH", kind, number)
        out += value if kind == 3 else struct.pack("<II", 1, len(value)) + value.ljust((len(value) + 3) // 4 * 4, b"\0")
    return out


def word97(text, *, flags=0x0200):
    """A Word document of two pieces: one in octets, one in Unicode."""
    latin, wide = b"Budget\r", text.encode("utf-16-le")
    fib = bytearray(0x200)
    fib[0:2] = b"\xec\xa5"
    struct.pack_into("<H", fib, 10, flags)
    plc = struct.pack("<III", 0, len(latin), len(latin) + len(text))
    plc += struct.pack("<HIH", 0, 0x40000000 | 0x400, 0) + struct.pack("<HIH", 0, 0x200 + len(latin), 0)
    clx = b"\x01\x02\x00xx\x02" + struct.pack("<I", len(plc)) + plc
    struct.pack_into("<II", fib, 0x1A2, 4, len(clx))
    return compound({"WordDocument": bytes(fib) + latin + wide, "1Table": b"----" + clx})


def powerpoint97(*texts, unseen=()):
    """`unseen`: what stands in the master, and what an add-in keeps."""

    def atoms(wanted):
        coded = [text.encode("utf-16-le") for text in wanted]
        return b"".join(struct.pack("<HHI", 0, 4000, len(octets)) + octets for octets in coded)

    hidden = atoms(unseen)
    shown = b"".join(struct.pack("<HHI", 0xF, kind, len(hidden)) + hidden for kind in (1016, 5000)) + atoms(texts)
    return compound({"PowerPoint Document": struct.pack("<HHI", 0xF, 1000, len(shown)) + shown})


def excel97(*, locked=False):
    """A workbook whose shared strings are cut in the middle of one, which goes on in narrow characters."""

    def record(kind, payload):
        return struct.pack("<HH", kind, len(payload)) + payload

    first = struct.pack("<II", 2, 2) + struct.pack("<HB", 5, 1) + "시작ab".encode("utf-16-le")
    second = b"\x00c" + struct.pack("<HB", 2, 1) + "끝말".encode("utf-16-le")
    out = record(0x0809, b"\x00\x06\x05\x00" + bytes(12))
    out += record(0x2F, bytes(6)) if locked else b""
    out += record(0x85, bytes(6) + struct.pack("<BB", 2, 1) + "시트".encode("utf-16-le"))
    out += record(0xFC, first) + record(0x3C, second)
    out += record(0xFD, struct.pack("<HHHI", 0, 0, 0, 0)) + record(0x203, struct.pack("<HHHd", 0, 1, 0, 3.5))
    out += record(0x27E, struct.pack("<HHHI", 1, 0, 0, 42 << 2 | 2)) + record(0xFD, struct.pack("<HHHI", 1, 1, 0, 1))
    return compound({"Workbook": out})
