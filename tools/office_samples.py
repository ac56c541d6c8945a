"""Makes tests/unit/formats_extract/by_office: documents as LibreOffice writes them, from sources of our own.

Needs `soffice` (Debian: libreoffice-writer-nogui, -calc-nogui, -impress-nogui). The results are kept, so that tests need
no office: run this again only to look at what another version writes.
"""

import gzip
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "tests" / "unit" / "formats_extract" / "by_office"
TEXT = "회의자료: 똠방각하 2026년 예산안"
_OASIS = "urn:oasis:names:tc:opendocument:xmlns"
_SPACES = " ".join((
    f'xmlns:office="{_OASIS}:office:1.0"', f'xmlns:text="{_OASIS}:text:1.0"', f'xmlns:table="{_OASIS}:table:1.0"',
    f'xmlns:draw="{_OASIS}:drawing:1.0"', f'xmlns:style="{_OASIS}:style:1.0"',
    f'xmlns:fo="{_OASIS}:xsl-fo-compatible:1.0"', f'xmlns:svg="{_OASIS}:svg-compatible:1.0"',
    f'xmlns:presentation="{_OASIS}:presentation:1.0"', 'xmlns:dc="http://purl.org/dc/elements/1.1/"',
    'office:version="1.3"',
))  # fmt: skip
_KINDS = {"w.fodt": ("odt", "docx", "doc", "rtf"), "c.fods": ("ods", "xlsx", "xls"), "p.fodp": ("odp", "pptx", "ppt")}
_LARGE = {"p.ppt"}  # kept packed: its master takes 400 KB


def document(kind: str, styles: str, body: str) -> str:
    """Return a flat document."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document {_SPACES} '
        f'office:mimetype="application/vnd.oasis.opendocument.{kind}">{styles}<office:body>{body}</office:body>'
        "</office:document>"
    )


def letter() -> str:
    """Return a text with a header, a footnote, a table and a comment."""
    styles = (
        '<office:automatic-styles><style:page-layout style:name="L"><style:header-style>'
        '<style:header-footer-properties fo:min-height="1cm"/></style:header-style></style:page-layout>'
        '</office:automatic-styles><office:master-styles><style:master-page style:name="Standard" '
        'style:page-layout-name="L"><style:header><text:p>머리말 대외비</text:p></style:header></style:master-page>'
        "</office:master-styles>"
    )
    cells = "".join(f"<table:table-cell>{paragraph(text)}</table:table-cell>" for text in ("칸 하나", "칸 둘 會議"))
    body = (
        f'<office:text><text:h text:outline-level="1">제목 줄</text:h><text:p>{TEXT}<text:tab/>탭 뒤<text:line-break/>'
        '둘째 줄<text:note text:note-class="footnote"><text:note-citation>1</text:note-citation><text:note-body>'
        "<text:p>각주 글</text:p></text:note-body></text:note></text:p><table:table>"
        '<table:table-column table:number-columns-repeated="2"/>'
        f"<table:table-row>{cells}</table:table-row></table:table>"
        "<text:p>줄 &amp; 끝 😶 𠮷野<office:annotation><dc:creator>김민지</dc:creator><text:p>메모 글</text:p>"
        "</office:annotation></text:p></office:text>"
    )
    return document("text", styles, body)


def paragraph(text: str) -> str:
    """Return a paragraph."""
    return f"<text:p>{text}</text:p>"


def workbook() -> str:
    """Return two sheets: text, numbers, a comment."""

    def row(*cells: str) -> str:
        return f"<table:table-row>{''.join(cells)}</table:table-row>"

    def text(value: str, more: str = "") -> str:
        return f'<table:table-cell office:value-type="string">{paragraph(value)}{more}</table:table-cell>'

    number = '<table:table-cell office:value-type="float" office:value="1234567"/>'
    note = "<office:annotation><text:p>메모 글</text:p></office:annotation>"
    sheets = {"예산": row(text(TEXT), number) + row(text("둘째 줄")), "둘째장": row(text("會議 칸", note))}
    tables = "".join(f'<table:table table:name="{name}">{rows}</table:table>' for name, rows in sheets.items())
    return document("spreadsheet", "", f"<office:spreadsheet>{tables}</office:spreadsheet>")


def slides() -> str:
    """Return two slides with notes."""
    styles = (
        '<office:automatic-styles><style:page-layout style:name="L"/></office:automatic-styles><office:master-styles>'
        '<style:master-page style:name="M" style:page-layout-name="L"/></office:master-styles>'
    )
    size = 'svg:width="10cm" svg:height="3cm" svg:x="1cm" svg:y="1cm"'
    pages = "".join(
        f'<draw:page draw:name="쪽{number}" draw:master-page-name="M"><draw:frame {size}><draw:text-box>'
        f"{paragraph(text)}</draw:text-box></draw:frame><presentation:notes>"
        f'<draw:frame presentation:class="notes" {size}><draw:text-box>{paragraph(f"발표 노트 {number}")}'
        "</draw:text-box></draw:frame></presentation:notes></draw:page>"
        for number, text in ((1, TEXT), (2, "둘째 슬라이드 會議"))
    )
    return document("presentation", styles, f"<office:presentation>{pages}</office:presentation>")


def main() -> int:
    """Write all samples."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        for name, source in (("w.fodt", letter()), ("c.fods", workbook()), ("p.fodp", slides())):
            path = Path(work, name)
            path.write_text(source, "utf-8")
            for kind in _KINDS[name]:
                convert = [
                    "soffice",
                    f"-env:UserInstallation=file://{work}/profile",
                    "--headless",
                    "--convert-to",
                    kind,
                ]
                subprocess.run([*convert, "--outdir", work, str(path)], check=True, capture_output=True)
                made = path.with_suffix(f".{kind}")
                if made.name in _LARGE:
                    (FOLDER / f"{made.name}.gz").write_bytes(gzip.compress(made.read_bytes(), 9, mtime=0))
                else:
                    (FOLDER / made.name).write_bytes(made.read_bytes())
    return 0


if __name__ == "__main__":
    sys.exit(main())
