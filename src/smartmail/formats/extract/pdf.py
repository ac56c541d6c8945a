"""PDF (ISO 32000), read by PDFium.

Of the libraries with a free licence it is the one that reads all the ways in which Korean, Japanese and Chinese fonts
are encoded: Identity-H with ToUnicode, the predefined CMaps (KSCms-UHC-H, UniKS-UTF16-H, 90ms-RKSJ-H, …), fonts that
are not embedded. It sees no font of the machine (pdf_fonts): a file has the same text everywhere. It is native code that
parses hostile octets: call it only where a crash costs nothing.
"""

import contextlib
import re
from bisect import bisect_left
from typing import Any, Final

from smartmail.formats.extract import pdf_fonts, pdf_marks
from smartmail.formats.extract.out import Out, Unreadable
from smartmail.formats.extract.pdf_lines import joined

_PROPERTIES: Final = frozenset({"Title", "Subject", "Keywords"})
_MAX_PAGES: Final = 5_000
_PAGE_CHARS: Final = 500_000
_SOFT_HYPHEN: Final = "\u00ad"
_HYPHEN_AT_LINE_END: Final = "\ufffe"  # how PDFium marks a word that a line end cut
# Word processors move Latin letters and digits a little away from Hangul and Han, which PDFium takes for a space: a fifth
# to a quarter of the size, where the space of a font is wider.
_BORDER: Final = re.compile("(?<=[가-힣㐀-鿿぀-ヿ]) (?=[0-9A-Za-z])|(?<=[0-9A-Za-z]) (?=[가-힣㐀-鿿぀-ヿ])")
_WIDE: Final = re.compile("[\U00010000-\U0010ffff]")
_MOVED_AWAY: Final = 0.26
_MAX_BORDERS: Final = 50_000  # looked at on a page
_PASSWORD_ERROR: Final = "password"  # noqa: S105 -- a word of its error text


def preload() -> None:
    """Load the native library: before the right to open files is given up."""
    library()


def extract(out: Out, octets: bytes) -> None:
    """Write the text of all pages. Raises Unreadable and Enough."""
    pdfium = library()
    try:
        document = pdfium.PdfDocument(octets)
    except pdfium.PdfiumError as error:
        raise Unreadable("encrypted" if _PASSWORD_ERROR in str(error).lower() else "damaged") from None
    try:
        _pages(out, document, pdfium.PdfiumError)
    finally:
        with contextlib.suppress(Exception):
            document.close()


def library() -> Any:
    """Return the native library."""
    import pypdfium2  # 30 ms and 10 MB that only extraction needs

    pdf_fonts.install(pypdfium2.raw)
    return pypdfium2


def _pages(out: Out, document: Any, error: type[Exception]) -> None:
    count = len(document)
    for number in range(min(count, _MAX_PAGES)):
        out.tick()
        try:
            text = page_text(document, number)
        except (error, ValueError, OverflowError):
            out.note("damaged")
            continue
        out.add(text)
        out.line()
        if out.limits.thorough:
            _besides(out, document, number, has_text=bool(text.strip()))
    if out.limits.thorough:
        for name, value in document.get_metadata_dict(skip_empty=True).items():
            if name in _PROPERTIES:
                out.label(f"{name}={value}")
    if count > _MAX_PAGES:
        out.note("limits")
    _attachments(out, document, error)


def _besides(out: Out, document: Any, number: int, *, has_text: bool) -> None:
    """Write what a page has besides its text; note a page that is a picture. Raises Enough."""
    page = document[number]
    try:
        words = pdf_marks.words(library().raw, page.raw)
        if not has_text and pdf_marks.has_objects(library().raw, page.raw):
            out.note("pictures")
    finally:
        page.close()
    for word in words:
        out.add(word.replace("\r", "\n"))
        out.line()


def page_text(document: Any, number: int) -> str:
    """Return the text of a page. Raises what PDFium raises, ValueError, OverflowError."""
    page = document[number]
    try:
        text_page = page.get_textpage()
        try:
            count = min(text_page.count_chars(), _PAGE_CHARS)
            text = str(text_page.get_text_range(0, count)) if count > 0 else ""
            text = joined(_without_false_spaces(text, text_page))
        finally:
            text_page.close()
    finally:
        page.close()
    return text.replace(_HYPHEN_AT_LINE_END, "").replace(_SOFT_HYPHEN, "")


def _without_false_spaces(text: str, text_page: Any) -> str:
    wide = [match.start() for match in _WIDE.finditer(text)]  # PDFium counts these twice
    looked_at = 0

    def keep(match: re.Match[str]) -> str:
        nonlocal looked_at
        looked_at += 1
        at = match.start() + bisect_left(wide, match.start())
        return "" if looked_at <= _MAX_BORDERS and _is_false_space(text_page, at) else " "

    return _BORDER.sub(keep, text)


def _is_false_space(text_page: Any, at: int) -> bool:
    """Say whether the space at this place of the text is PDFium's own and narrow."""
    raw = library().raw
    index = raw.FPDFText_GetCharIndexFromTextIndex(text_page, at)
    if index <= 0 or raw.FPDFText_GetUnicode(text_page, index) != ord(" "):
        return False
    if raw.FPDFText_IsGenerated(text_page, index) != 1:
        return False
    size = raw.FPDFText_GetFontSize(text_page, index - 1)
    left, right = text_page.get_charbox(index - 1, loose=True), text_page.get_charbox(index + 1, loose=True)
    return bool(0 < right[0] - left[2] < size * _MOVED_AWAY)


def _attachments(out: Out, document: Any, error: type[Exception]) -> None:
    """Read the files that a PDF carries."""
    try:
        count = min(document.count_attachments(), out.limits.members)
        for index in range(count):
            attachment = document.get_attachment(index)
            out.file(str(attachment.get_name()))
            out.nested(bytes(attachment.get_data()), name=str(attachment.get_name()))
    except (error, ValueError, AttributeError):
        out.note("damaged")
