"""NAME
    reading: the layout of an attached file

PURPOSE
    Finds out what a file is and lets the maker of its format build the model; messages of Outlook and archives tell
    what is in them.

LIMITS
    Those of `making`, `tree` and `extract.out.Limits`; `expired` is asked between steps for the time. Processor time and
    memory beyond are bounded by the runner.

FAILURE
    None: a layout says what is missing (`complete`, `problem`). None for a format that has no layout here: its text is
    what is left to be read (extract.reading).

SECURITY
    As extract.reading. Characters, numbers and octets of pictures come out, no markup. What lies outside the file is
    not fetched and not named.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Final

from msgspec.structs import replace

from smartmail.formats.extract import kinds, outlook
from smartmail.formats.extract.compound_file import CompoundFile
from smartmail.formats.extract.odf import refuse_encrypted
from smartmail.formats.extract.out import DEFAULT_LIMITS, Enough, Out, Unreadable
from smartmail.formats.extract.zip_archive import Archive
from smartmail.formats.layout import (
    hancom,
    hancom_binary,
    letters,
    odf_sheets,
    odf_slides,
    odf_text,
    old_sheets,
    old_slides,
    old_word,
    rich_text,
    sheets,
    slides,
    tree,
    word,
)
from smartmail.formats.layout.inside import files_of
from smartmail.formats.layout.making import Making
from smartmail.formats.layout.model import Head, Layout
from smartmail.formats.layout.tree import Node


def layout(
    octets: bytes, media_type: str = "", name: str = "", *, expired: Callable[[], bool] = lambda: False
) -> Layout | None:
    """Return what a file looks like; None when files of this kind have no layout. Raises MemoryError, and nothing else."""
    out = Out(DEFAULT_LIMITS, _nothing, expired)
    making = Making(out)
    try:
        return _made(making, octets, kinds.kind_of(octets, media_type, name), (media_type, name))
    except Unreadable as error:
        out.note(error.problem)
    except Enough:
        pass
    return None


def _made(making: Making, octets: bytes, kind: kinds.Kind, claims: tuple[str, str]) -> Layout | None:
    """Raises Unreadable and Enough."""
    heads: list[Head] = []
    if kind == "zip":
        archive = Archive(octets)
        for sign, wanted, read in _PACKAGES:
            if archive.find(sign) is not None:
                return _document(making, wanted, partial(read, making, archive))
        if archive.find("mimetype") is not None and archive.find("content.xml") is not None:
            return _open_document(making, archive)
    elif kind == "rtf":
        return _document(making, "document", partial(rich_text.read, making, octets))
    elif kind == "message":
        heads = letters.message(making, octets)
    elif kind == "tnef":
        heads = letters.tnef(making, octets)
    elif kind == "compound":
        file = CompoundFile(making.out, octets)
        if file.find("FileHeader"):
            return _document(making, "document", partial(hancom_binary.read, making, file))
        if book := file.find("Workbook"):
            return _document(making, "sheets", partial(old_sheets.read, making, file.read(book)))
        if file.find("WordDocument"):
            return _document(making, "document", partial(old_word.read, making, file))
        if file.find("PowerPoint Document"):
            return _document(making, "slides", partial(old_slides.read, making, file))
        if not file.find(outlook.PROPERTIES):
            return None
        heads = letters.msg(making, file)
    files = tuple(each.told for each in files_of(making.out, octets, *claims))
    if not files and not heads:
        return None
    return replace(making.result("archive" if kind == "zip" else "mail"), heads=tuple(heads), files=files)


_Read = Callable[[Making, Archive], None]
_PACKAGES: Final[tuple[tuple[str, str, _Read], ...]] = (
    ("Contents/section0.xml", "document", hancom.read),
    ("word/document.xml", "document", word.read),
    ("xl/workbook.xml", "sheets", sheets.read),
    ("ppt/presentation.xml", "slides", slides.read),
)


def _open_document(making: Making, archive: Archive) -> Layout | None:
    """Raises Unreadable and Enough."""
    refuse_encrypted(making.out, archive)
    content = tree.part(making.out, archive, "content.xml")
    for node in content.find("body").nodes():
        if node.name in _BODIES:
            kind, read = _BODIES[node.name]
            return _document(making, kind, partial(read, making, archive, content))
    return None


_BODIES: Final[dict[str, tuple[str, Callable[[Making, Archive, Node], None]]]] = {
    "text": ("document", odf_text.read),
    "spreadsheet": ("sheets", odf_sheets.read),
    "presentation": ("slides", odf_slides.read),
    "drawing": ("slides", odf_slides.read),
}


def _document(making: Making, kind: str, read: Callable[[], None]) -> Layout | None:
    """Raises Unreadable."""
    with suppress(Enough):
        read()
    made = making.result(kind)
    # Where nothing could be drawn, the text may still be there.
    return made if any(page.blocks or page.boxes for page in made.pages) else None


def _nothing(out: Out, octets: bytes, media_type: str, name: str) -> None:
    """Files inside files are not drawn here."""
