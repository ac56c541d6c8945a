"""PDF (ISO 32000), read by PDFium.

Of the libraries with a free licence it is the one that reads all the ways in which Korean, Japanese and Chinese fonts
are encoded: Identity-H with ToUnicode, the predefined CMaps (KSCms-UHC-H, UniKS-UTF16-H, 90ms-RKSJ-H, …), fonts that
are not embedded. It is native code that parses hostile octets: call it only where a crash costs nothing.
"""

import contextlib
from typing import Any, Final

from smartmail.formats.extract.out import Out, Unreadable

_MAX_PAGES: Final = 5_000
_PAGE_CHARS: Final = 500_000
_SOFT_HYPHEN: Final = "\u00ad"
_HYPHEN_AT_LINE_END: Final = "\ufffe"  # how PDFium marks a word that a line end cut
_PASSWORD_ERROR: Final = "password"  # noqa: S105 -- a word of its error text


def preload() -> None:
    """Load the native library: before the right to open files is given up."""
    _library()


def extract(out: Out, octets: bytes) -> None:
    """Write the text of all pages. Raises Unreadable and Enough."""
    pdfium = _library()
    try:
        document = pdfium.PdfDocument(octets)
    except pdfium.PdfiumError as error:
        raise Unreadable("encrypted" if _PASSWORD_ERROR in str(error).lower() else "damaged") from None
    try:
        _pages(out, document, pdfium.PdfiumError)
    finally:
        with contextlib.suppress(Exception):
            document.close()


def _library() -> Any:
    import pypdfium2  # 30 ms and 10 MB that only extraction needs

    return pypdfium2


def _pages(out: Out, document: Any, error: type[Exception]) -> None:
    count = len(document)
    for number in range(min(count, _MAX_PAGES)):
        out.tick()
        try:
            text = _page(document, number)
        except (error, ValueError, OverflowError):
            out.note("damaged")
            continue
        out.add(text)
        out.line()
    if count > _MAX_PAGES:
        out.note("limits")
    _attachments(out, document, error)


def _page(document: Any, number: int) -> str:
    page = document[number]
    try:
        text_page = page.get_textpage()
        try:
            count = min(text_page.count_chars(), _PAGE_CHARS)
            text = str(text_page.get_text_range(0, count)) if count > 0 else ""
        finally:
            text_page.close()
    finally:
        page.close()
    return text.replace(_HYPHEN_AT_LINE_END, "").replace(_SOFT_HYPHEN, "")


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
