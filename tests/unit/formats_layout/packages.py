"""Documents with looks, made by hand: what Word, Excel, PowerPoint and Hancom write, cut down to what is read."""

import struct
import zlib

from tests.unit.formats_extract.documents import compound, deflate, hwp, hwp_record, zipped

_R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
_A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
_RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'


def png(red=30, green=90, blue=160, side=8):
    """A picture of one colour."""
    rows = (b"\0" + bytes((red, green, blue)) * side) * side

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    )  # fmt: skip


def relations(**targets):
    """Relations by their ids; a target with :// is outside."""
    rows = "".join(
        f'<Relationship Id="{key}" Type="{_RELS}/x" Target="{target}"'
        f"{' TargetMode=' + chr(34) + 'External' + chr(34) if '://' in target else ''}/>"
        for key, target in targets.items()
    )
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{rows}</Relationships>'


# --- Word -----------------------------------------------------------------------------------------------------------

_W = f'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" {_R} {_A}'
_STYLES = f"""<w:styles {_W}><w:docDefaults><w:rPrDefault><w:rPr><w:sz w:val="22"/></w:rPr></w:rPrDefault></w:docDefaults>
<w:style w:type="paragraph" w:default="1" w:styleId="a"><w:name w:val="Normal"/></w:style>
<w:style w:type="paragraph" w:styleId="1"><w:name w:val="heading 1"/><w:basedOn w:val="a"/><w:pPr><w:jc w:val="center"/></w:pPr>
<w:rPr><w:b/><w:sz w:val="40"/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="loop"><w:basedOn w:val="loop2"/><w:rPr><w:i/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="loop2"><w:basedOn w:val="loop"/></w:style>
<w:style w:type="character" w:styleId="strong"><w:rPr><w:b/><w:color w:val="C00000"/></w:rPr></w:style></w:styles>"""
_LISTS = f"""<w:numbering {_W}><w:abstractNum w:abstractNumId="0">
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="제%1조"/></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="ganada"/><w:lvlText w:val="%2."/></w:lvl></w:abstractNum>
<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="&#xF0B7;"/></w:lvl></w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num></w:numbering>"""


def entry(text, number, level=0):
    return (
        f'<w:p><w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr></w:pPr>'
        f"<w:r><w:t>{text}</w:t></w:r></w:p>"
    )


def run(text, properties=""):
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def cell(text, properties=""):
    return f"<w:tc><w:tcPr>{properties}</w:tcPr><w:p>{run(text)}</w:p></w:tc>"


WORD_TABLE = f"""<w:tbl><w:tblGrid><w:gridCol w:w="2000"/><w:gridCol w:w="3000"/><w:gridCol w:w="3000"/></w:tblGrid>
<w:tr>{cell("구분", '<w:shd w:fill="1F4E79"/>')}{cell("내용", '<w:gridSpan w:val="2"/><w:shd w:fill="DDEBF7"/>')}</w:tr>
<w:tr>{cell("일정", '<w:vMerge w:val="restart"/>')}{cell("시제품")}{cell("3월 14일")}</w:tr>
<w:tr>{cell("", "<w:vMerge/>")}{cell("양산")}{cell("5월 2일")}</w:tr></w:tbl>"""
WORD_PICTURE = """<w:p><w:r><w:drawing><wp:inline xmlns:wp="x"><wp:extent cx="1270000" cy="635000"/>
<a:graphic><a:graphicData><pic:pic xmlns:pic="y"><pic:blipFill><a:blip r:embed="{}"/></pic:blipFill></pic:pic></a:graphicData>
</a:graphic></wp:inline></w:drawing></w:r></w:p>"""


def docx(body, *, pictures=None, targets=None, **more):
    members = {
        "[Content_Types].xml": _TYPES,
        "word/document.xml": f'<?xml version="1.0"?><w:document {_W}><w:body>{body}</w:body></w:document>',
        "word/styles.xml": _STYLES,
        "word/numbering.xml": _LISTS,
        "word/_rels/document.xml.rels": relations(**(targets or {})),
    }
    members |= {f"word/media/{name}": octets for name, octets in (pictures or {}).items()}
    return zipped(members | more)


def contract():
    """A document with all that is drawn."""
    body = (
        f'<w:p><w:pPr><w:pStyle w:val="1"/></w:pPr>{run("부품 납품 계약서")}</w:p>'
        f'<w:p><w:pPr><w:jc w:val="right"/></w:pPr>{run("2027년 1월 8일")}</w:p>'
        + entry("이 계약은 부품의 납품에 필요한 사항을 정한다.", 1)
        + entry("단가는 별표에 따른다.", 1)
        + entry("부가가치세는 따로 한다.", 1, 1)
        + entry("운임은 갑이 낸다.", 1, 1)
        + entry("검수는 사흘 안에 마친다.", 1)
        + entry("납기", 2)
        + "<w:p>"
        + run("보통 ")
        + run("굵게 ", "<w:b/>")
        + run("기울임 ", "<w:i/>")
        + run("밑줄 ", '<w:u w:val="single"/>')
        + run("취소선 ", "<w:strike/>")
        + run("파랑 ", '<w:color w:val="0000FF"/>')
        + run("형광 ", '<w:highlight w:val="yellow"/>')
        + run("큰 글자 ", '<w:sz w:val="36"/>')
        + run("강조", '<w:rStyle w:val="strong"/>')
        + run("숨김", "<w:vanish/>")
        + "</w:p>"
        + WORD_TABLE
        + WORD_PICTURE.format("rId1")
    )
    return docx(body, pictures={"image1.png": png()}, targets={"rId1": "media/image1.png"})


# --- Excel ----------------------------------------------------------------------------------------------------------

_X = f'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" {_R}'
_SHEET_STYLES = f"""<styleSheet {_X}><numFmts><numFmt numFmtId="164" formatCode="#,##0&quot;원&quot;"/></numFmts>
<fonts><font><sz val="11"/></font><font><b/><color rgb="FFFFFFFF"/><sz val="11"/></font></fonts>
<fills><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="solid"><fgColor rgb="FF1F4E79"/></patternFill>
</fill></fills><cellXfs><xf numFmtId="0" fontId="0" fillId="0"/><xf numFmtId="0" fontId="1" fillId="1"><alignment
 horizontal="center"/></xf><xf numFmtId="164" fontId="0" fillId="0"/><xf numFmtId="9" fontId="0" fillId="0"/><xf numFmtId="14"
 fontId="0" fillId="0"/></cellXfs></styleSheet>"""


def xlsx(*sheets, strings=(), names=("예산", "일정", "숨김"), hidden=(), rows_only=False):
    members = {"[Content_Types].xml": _TYPES, "xl/styles.xml": _SHEET_STYLES}
    listed = "".join(
        f'<sheet name="{names[at]}" sheetId="{at + 1}" r:id="rId{at + 1}"{" state=" + chr(34) + "hidden" + chr(34) if at in hidden else ""}/>'
        for at in range(len(sheets))
    )
    members["xl/workbook.xml"] = f"<workbook {_X}><sheets>{listed}</sheets></workbook>"
    targets = {f"rId{at + 1}": f"worksheets/sheet{at + 1}.xml" for at in range(len(sheets))}
    members["xl/_rels/workbook.xml.rels"] = relations(**targets)
    items = "".join(f"<si><t>{text}</t></si>" for text in strings)
    members["xl/sharedStrings.xml"] = f"<sst {_X}>{items}</sst>"
    for at, sheet in enumerate(sheets):
        members[f"xl/worksheets/sheet{at + 1}.xml"] = f"<worksheet {_X}>{sheet}</worksheet>"
    return zipped(members)


def budget():
    head = '<row r="1"><c r="A1" s="1" t="s"><v>0</v></c></row>'
    rows = (
        '<row r="2"><c r="A2" t="s"><v>1</v></c><c r="B2" s="2"><v>1240000000</v></c><c r="C2" s="3"><v>0.97</v></c>'
        '<c r="D2" s="4"><v>46400</v></c></row>'
        '<row r="4"><c r="A4" t="inlineStr"><is><t>합계</t></is></c><c r="B4" s="2"><f>SUM(B2:B3)</f><v>-5</v></c>'
        '<c r="C4" t="b"><v>1</v></c></row>'
    )
    merged = '<mergeCells><mergeCell ref="A1:D1"/></mergeCells>'
    cols = '<cols><col min="1" max="1" width="14"/><col min="2" max="2" width="18"/></cols>'
    first = f"{cols}<sheetData>{head}{rows}</sheetData>{merged}"
    second = '<sheetData><row r="1"><c r="A1"><v>1.5</v></c></row></sheetData>'
    return xlsx(first, second, second, strings=("2027년 예산안", "영업본부"), hidden={2})


# --- PowerPoint -------------------------------------------------------------------------------------------------------

_P = f'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" {_R} {_A}'


def shape(text, place=None, *, holder="", fill="", more=""):
    xfrm = '<a:xfrm><a:off x="{}" y="{}"/><a:ext cx="{}" cy="{}"/></a:xfrm>'.format(*place) if place else ""
    ph = f"<p:ph {holder}/>" if holder else ""
    solid = f"<a:solidFill>{fill}</a:solidFill>" if fill else ""
    paragraphs = text if text.startswith("<") else f"<a:p><a:r><a:rPr {more}/><a:t>{text}</a:t></a:r></a:p>"
    return (
        f"<p:sp><p:nvSpPr><p:nvPr>{ph}</p:nvPr></p:nvSpPr><p:spPr>{xfrm}{solid}</p:spPr>"
        f"<p:txBody><a:bodyPr/>{paragraphs}</p:txBody></p:sp>"
    )


def _tree(*shapes, before=""):
    return f"<p:cSld>{before}<p:spTree>{''.join(shapes)}</p:spTree></p:cSld>"


def pptx(*slides, pictures=None):
    """Slides as their shapes, on a layout whose title stands above and a master that makes titles large."""
    layout = _tree(shape("제목을 넣으시오", (500_000, 300_000, 8_000_000, 900_000), holder='type="title"'))
    master = (
        _tree(shape("본문", (500_000, 1_500_000, 8_000_000, 4_000_000), holder='type="body"'))
        + '<p:txStyles><p:titleStyle><a:lvl1pPr algn="ctr"><a:defRPr sz="4000" b="1"><a:solidFill><a:schemeClr val="tx2"/>'
        '</a:solidFill></a:defRPr></a:lvl1pPr></p:titleStyle><p:bodyStyle><a:lvl1pPr><a:buChar char="•"/><a:defRPr sz="2400"/>'
        "</a:lvl1pPr></p:bodyStyle></p:txStyles>"
    )
    theme = (
        f'<a:theme {_A}><a:themeElements><a:clrScheme><a:dk2><a:srgbClr val="1F497D"/></a:dk2>'
        '<a:accent1><a:srgbClr val="4F81BD"/></a:accent1></a:clrScheme></a:themeElements></a:theme>'
    )
    members = {
        "[Content_Types].xml": _TYPES,
        "ppt/slideLayouts/slideLayout1.xml": f"<p:sldLayout {_P}>{layout}</p:sldLayout>",
        "ppt/slideLayouts/_rels/slideLayout1.xml.rels": relations(rId1="../slideMasters/slideMaster1.xml"),
        "ppt/slideMasters/slideMaster1.xml": f"<p:sldMaster {_P}>{master}</p:sldMaster>",
        "ppt/slideMasters/_rels/slideMaster1.xml.rels": relations(rId1="../theme/theme1.xml"),
        "ppt/theme/theme1.xml": theme,
    }
    ids = "".join(f'<p:sldId id="{256 + at}" r:id="rId{at}"/>' for at in range(len(slides)))
    members["ppt/presentation.xml"] = (
        f'<p:presentation {_P}><p:sldIdLst>{ids}</p:sldIdLst><p:sldSz cx="9144000" cy="6858000"/></p:presentation>'
    )
    members["ppt/_rels/presentation.xml.rels"] = relations(
        **{f"rId{at}": f"slides/slide{at + 1}.xml" for at in range(len(slides))}
    )
    for at, slide in enumerate(slides):
        members[f"ppt/slides/slide{at + 1}.xml"] = f"<p:sld {_P}>{_tree(slide)}</p:sld>"
        members[f"ppt/slides/_rels/slide{at + 1}.xml.rels"] = relations(
            rId1="../slideLayouts/slideLayout1.xml", rId2="../media/image1.png"
        )
    members |= {f"ppt/media/{name}": octets for name, octets in (pictures or {}).items()}
    return zipped(members)


def plan():
    title = shape("2027년 사업 계획", holder='type="title"')
    body = shape(
        "<a:p><a:r><a:t>매출 1,240억 원</a:t></a:r></a:p><a:p><a:r><a:rPr b='1'/><a:t>새 공장 가동</a:t></a:r></a:p>",
        holder='idx="1"',
    )
    box = shape(
        "핵심", (6_500_000, 5_400_000, 2_000_000, 900_000), fill='<a:schemeClr val="accent1"/>', more='sz="2000"'
    )
    picture = (
        '<p:pic><p:nvPicPr><p:nvPr/></p:nvPicPr><p:blipFill><a:blip r:embed="rId2"/></p:blipFill><p:spPr><a:xfrm>'
        '<a:off x="600000" y="5000000"/><a:ext cx="1200000" cy="1200000"/></a:xfrm></p:spPr></p:pic>'
    )
    table = (
        '<p:graphicFrame><p:xfrm><a:off x="914400" y="1371600"/><a:ext cx="5000000" cy="1500000"/></p:xfrm><a:graphic>'
        '<a:graphicData><a:tbl><a:tblGrid><a:gridCol w="2500000"/><a:gridCol w="2500000"/></a:tblGrid><a:tr>'
        '<a:tc gridSpan="2"><a:txBody><a:p><a:r><a:t>분기별</a:t></a:r></a:p></a:txBody></a:tc><a:tc hMerge="1"/></a:tr><a:tr>'
        "<a:tc><a:txBody><a:p><a:r><a:t>1분기</a:t></a:r></a:p></a:txBody></a:tc>"
        "<a:tc><a:txBody><a:p><a:r><a:t>310억</a:t></a:r></a:p></a:txBody></a:tc></a:tr></a:tbl></a:graphicData></a:graphic>"
        "</p:graphicFrame>"
    )
    return pptx(title + body + box + picture, table, pictures={"image1.png": png(200, 80, 40)})


# --- Hancom -----------------------------------------------------------------------------------------------------------

_H = 'xmlns:hp="http://www.hancom.co.kr/hwpml/2011/paragraph" xmlns:hc="x" xmlns:hh="y" xmlns:hs="z"'
_HEADER = f"""<hh:head {_H}><hh:refList><hh:borderFills><hh:borderFill id="1"/><hh:borderFill id="2"><hc:fillBrush><hc:winBrush
 faceColor="#DDEBF7"/></hc:fillBrush></hh:borderFill></hh:borderFills><hh:charProperties><hh:charPr id="0" height="1000"
 textColor="#000000"/><hh:charPr id="1" height="2000" textColor="#C00000"><hh:bold/><hh:underline type="BOTTOM"/></hh:charPr>
</hh:charProperties><hh:paraProperties><hh:paraPr id="0"><hh:align horizontal="JUSTIFY"/></hh:paraPr><hh:paraPr id="1"><hh:align
 horizontal="CENTER"/><hh:heading type="OUTLINE" level="0"/></hh:paraPr><hh:paraPr id="2"><hh:heading type="BULLET" idRef="1"
 level="0"/></hh:paraPr></hh:paraProperties><hh:bullets><hh:bullet id="1" char="●"/></hh:bullets></hh:refList></hh:head>"""


def p(text, *, shape_of=0, looks=0):
    inner = text if text.startswith("<") else f"<hp:t>{text}</hp:t>"
    return f'<hp:p paraPrIDRef="{shape_of}"><hp:run charPrIDRef="{looks}">{inner}</hp:run></hp:p>'


def tc(text, column, row, *, wide=1, high=1, fill=1):
    return (
        f'<hp:tc borderFillIDRef="{fill}"><hp:subList>{p(text)}</hp:subList><hp:cellAddr colAddr="{column}" rowAddr="{row}"/>'
        f'<hp:cellSpan colSpan="{wide}" rowSpan="{high}"/><hp:cellSz width="{9000 * wide}" height="1000"/></hp:tc>'
    )


def hwpx(*paragraphs, pictures=None, header=_HEADER):
    items = "".join(f'<opf:item id="image{at + 1}" href="BinData/{name}"/>' for at, name in enumerate(pictures or {}))
    members = {
        "mimetype": "application/hwp+zip",
        "Contents/content.hpf": f'<opf:package xmlns:opf="o"><opf:manifest>{items}</opf:manifest></opf:package>',
        "Contents/header.xml": header,
        "Contents/section0.xml": f"<hs:sec {_H}>{''.join(paragraphs)}</hs:sec>",
    }
    return zipped(members | {f"BinData/{name}": octets for name, octets in (pictures or {}).items()})


HWPX_TABLE = (
    f"<hp:tbl><hp:tr>{tc('구분', 0, 0, fill=2)}{tc('내용', 1, 0, wide=2, fill=2)}</hp:tr>"
    f"<hp:tr>{tc('일정', 0, 1, high=2)}{tc('시제품', 1, 1)}{tc('3월 14일', 2, 1)}</hp:tr>"
    f"<hp:tr>{tc('양산', 1, 2)}{tc('5월 2일', 2, 2)}</hp:tr></hp:tbl>"
)
HWPX_PICTURE = '<hp:pic><hp:sz width="12000" height="6000"/><hc:img binaryItemIDRef="image1"/></hp:pic>'


def minutes():
    return hwpx(
        p("주간 회의록", shape_of=1, looks=1),
        p("<hp:t>첫째 줄<hp:lineBreak/>둘째<hp:tab/>칸</hp:t>"),
        p("시제품을 한 주 앞당긴다", shape_of=2),
        p(HWPX_TABLE),
        p(HWPX_PICTURE),
        pictures={"image1.png": png(20, 140, 90)},
    )  # fmt: skip


# --- Outlook ----------------------------------------------------------------------------------------------------------


def _wide(text):
    return text.encode("utf-16-le")


def _stored(subject, sender, body, at=""):
    return {
        f"{at}__substg1.0_0037001F": _wide(subject),
        f"{at}__substg1.0_0C1A001F": _wide(sender),
        f"{at}__substg1.0_0C1F001F": _wide("han@partner.example"),
        f"{at}__substg1.0_0E04001F": _wide("김민지"),
        f"{at}__substg1.0_1000001F": _wide(body),
    }


def msg(*files, inner=None):
    """A message of Outlook with files of (name, octets), and maybe a message of (subject, text, name and octets of a file)."""
    sent = struct.pack("<HHI", 0x0040, 0x0039, 0) + struct.pack("<Q", 134_123_040_000_000_000)
    streams = {
        "__properties_version1.0": bytes(32) + sent,
        **_stored("견적 회신", "한지훈", "첨부를 봐 주세요.\r\n고맙습니다."),
    }
    for at, (name, octets) in enumerate(files):
        storage = f"__attach_version1.0_#{at:08X}/"
        streams |= {f"{storage}__substg1.0_3707001F": _wide(name), f"{storage}__substg1.0_37010102": octets}
    if inner:
        subject, text, name, octets = inner
        storage = f"__attach_version1.0_#{len(files):08X}/"
        message = f"{storage}__substg1.0_3701000D/"
        streams |= {f"{storage}__substg1.0_3707001F": _wide(subject), **_stored(subject, "박서준", text, message)}
        deeper = f"{message}__attach_version1.0_#00000000/"
        streams |= {f"{deeper}__substg1.0_3707001F": _wide(name), f"{deeper}__substg1.0_37010102": octets}
    return compound(streams)


# --- HWP 5 ------------------------------------------------------------------------------------------------------------


def _char_shape(*, size=1000, flags=0, colour=0, shade=0xFFFFFFFF):
    return bytes(42) + struct.pack("<iI", size, flags) + bytes(2) + struct.pack("<IIII", colour, 0, shade, 0) + bytes(6)


def _border(fill=None):
    kind = b"\0\0\0\0" if fill is None else struct.pack("<III", 1, fill, 0)
    return bytes(32) + kind + bytes(12)


def hwp_paragraph(text, *, level=0, shape=0, looks=((0, 0),), inner=b""):
    units = (text + "\r").encode("utf-16-le")
    out = hwp_record(66, struct.pack("<IIH", len(units) // 2, 0, shape) + bytes(14), level)
    out += hwp_record(67, units, level + 1)
    out += hwp_record(68, b"".join(struct.pack("<II", *look) for look in looks), level + 1)
    return out + inner


def hwp_cell(text, column, row, *, wide=1, high=1, fill=1, level=2):
    head = struct.pack("<HHIHHHHII", 1, 0, 0, column, row, wide, high, 9000 * wide, 1000) + bytes(8)
    return hwp_record(72, head + struct.pack("<H", fill) + bytes(4), level) + hwp_paragraph(text, level=level)


def hwp_minutes(flags=1):
    cells = (
        hwp_cell("구분", 0, 0, fill=2) + hwp_cell("내용", 1, 0, wide=2, fill=2) + hwp_cell("일정", 0, 1, high=2)
        + hwp_cell("시제품", 1, 1) + hwp_cell("3월 14일", 2, 1) + hwp_cell("양산", 1, 2) + hwp_cell("5월 2일", 2, 2)
    )  # fmt: skip
    table = hwp_record(71, b" lbt" + bytes(40), 1) + hwp_record(77, bytes(20), 2) + cells
    picture = (
        hwp_record(71, b" osg" + bytes(12) + struct.pack("<II", 12000, 6000), 1)
        + hwp_record(76, bytes(40), 2)
        + hwp_record(85, bytes(71) + struct.pack("<H", 1) + bytes(5), 3)
    )
    section = (
        hwp_paragraph("주간 회의록", shape=1, looks=((0, 1),))
        + hwp_paragraph("보통 강조 끝", looks=((0, 0), (3, 1), (6, 0)))
        + hwp_paragraph("첫째", shape=2) + hwp_paragraph("둘째", shape=2)
        + hwp_paragraph("", inner=table) + hwp_paragraph("", inner=picture)
    )  # fmt: skip
    info = hwp_record(18, struct.pack("<HHH", 1, 1, 3) + _wide("png"))
    info += hwp_record(20, _border()) + hwp_record(20, _border(0xF7EBDD))
    info += hwp_record(21, _char_shape()) + hwp_record(21, _char_shape(size=2000, flags=0b110, colour=0x0000C0))
    shapes = (0, 3 << 2 | 1 << 23, 1 << 2 | 2 << 23)
    info += b"".join(hwp_record(25, struct.pack("<I", shape) + bytes(40)) for shape in shapes)
    packed = deflate if flags & 1 else bytes
    return hwp(
        section, flags=flags, **{"DocInfo": packed(info), "BinData/BIN0001.png": packed(png(20, 140, 90))}
    )  # fmt: skip
