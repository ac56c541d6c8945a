"""NAME
    views: what is shown of a file to somebody who may look at it and not have it

PURPOSE
    A PDF and a picture become pictures of pages; documents their layout, with pictures made anew. Into every picture that is
    large enough to be worth taking a mark is burnt that says who looked and when.

LIMITS
    BATCH pages of a PDF at a time, SIDE pixels, MAX_PIXELS of a picture that is read, MAX_OCTETS of all pictures; `expired` is
    asked between pages and pictures.

FAILURE
    None where nothing can be drawn: its text is what is left. A page or picture that cannot be drawn is missing.

SECURITY
    Native code over hostile octets: called in killable children only. No octet of the file comes out: pictures are read to
    their pixels and written anew, without the place, the camera or a second picture behind the first. The mark takes
    ASCII alone, for a child can open no font; the page around carries it in full.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from itertools import islice
from typing import Any, Final

from msgspec.structs import replace

from smartmail.formats import picture_codes
from smartmail.formats.extract import kinds, pdf, pdf_fonts
from smartmail.formats.layout.making import picture_type
from smartmail.formats.layout.model import BATCH, PictureFile, View
from smartmail.formats.layout.reading import layout

WIDTH: Final = 1_240
"""Pixels of a page: A4 at 150 dots an inch."""
SIDE: Final = 2_200
INNER_SIDE: Final = 1_400
MAX_PIXELS: Final = 24_000_000
MAX_OCTETS: Final = 18 << 20
MARKED_SIDE: Final = 160
"""Smaller pictures are ornaments."""
MAX_MARK: Final = 120
_FORMATS: Final = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
_QUALITY: Final = 82
_FONT_SIZE: Final = 22
_INK: Final = (96, 96, 96)
_STRENGTH: Final = 84  # of 255

_EAST: Final = re.compile("[\u1100-\u11ff\u2e80-\ud7ff\uf900-\ufaff\uff00-\uffef]")
_MAX_OBJECTS: Final = 2_000

_Expired = Callable[[], bool]
_fonts: list[Any] = []


def preload() -> bool:
    """Load now what draws and writes pictures; say whether it is there."""
    if not picture_codes.preload():
        return False
    if not _fonts:
        from PIL import Image, ImageDraw, ImageFont

        ImageDraw.Draw(Image.new("L", (1, 1)))
        _fonts.append(ImageFont.load_default(_FONT_SIZE))
        for name in _FORMATS:
            out = BytesIO()
            Image.new("RGB", (4, 4)).save(out, name)
            _anew(out.getvalue(), _Mark("x"), SIDE)
        with suppress(Exception):
            _pdf_pages(_EMPTY_PDF, _Mark("x"), 0, lambda: False)
    return True


def view(
    octets: bytes, media_type: str = "", name: str = "", *, mark: str = "", first: int = 0,
    expired: _Expired = lambda: False,
) -> View | None:  # fmt: skip
    """Return what is shown of a file, of a PDF from page `first` on. Raises MemoryError."""
    if not preload():
        return None
    burnt = _Mark(mark)
    if kinds.kind_of(octets, media_type, name) == "pdf":
        return _pdf_pages(octets, burnt, first, expired)
    if picture_type(octets) is not None:
        drawn = _anew(octets, burnt, SIDE)
        return None if drawn is None else View(pages=(drawn,), total=1)
    found = layout(octets, media_type, name, expired=expired)
    if found is None:
        return None
    pictures, room = [], MAX_OCTETS
    for one in found.pictures:
        made = None if expired() else _anew(one.octets, burnt, INNER_SIDE)
        if made is None or len(made.octets) > room:
            made = PictureFile("image/jpeg", b"")
        room -= len(made.octets)
        pictures.append(made)
    return View(layout=replace(found, pictures=tuple(pictures)))


class _Mark:
    """Words over a picture, again and again and askew, so that no part of it comes without them."""

    def __init__(self, words: str) -> None:
        self._words = words[:MAX_MARK].encode("ascii", "replace").decode()
        self._masks: dict[tuple[int, int], Any] = {}

    def burn(self, picture: Any) -> None:
        """Write it into the pixels of an RGB picture."""
        if not self._words or min(picture.size) < MARKED_SIDE:
            return
        if picture.size not in self._masks:
            self._masks.clear()
            self._masks[picture.size] = self._mask(picture.size)
        mask = self._masks[picture.size]
        width, height = picture.size
        # Light beside dark: one of both is seen on any ground.
        picture.paste((255, 255, 255), (2, 2, width, height), mask.crop((0, 0, width - 2, height - 2)))
        picture.paste(_INK, (0, 0, width, height), mask)

    def _mask(self, size: tuple[int, int]) -> Any:
        from PIL import Image, ImageDraw

        font = _fonts[0]
        _left, _top, right, bottom = font.getbbox(self._words)
        tile = Image.new("L", (int(right) + 90, int(bottom) + 110))
        ImageDraw.Draw(tile).text((30, 50), self._words, fill=_STRENGTH, font=font)
        diagonal = int((size[0] ** 2 + size[1] ** 2) ** 0.5) + 2
        wide = Image.new("L", (diagonal, diagonal))
        for row, top in enumerate(range(0, diagonal, tile.height)):
            for left in range(-(row % 2) * tile.width // 2, diagonal, tile.width):
                wide.paste(tile, (left, top))
        turned: Any = wide.rotate(24)
        left, top = (diagonal - size[0]) // 2, (diagonal - size[1]) // 2
        return turned.crop((left, top, left + size[0], top + size[1]))


def _anew(octets: bytes, mark: _Mark, side: int) -> PictureFile | None:
    """Return a picture read to its pixels and written anew; None for one that cannot be read, or is too large."""
    from PIL import Image, ImageOps

    try:
        with Image.open(BytesIO(octets), formats=_FORMATS) as opened:
            opened.draft("RGB", (side * 2, side * 2))
            if opened.width * opened.height > MAX_PIXELS:
                return None
            upright: Any = ImageOps.exif_transpose(opened)
            clear = upright.mode in {"RGBA", "LA", "PA"} or "transparency" in upright.info
            picture: Any = upright.convert("RGBA" if clear else "RGB")
            picture.thumbnail((side, side))
            if not clear:
                return _written(picture, mark)
            alpha, ground = picture.getchannel("A"), picture.convert("RGB")
            mark.burn(ground)
            ground.putalpha(alpha)
            return PictureFile("image/png", _saved(ground, "PNG"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def _pdf_pages(octets: bytes, mark: _Mark, first: int, expired: _Expired) -> View | None:
    library = pdf.library()
    try:
        document, read = library.PdfDocument(octets), library.PdfDocument(octets)
    except library.PdfiumError as error:
        return View(problem="encrypted" if "password" in str(error).lower() else "damaged")
    try:
        # What is filled into a form is drawn with the form.
        with suppress(Exception):
            document.init_forms()
        pages: list[PictureFile] = []
        words: list[str] = []
        total, room = len(document), MAX_OCTETS
        first = min(first, max(0, total - 1))
        for number in range(first, min(first + BATCH, total)):
            with pdf_fonts.drawing():
                drawn = _pdf_page(document, number, mark, library.PdfiumError)
            if len(drawn.octets) > room or (pages and expired()):
                break
            room -= len(drawn.octets)
            pages.append(drawn)
            words.append(_undrawn(read, number, library))
        told = "\n\n".join(one for one in words if one)
        return View(pages=tuple(pages), first=first, total=total, text=told) if pages else None
    finally:
        for one in (document, read):
            with suppress(Exception):
                one.close()


def _pdf_page(document: Any, number: int, mark: _Mark, error: type[Exception]) -> PictureFile:
    try:
        page = document[number]
        try:
            width, height = (max(1.0, each) for each in page.get_size())
            picture = page.render(scale=min(WIDTH / width, SIDE / height)).to_pil().convert("RGB")
        finally:
            page.close()
    except (error, ValueError, OverflowError):
        return PictureFile("image/jpeg", b"")
    return _written(picture, mark)


def _undrawn(document: Any, number: int, library: Any) -> str:
    """Return the text of a page with characters of a font that the file does not carry: here is none to draw them by."""
    try:
        text = pdf.page_text(document, number)
        if not _EAST.search(text):
            return ""
        page = document[number]
        try:
            texts = islice(page.get_objects(filter=[library.raw.FPDF_PAGEOBJ_TEXT]), _MAX_OBJECTS)
            fonts = (library.raw.FPDFTextObj_GetFont(one.raw) for one in texts)
            missing = any(font and library.raw.FPDFFont_GetIsEmbedded(font) == 0 for font in fonts)
        finally:
            page.close()
    except (library.PdfiumError, ValueError, OverflowError, AttributeError):
        return ""
    return text.strip() if missing else ""


def _written(picture: Any, mark: _Mark) -> PictureFile:
    mark.burn(picture)
    return PictureFile("image/jpeg", _saved(picture, "JPEG"))


def _saved(picture: Any, form: str) -> bytes:
    out = BytesIO()
    # A fresh picture carries nothing but pixels into its file.
    picture.info = {}
    picture.save(out, form, quality=_QUALITY)
    return out.getvalue()


_EMPTY_PDF: Final = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj trailer<</Root 1 0 R>>\n%%EOF"
)
