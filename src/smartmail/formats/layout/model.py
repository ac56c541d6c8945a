"""The model that a page draws. Sizes: of characters in points, of pictures and slides in points, boxes in shares of a slide."""

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

Colour = Annotated[str, Meta(pattern=r"^(?:[0-9a-f]{6})?\Z")]
"""Six hexadecimal digits, or "": that of the paper."""
Align = Literal["", "left", "center", "right", "justify"]
Short = Annotated[str, Meta(max_length=400)]
BATCH: Final = 20
"""Pages of a PDF that are drawn at a time."""


class Run(Struct, frozen=True, omit_defaults=True, gc=False):
    """Characters that look the same. `size` 0: that of the paragraph. `script`: above or below the line."""

    text: str
    bold: bool = False
    italic: bool = False
    underline: bool = False
    strike: bool = False
    color: Colour = ""
    back: Colour = ""
    size: float = 0.0
    script: Literal["", "super", "sub"] = ""


class Paragraph(Struct, frozen=True, omit_defaults=True, tag_field="is", tag="p"):
    """`heading` 1 to 6. `marker`: what stands before an entry of a list. `indent`: its level, or that of the paragraph."""

    runs: tuple[Run, ...] = ()
    align: Align = ""
    heading: int = 0
    marker: Short = ""
    indent: int = 0


class Picture(Struct, frozen=True, omit_defaults=True, tag_field="is", tag="picture"):
    """`at`: its place in `Layout.pictures`, -1 for one that is not shown."""

    at: int
    width: int = 0
    height: int = 0


class Cell(Struct, frozen=True, omit_defaults=True):
    """`columns`, `rows`: how many it covers."""

    blocks: tuple["Block", ...] = ()
    columns: int = 1
    rows: int = 1
    fill: Colour = ""


class Table(Struct, frozen=True, omit_defaults=True, tag_field="is", tag="table"):
    """`widths` of columns in points, as many as are known."""

    rows: tuple[tuple[Cell, ...], ...] = ()
    widths: tuple[int, ...] = ()


class Figure(Struct, frozen=True, omit_defaults=True, gc=False):
    """Points as x and y by turns, in points of the drawing. A shape that is filled, or a line through them."""

    points: tuple[float, ...]
    color: Colour
    filled: bool = False


class Label(Struct, frozen=True, omit_defaults=True, gc=False):
    """Words that stand at a place: they begin there, end there, or have it in their middle."""

    x: float
    y: float
    text: Short
    anchor: Literal["", "middle", "end"] = ""


class Drawing(Struct, frozen=True, omit_defaults=True, tag_field="is", tag="drawing"):
    """A chart as it is drawn. `name`: what it is called, and what it says where no table stands beside it."""

    width: int
    height: int
    name: Short = ""
    figures: tuple[Figure, ...] = ()
    labels: tuple[Label, ...] = ()


Block = Paragraph | Picture | Table | Drawing


class Box(Struct, frozen=True, omit_defaults=True):
    """A place on a slide: shares of its width and height."""

    x: float
    y: float
    width: float
    height: float
    blocks: tuple[Block, ...] = ()
    fill: Colour = ""
    anchor: Literal["", "middle", "bottom"] = ""


class Page(Struct, frozen=True, omit_defaults=True):
    """A document, a sheet or a slide. `width` and `height` are a slide's."""

    name: Short = ""
    blocks: tuple[Block, ...] = ()
    boxes: tuple[Box, ...] = ()
    width: float = 0.0
    height: float = 0.0
    back: Colour = ""


class PictureFile(Struct, frozen=True):
    """Octets that a browser draws; the type is what they begin with."""

    type: Literal["image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"]
    octets: bytes


class Head(Struct, frozen=True):
    """A field of a message that a reader sees."""

    field: Literal["subject", "from", "to", "cc", "date"]
    text: str


class InnerFile(Struct, frozen=True, omit_defaults=True):
    """A file inside this one; its number is its place. `size` -1: not known before it is unpacked. `readable`: opened."""

    name: Short
    size: int = -1
    readable: bool = True


class Layout(Struct, frozen=True, omit_defaults=True):
    """All of it. `problem` as in ports.extraction."""

    kind: Literal["document", "sheets", "slides", "mail", "archive"]
    pages: tuple[Page, ...] = ()
    pictures: tuple[PictureFile, ...] = ()
    heads: tuple[Head, ...] = ()
    files: tuple[InnerFile, ...] = ()
    complete: bool = True
    problem: str = ""


class View(Struct, frozen=True, omit_defaults=True):
    """What is shown of a file that is not given away: its `layout`, pictures of its pages (from `first` on, of `total`), or its
    text; beside pages that of those whose characters cannot all be drawn. `problem` as in ports.extraction.
    """

    layout: Layout | None = None
    pages: tuple[PictureFile, ...] = ()
    first: int = 0
    total: int = 0
    text: str = ""
    problem: str = ""
