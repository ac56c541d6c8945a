"""Charts as office programs keep them: a part of its own, with the values that were last seen."""

from tests.unit.formats_extract.documents import zipped
from tests.unit.formats_layout import packages as made

_C = 'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
NAMES = ("1분기", "2분기", "3분기", "4분기")


def points(tag, values, form=""):
    kept = "".join(
        f'<c:pt idx="{at}"><c:v>{value}</c:v></c:pt>' for at, value in enumerate(values) if value is not None
    )
    cache = "strCache" if tag == "cat" else "numCache"
    code = f"<c:formatCode>{form}</c:formatCode>" if form else ""
    return f"<c:{tag}><c:ref><c:{cache}>{code}{kept}</c:{cache}></c:ref></c:{tag}>"


def series(title, values, *, names=NAMES, color="", form="", more=""):
    fill = f'<c:spPr><a:solidFill><a:srgbClr val="{color}"/></a:solidFill></c:spPr>' if color else ""
    head = (
        f"<c:tx><c:strRef><c:strCache><c:pt><c:v>{title}</c:v></c:pt></c:strCache></c:strRef></c:tx>" if title else ""
    )
    return f"<c:ser>{head}{fill}{more}{points('cat', names)}{points('val', values, form)}</c:ser>"


def chart(*groups, title="분기별 매출"):
    told = f"<c:title><c:tx><c:rich><a:p><a:r><a:t>{title}</a:t></a:r></a:p></c:rich></c:tx></c:title>" if title else ""
    return f"<c:chartSpace {_C}><c:chart>{told}<c:plotArea>{''.join(groups)}</c:plotArea></c:chart></c:chartSpace>"


def bars(*found, direction="col", grouping="clustered"):
    return f'<c:barChart><c:barDir val="{direction}"/><c:grouping val="{grouping}"/>{"".join(found)}</c:barChart>'


SALES = series("매출", (310, 290, 355, 402.6), color="1F4E79", form='#,##0"억"')
COSTS = series("비용", (200, 210, 260, None), form='#,##0"억"')
FRAME = '<c:chart xmlns:c="c" r:id="{}"/>'
TURNOVER = chart(bars(SALES, COSTS))
SHARES = chart(f"<c:pieChart>{series('', (50, 25, 25), names=('가', '나', '다'))}</c:pieChart>", title="제품별 비중")


def word(*parts):
    frame = "".join(
        f'<w:p><w:r><w:drawing><wp:inline xmlns:wp="x"><wp:extent cx="5080000" cy="3048000"/><a:graphic><a:graphicData>'
        f"{FRAME.format(f'rId{at}')}</a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
        for at in range(len(parts))
    )
    return made.docx(
        f"<w:p>{made.run('보고서')}</w:p>{frame}",
        targets={f"rId{at}": f"charts/chart{at}.xml" for at in range(len(parts))},
        **{f"word/charts/chart{at}.xml": part for at, part in enumerate(parts)},
    )


def slide(part):
    """A presentation with a chart at a place of its only slide."""
    frame = (
        '<p:graphicFrame><p:xfrm><a:off x="914400" y="685800"/><a:ext cx="4572000" cy="2743200"/></p:xfrm>'
        f"<a:graphic><a:graphicData>{FRAME.format('rId1')}</a:graphicData></a:graphic></p:graphicFrame>"
    )
    return zipped({
        "ppt/presentation.xml": '<p:presentation xmlns:p="p" xmlns:r="r"><p:sldIdLst><p:sldId r:id="x"/></p:sldIdLst></p:presentation>',
        "ppt/slides/slide1.xml": f'<p:sld xmlns:p="p" xmlns:a="a" xmlns:r="r"><p:cSld><p:spTree>{frame}</p:spTree></p:cSld></p:sld>',
        "ppt/slides/_rels/slide1.xml.rels": made.relations(rId1="../charts/chart1.xml"),
        "ppt/charts/chart1.xml": part,
    })  # fmt: skip


def sheet(part):
    """A workbook with a chart on its only sheet."""
    with_drawing = '<sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData><drawing r:id="rId1"/>'
    return zipped({
        "xl/workbook.xml": '<workbook xmlns:r="r"><sheets><sheet name="예산" r:id="rId1"/></sheets></workbook>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns:r="r">{with_drawing}</worksheet>',
        "xl/worksheets/_rels/sheet1.xml.rels": made.relations(rId1="../drawings/drawing1.xml"),
        "xl/drawings/drawing1.xml": f'<xdr:wsDr xmlns:xdr="x" xmlns:r="r"><xdr:twoCellAnchor><xdr:graphicFrame>{FRAME.format("rId1")}'
        "</xdr:graphicFrame></xdr:twoCellAnchor></xdr:wsDr>",
        "xl/drawings/_rels/drawing1.xml.rels": made.relations(rId1="../charts/chart1.xml"),
        "xl/charts/chart1.xml": part,
    })  # fmt: skip
