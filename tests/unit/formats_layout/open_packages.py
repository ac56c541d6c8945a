"""OpenDocument and RTF with looks, made by hand: what LibreOffice and Word write, cut down to what is read."""

from tests.unit.formats_extract.documents import zipped
from tests.unit.formats_layout.packages import png

_N = " ".join(
    f'xmlns:{prefix}="urn:{prefix}"'
    for prefix in "office style text table draw presentation fo svg xlink number".split()
)


def style(name, properties, *, family="text", parent="", more=""):
    above = f' style:parent-style-name="{parent}"' if parent else ""
    return f'<style:style style:name="{name}" style:family="{family}"{above} {more}>{properties}</style:style>'


def letters(said):
    return f"<style:text-properties {said}/>"


_COMMON = (
    '<style:default-style style:family="paragraph">'
    + letters('fo:font-size="12pt" style:font-size-asian="10pt"')
    + '</style:default-style><style:default-style style:family="graphic">'
    + letters('fo:font-size="18pt" style:font-size-asian="18pt"')
    + "</style:default-style>"
    + style("Heading", letters('style:font-size-asian="14pt"'), family="paragraph")
    + style(
        "H1",
        '<style:paragraph-properties fo:text-align="center"/>'
        + letters('fo:font-weight="bold" style:font-weight-asian="bold" style:font-size-asian="150%"'),
        family="paragraph",
        parent="Heading",
    )
    + style("Right", '<style:paragraph-properties fo:text-align="end"/>', family="paragraph")
    + style("loop", letters('style:font-style-asian="italic"'), family="paragraph", parent="loop2")
    + style("loop2", "", family="paragraph", parent="loop")
    + '<text:list-style style:name="L"><text:list-level-style-number text:level="1" style:num-format="1" style:num-prefix="제"'
    ' style:num-suffix="조"/><text:list-level-style-number text:level="2" style:num-format="가, 나, 다, ..." style:num-suffix="."/>'
    '</text:list-style><text:list-style style:name="B"><text:list-level-style-bullet text:level="1" text:bullet-char="&#xE00C;"/>'
    '<text:list-level-style-bullet text:level="2" text:bullet-char="–"/></text:list-style>'
)
_OWN = (
    style("bold", letters('fo:font-weight="bold" style:font-weight-asian="bold"'))
    + style("italic", letters('style:font-style-asian="italic"'))
    + style("under", letters('style:text-underline-style="solid"'))
    + style("strike", letters('style:text-line-through-style="solid"'))
    + style("blue", letters('fo:color="#0000ff"'))
    + style("marked", letters('fo:background-color="#ffff00"'))
    + style("large", letters('style:font-size-asian="18pt"'))
    + style("up", letters('style:text-position="super 58%"'))
    + style("hidden", letters('text:display="none"'))
    + style("head", '<style:table-cell-properties fo:background-color="#1f4e79"/>', family="table-cell")
    + style("pale", '<style:table-cell-properties fo:background-color="#ddebf7"/>', family="table-cell")
    + style("c1", '<style:table-column-properties style:column-width="100pt"/>', family="table-column")
    + style("c2", '<style:table-column-properties style:column-width="150pt"/>', family="table-column")
)


def opened(kind, body, *, own=_OWN, common=_COMMON, automatic="", masters="", **members):
    """A package of OpenDocument: `own` are styles of the content, `automatic` and `masters` those of the pages."""
    return zipped(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}",
            "content.xml": f"<office:document-content {_N}><office:automatic-styles>{own}</office:automatic-styles>"
            f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>",
            "styles.xml": f"<office:document-styles {_N}><office:styles>{common}</office:styles><office:automatic-styles>"
            f"{automatic}</office:automatic-styles><office:master-styles>{masters}</office:master-styles>"
            "</office:document-styles>",
            "META-INF/manifest.xml": '<m:manifest xmlns:m="m"/>',
        }
        | members
    )


def p(text, name="", tag="p", more=""):
    return f'<text:{tag} text:style-name="{name}" {more}>{text}</text:{tag}>'


def span(text, name):
    return f'<text:span text:style-name="{name}">{text}</text:span>'


def items(*entries, name="", more=""):
    rows = "".join(f"<text:list-item>{each}</text:list-item>" for each in entries)
    named = f' text:style-name="{name}"' if name else ""
    return f"<text:list{named} {more}>{rows}</text:list>"


def cell(text, name="", more=""):
    return f'<table:table-cell table:style-name="{name}" {more}>{p(text)}</table:table-cell>'


def frame(inner, place=("0cm", "0cm", "100pt", "50pt"), more=""):
    x, y, wide, high = place
    return f'<draw:frame svg:x="{x}" svg:y="{y}" svg:width="{wide}" svg:height="{high}" {more}>{inner}</draw:frame>'


def image(name):
    return f'<draw:image xlink:href="{name}"/>'


_COVERED = "<table:covered-table-cell/>"
TEXT_TABLE = (
    '<table:table><table:table-column table:style-name="c1"/><table:table-column table:style-name="c2"'
    ' table:number-columns-repeated="2"/><table:table-header-rows><table:table-row>'
    + cell("구분", "head")
    + cell("내용", "pale", 'table:number-columns-spanned="2"')
    + _COVERED
    + "</table:table-row></table:table-header-rows><table:table-row>"
    + cell("일정", "", 'table:number-rows-spanned="2"')
    + cell("시제품")
    + cell("3월 14일")
    + f"</table:table-row><table:table-row>{_COVERED}"
    + cell("양산")
    + cell("5월 2일")
    + "</table:table-row></table:table>"
)


def notice():
    """A text with all that is drawn."""
    body = (
        "<text:tracked-changes><text:p>지운 글</text:p></text:tracked-changes>"
        + p("부품 납품\n   계약서", "H1", "h", 'text:outline-level="1"')
        + p("2027년 1월 8일", "Right")
        + items(
            p("이 계약은 부품의 납품에 필요한 사항을 정한다."),
            p("단가는 별표에 따른다.")
            + items(p("부가가치세는 따로 한다."), p("운임은 갑이 낸다.") + p("반은 을이 낸다.")),
            p("검수는 사흘 안에 마친다."),
            name="L",
        )
        + items(p("납기"), name="B")
        + p(
            "보통 "
            + span("굵게 ", "bold")
            + span("기울임 ", "italic")
            + span("밑줄 ", "under")
            + span("취소선 ", "strike")
            + span("파랑 ", "blue")
            + span("형광 ", "marked")
            + span("큰 글자 ", "large")
            + span("윗글", "up")
            + span("숨김", "hidden")
            + '끝<text:tab/>칸<text:s text:c="3"/><text:line-break/>줄'
            + '<text:a xlink:href="http://elsewhere.example/pixel">여기</text:a>'
            + "<office:annotation><text:p>메모</text:p></office:annotation>"
            + "<text:note><text:note-citation>1</text:note-citation><text:note-body>"
            + p("각주 글")
            + "</text:note-body></text:note>"
        )
        + TEXT_TABLE
        + p(frame(image("Pictures/a.png")))
        + p(frame(image("http://elsewhere.example/pixel.png")))
    )
    masters = f'<style:master-page style:name="Standard"><style:header>{p("대외비")}</style:header></style:master-page>'
    return opened("text", body, masters=masters, **{"Pictures/a.png": png()})


def number_cell(value, shown=None, kind="float", name="", more=""):
    words = p(shown) if shown is not None else ""
    key = {"date": "date-value", "time": "time-value", "boolean": "boolean-value"}.get(kind, "value")
    return (
        f'<table:table-cell office:value-type="{kind}" office:{key}="{value}" table:style-name="{name}" {more}>{words}'
        "</table:table-cell>"
    )


def text_cell(text, name="", more=""):
    return cell(text, name, f'office:value-type="string" {more}')


def row(*cells, more=""):
    return f"<table:table-row {more}>{''.join(cells)}</table:table-row>"


def sheet(name, *rows, columns="", style="", more=""):
    return f'<table:table table:name="{name}" table:style-name="{style}">{columns}{"".join(rows)}{more}</table:table>'


_CELLS = (
    style("hiddensheet", '<style:table-properties table:display="false"/>', family="table")
    + style(
        "title",
        '<style:table-cell-properties fo:background-color="#1f4e79" style:text-align-source="fix"/>'
        '<style:paragraph-properties fo:text-align="center"/>'
        + letters(
            'fo:color="#ffffff" fo:font-weight="bold" style:font-weight-asian="bold" style:font-size-asian="16pt"'
        ),
        family="table-cell",
        parent="Default",
    )
    + style("ground", '<style:table-cell-properties fo:background-color="#ddebf7"/>', family="table-cell")
)


def ods(*tables, **members):
    common = style("Default", letters('fo:font-size="10pt" style:font-size-asian="10pt"'), family="table-cell")
    return opened("spreadsheet", "".join(tables), own=_OWN + _CELLS, common=common, **members)


def spending():
    """Sheets with all that is drawn, and what LibreOffice says of a million empty rows."""
    columns = '<table:table-column table:style-name="c1"/><table:table-column table:style-name="c2" table:number-columns-repeated="3"/>'
    empty = '<table:table-cell table:number-columns-repeated="1020"/>'
    first = sheet(
        "예산",
        row(text_cell("2027년 예산안", "title", 'table:number-columns-spanned="4"'),
            '<table:covered-table-cell table:number-columns-repeated="3"/>', empty),
        row(text_cell("영업본부"), number_cell("1240000000", "1,240,000,000원", "currency"), number_cell("0.97", "97%", "percentage"),
            number_cell("2027-01-13", "2027년 1월 13일", "date"), empty),
        row('<table:table-cell table:number-columns-repeated="1024"/>'),
        row(text_cell("합계"), number_cell("-5", "-5원"), number_cell("true", "참", "boolean"), empty),
        row('<table:table-cell table:style-name="ground" table:number-columns-repeated="1024"/>',
            more='table:number-rows-repeated="1048572"'),
        columns=columns,
    )  # fmt: skip
    second = sheet("일정", row(number_cell("1.5", "1.5")), columns='<table:table-column table:style-name="c1"/>')
    return ods(first, second, sheet("숨김", row(text_cell("비밀")), style="hiddensheet"))


def slide(*shapes, name="쪽", style="", master="Default"):
    notes = f"<presentation:notes>{box('발표 노트', ('0cm', '0cm', '9cm', '9cm'))}</presentation:notes>"
    return f'<draw:page draw:name="{name}" draw:style-name="{style}" draw:master-page-name="{master}">{"".join(shapes)}{notes}</draw:page>'


def box(text, place, more=""):
    words = text if text.startswith("<") else p(text)
    return frame(f"<draw:text-box>{words}</draw:text-box>", place, more)


_SLIDES_COMMON = (
    '<style:default-style style:family="graphic"><style:graphic-properties draw:fill-color="#729fcf"/>'
    + letters('style:font-size-asian="18pt"')
    + "</style:default-style>"
    + style("Default-title", '<style:graphic-properties draw:textarea-vertical-align="middle"/>'
            '<style:paragraph-properties fo:text-align="center"/>'
            + letters('style:font-size-asian="40pt" fo:color="#1f497d" style:font-weight-asian="bold"'), family="presentation")
    + style("Default-outline1", letters('style:font-size-asian="24pt"'), family="presentation")
    + style("Default-outline2", letters('style:font-size-asian="20pt"'), family="presentation", parent="Default-outline1")
    + '<text:list-style style:name="B"><text:list-level-style-bullet text:level="1" text:bullet-char="●"/>'
    '<text:list-level-style-bullet text:level="2" text:bullet-char="–"/></text:list-style>'
)  # fmt: skip
_SLIDES_OWN = (
    style("solid", '<style:graphic-properties draw:fill="solid" draw:fill-color="#4f81bd"/>', family="graphic")
    + style("pr1", "", family="presentation", parent="Default-title")
    + style("pr2", "", family="presentation", parent="Default-outline1")
    + style(
        "green",
        '<style:drawing-page-properties draw:fill="solid" draw:fill-color="#e2f0d9"/>',
        family="drawing-page",
    )
    + style("gone", '<style:drawing-page-properties presentation:visibility="hidden"/>', family="drawing-page")
    + style("bold", letters('style:font-weight-asian="bold"'))
)
_PAGES = (
    '<style:page-layout style:name="PM"><style:page-layout-properties fo:page-width="720pt" fo:page-height="540pt"/></style:page-layout>'
    + style("solid", '<style:graphic-properties draw:fill="solid" draw:fill-color="#000080"/>', family="graphic")
)
_MASTER = (
    '<style:master-page style:name="Default" style:page-layout-name="PM">'
    '<draw:rect draw:style-name="solid" svg:x="0pt" svg:y="513pt" svg:width="720pt" svg:height="27pt"/>'
    + box("제목을 넣으시오", ("0pt", "0pt", "700pt", "100pt"), 'presentation:class="title"')
    + "</style:master-page>"
)


def odp(*slides, **members):
    return opened("presentation", "".join(slides), own=_SLIDES_OWN, common=_SLIDES_COMMON, automatic=_PAGES, masters=_MASTER,
                  **members)  # fmt: skip


def proposal():
    """Slides with all that is drawn."""
    title = box(
        "2027년 사업 계획",
        ("36pt", "27pt", "648pt", "90pt"),
        'presentation:style-name="pr1" presentation:class="title"',
    )
    points = items(p("매출 목표 310억") + items(p(span("해외", "bold"))), name="B")
    body = box(
        points, ("36pt", "135pt", "432pt", "270pt"), 'presentation:style-name="pr2" presentation:class="outline"'
    )
    shape = (
        '<draw:g><draw:custom-shape draw:style-name="solid" svg:x="504pt" svg:y="135pt" svg:width="180pt" svg:height="54pt">'
        f"{p('핵심')}</draw:custom-shape></draw:g>"
    )
    picture = frame(image("Pictures/a.png"), ("504pt", "270pt", "90pt", "90pt"))
    table = frame(TEXT_TABLE, ("36pt", "54pt", "360pt", "90pt"))
    return odp(
        slide(title, body, shape, picture), slide(table, style="green"), slide(box("숨김", ("0cm", "0cm", "1cm", "1cm")), style="gone"),
        **{"Pictures/a.png": png()},
    )  # fmt: skip


# --- RTF ------------------------------------------------------------------------------------------------------------------


def korean(text):
    """Hangul as Korean Word writes it: a number for those who know Unicode, octets of code page 949 for those who do not."""
    written = ""
    for char in text:
        if char < "\x80":
            written += char
        else:
            old = "".join(f"\\'{octet:02x}" for octet in char.encode("cp949", "replace"))
            for at in range(0, len(units := char.encode("utf-16-le")), 2):
                unit = int.from_bytes(units[at : at + 2], "little", signed=True)
                written += rf"\uc{len(char.encode('cp949', 'replace'))}\u{unit}{old}"
    return written


def rtf(body, *, head=""):
    fonts = r"{\fonttbl{\f0\fcharset129 \'b1\'bc\'b8\'b2;}{\f1\fcharset2 Symbol;}{\f2\fcharset0 Times;}}"
    colours = (
        r"{\colortbl;\red0\green0\blue255;\red255\green255\blue0;\red31\green78\blue121;\red221\green235\blue247;}"
    )
    styles = r"{\stylesheet{\s0 Normal;}{\s1\outlinelevel0 heading 1;}{\*\cs10 Default;}{\s5 Title;}}"
    return rf"{{\rtf1\ansi\ansicpg949\deff0{fonts}{colours}{styles}{head}{body}}}".encode("ascii")


def rtf_entry(text, marker, level=0):
    return rf"\pard\ls1\ilvl{level}{{\listtext\pard\plain {marker}\tab}}{korean(text)}\par "


def rtf_row(*cells, edges, before=""):
    """A row; an edge is (merging, colour, twips)."""
    said = "".join(merging + (rf"\clcbpat{fill}" if fill else "") + rf"\cellx{place}" for merging, fill, place in edges)
    return (
        rf"\trowd\trleft0 {before}{said}" + "".join(rf"\pard\intbl {korean(text)}\cell " for text in cells) + r"\row "
    )


RTF_TABLE = (
    rtf_row("구분", "내용", edges=[("", 3, 2000), ("", 4, 8000)])
    + rtf_row("일정", "시제품", "3월 14일", edges=[(r"\clvmgf", 0, 2000), ("", 0, 5000), ("", 0, 8010)])
    + rtf_row("", "양산", "5월 2일", edges=[(r"\clvmrg", 0, 2000), ("", 0, 5000), ("", 0, 8000)])
)


def rtf_picture(octets, more=r"\pngblip"):
    digits = octets.hex()
    lines = "\n".join(digits[at : at + 60] for at in range(0, len(digits), 60))
    return rf"{{\pict{more}\picwgoal2000\pichgoal1000 {{\*\blipuid 00ff}}{lines}}}"


def rich():
    """A document with all that is drawn."""
    old = rtf_picture(b"old", r"\wmetafile8")
    picture = rf"{{\*\shppict{rtf_picture(png())}}}{{\nonshppict{old}}}"
    return rtf(
        rf"{{\header\pard {korean('대외비')}\par}}{{\footer\pard {korean('꼬리')}\par}}"
        rf"\pard\plain\s1\qc\b\fs40 {korean('부품 납품 계약서')}\par\pard\plain\qr 2027\'b3\'e2\par "
        + rtf_entry("이 계약은 부품의 납품에 필요한 사항을 정한다.", korean("제1조"))
        + rtf_entry("부가가치세는 따로 한다.", korean("가."), 1)
        + rtf_entry("납기", r"{\f1\'b7}")
        + rf"\pard\plain {korean('보통 ')}{{\b {korean('굵게 ')}}}{{\i {korean('기울임 ')}}}\ul {korean('밑줄 ')}\ulnone\strike "
        rf"{korean('취소선 ')}\strike0{{\cf1 {korean('파랑 ')}}}{{\highlight2 {korean('형광 ')}}}{{\fs36 {korean('큰 글자 ')}}}"
        rf"{{\super {korean('윗글')}}}{{\v {korean('숨김')}}}{korean('끝 😶')}\line "
        r'{\field{\*\fldinst HYPERLINK "http://elsewhere.example/pixel"}{\fldrslt here}}'
        rf"{{\super\chftn{{\footnote\pard\plain{{\super\chftn}} {korean('각주 글')}\par}}}}"
        rf"{{\*\annotation {korean('메모')}}}\par " + RTF_TABLE + rf"\pard {picture}\par "
    )
