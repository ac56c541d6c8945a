"""RTF (Rich Text Format specification 1.9.1) as it looks: paragraphs, looks of characters, lists, tables, pictures, boxes.

Writers say the looks of every paragraph and run beside its style, so a style is asked only whether it is a heading.
What stands before the entry of a list is what its writer put there (`\\listtext`). Comments, footers and old forms of what is
written twice are not shown.
"""

import re
from contextlib import suppress
from typing import Any, Final

from smartmail.formats.extract import rtf
from smartmail.formats.extract.out import Enough
from smartmail.formats.layout.making import MAX_CHARS, MAX_NESTED, MAX_PICTURE, Making, joined
from smartmail.formats.layout.model import Align, Block, Page, Paragraph, Picture, Run
from smartmail.formats.layout.rich_tables import Edge, Tables

_TWIPS: Final = 20
_INDENT: Final = 400  # twips of a level
_MAX_COLOURS: Final = 2_000
_MAX_STYLES: Final = 5_000
_MAX_HEADING: Final = 6
_MAX_MARKER: Final = 40
_MAX_SIZE: Final = 400
_HEX: Final = re.compile(rb"[^0-9A-Fa-f]+")
_PRIVATE: Final = re.compile("[\ue000-\uf8ff]")
_SYMBOL_CHARSET: Final = 2
_BULLETS: Final = b"\xa7\xb7\x6c\x6e\x9f"

_TOGGLES: Final = {
    b"b": "bold",
    b"i": "italic",
    b"strike": "strike",
    b"striked": "strike",
    b"v": "hidden",
    b"deleted": "hidden",
}
_GROUNDS: Final = frozenset({b"highlight", b"chcbpat", b"cb"})
_SCRIPTS: Final = {b"super": "super", b"sub": "sub", b"nosupersub": ""}
_ALIGN: Final[dict[bytes, Align]] = {b"ql": "left", b"qc": "center", b"qr": "right", b"qj": "justify", b"qd": "justify"}
_LOOKS: Final = frozenset({*_TOGGLES, *_GROUNDS, *_SCRIPTS, b"cf", b"fs", b"plain"})
# Groups that are another flow of paragraphs, and those that are not shown here.
_FLOWS: Final = {b"footnote": "note", b"header": "header", b"headerr": "header", b"headerf": "header", b"headerl": "none",
                 b"shptxt": "box"}  # fmt: skip
_UNSEEN: Final = frozenset({b"nonshppict", b"shprslt", b"nonesttables", b"annotation", b"footer", b"footerl", b"footerr",
                            b"footerf", b"ftnsep", b"aftnsep"})  # fmt: skip
_PLACES: Final = {b"colortbl": "colours", b"stylesheet": "styles", b"pict": "picture", b"listtext": "marker",
                  b"pntext": "marker", b"nesttableprops": "row", b"sp": "shape"}  # fmt: skip
_KINDS: Final = frozenset({b"pngblip", b"jpegblip"})


def read(making: Making, octets: bytes) -> None:
    """Make the page of a document: its header, its body, its notes. Raises Enough."""
    reader = _Reader(making, octets)
    try:
        rtf.read(reader, octets)
    finally:
        with suppress(Enough):
            reader.finish()
        making.pages.append(Page(blocks=(*reader.header, *reader.flows[0].tables.body, *reader.notes)))


class _State(rtf.State):
    """`place`: what the group is; `begins`: it is the outermost of that."""

    __slots__ = ("begins", "flow", "looks", "paragraph", "place", "symbolic")

    def __init__(self) -> None:
        super().__init__("", 1, hidden=False, in_fonts=False)
        self.looks: dict[str, Any] = {}
        self.paragraph: dict[bytes, int] = {}
        self.place = ""
        self.flow = ""
        self.begins = self.symbolic = False

    def copy(self) -> "_State":
        new = _State()
        new.codec, new.fallback, new.hidden, new.in_fonts = self.codec, self.fallback, self.hidden, self.in_fonts
        # Both are replaced, not changed, so that groups may share them.
        new.looks, new.paragraph, new.place, new.flow = self.looks, self.paragraph, self.place, self.flow
        new.symbolic = self.symbolic
        return new


class _Flow:
    """Paragraphs one after another: the body, a note, a header, a box."""

    def __init__(self, making: Making) -> None:
        self.tables = Tables(making)
        self.beside: list[Block] = []
        self.marker = ""
        self.pieces: list[tuple[str, dict[str, Any]]] = []


class _Reader(rtf.Reader):
    def __init__(self, making: Making, octets: bytes) -> None:
        super().__init__(making.out)
        self.state: _State = _State()
        self.header: list[Block] = []
        self.notes: list[Block] = []
        self.flows = [_Flow(making)]
        self._making, self._whole = making, octets
        self._colours: list[str] = []
        self._colour = [0, 0, 0, 0]  # the last: whether any was said
        self._headings: dict[int, int] = {}
        self._style, self._style_name, self._style_level = -1, b"", 0
        self._symbols: set[int] = set()
        self._picture: dict[bytes, int] = {}
        self._hex = bytearray()
        self._drawn: dict[bytes, int] = {}
        self._edge = Edge()
        self._notes = 0
        self._room = MAX_CHARS

    # --- Groups -----------------------------------------------------------------------------------------------------

    def name_group(self, word: bytes) -> None:
        if not self.first:
            return
        above = self.stack[-1] if self.stack else self.state
        super().name_group(word)
        state = self.state
        if state.place == "picture":
            state.place = "beside"  # its name, its number: not its octets
        if word in _UNSEEN or (word in _FLOWS and (_FLOWS[word] == "none" or len(self.flows) > MAX_NESTED)):
            state.hidden = True
        elif word == b"shppict":
            state.hidden = above.hidden
        elif word in _FLOWS and not above.hidden:
            state.hidden, state.flow, state.begins = False, _FLOWS[word], True
            state.place, state.paragraph = "", {}
            self.flows.append(_Flow(self._making))
        elif word in _PLACES:
            seen = not above.hidden or (word == b"pict" and self._in_shape())
            state.hidden = state.hidden or word == b"sp"
            if seen or word in {b"colortbl", b"stylesheet", b"sp"}:
                state.place, state.begins = _PLACES[word], True
            if word == b"pict":
                self._picture, self._hex = {}, bytearray()

    def _in_shape(self) -> bool:
        above = self.stack[-1] if self.stack else self.state
        return isinstance(above, _State) and above.place == "shape"

    def close(self) -> None:
        self.flush()
        state = self.state
        if state.place == "styles":
            self._end_style()
        if state.begins and state.place == "picture":
            self._end_picture()
        elif state.begins and state.flow and not state.place and len(self.flows) > 1:
            self._end_flow(state.flow)
        super().close()

    def _end_flow(self, kind: str) -> None:
        if self.flows[-1].pieces or self.flows[-1].beside:
            self._end_paragraph()
        blocks = self.flows.pop().tables.finish()
        if kind == "note":
            self.notes += blocks
        elif kind == "box":
            self.flows[-1].beside += blocks
        elif not self.header and any(isinstance(each, Paragraph) and each.runs for each in blocks):
            self.header = blocks

    def finish(self) -> None:
        """End what the document did not end. Raises Enough."""
        while len(self.flows) > 1:
            self._end_flow("box")
        if self.flows[0].pieces or self.flows[0].beside:
            self._end_paragraph()
        self.flows[0].tables.finish()

    # --- Words ------------------------------------------------------------------------------------------------------

    def word(self, word: bytes, value: int | None, end: int) -> None:
        skipped = self.skip > 0 and word != b"u"
        if word in _LOOKS or word.startswith(b"ul"):
            self.flush()
        super().word(word, value, end)
        if skipped:
            return
        state = self.state
        if state.place == "colours":
            self._colour_word(word, value or 0)
        elif state.place == "picture":
            self._picture_word(word, value, end)
        elif state.place == "styles":
            self._style_word(word, value or 0)
        elif state.in_fonts or word == b"f":
            self._font_word(word, value or 0)
        elif not self._row_word(word, value or 0) and not state.hidden:
            self._looks_word(word, value)
            self._paragraph_word(word, value)

    def _looks_word(self, word: bytes, value: int | None) -> None:
        looks = self.state.looks
        if word == b"plain":
            self.state.looks, self.state.symbolic = {}, False
        elif word in _TOGGLES:
            self.state.looks = {**looks, _TOGGLES[word]: value != 0}
        elif word in _SCRIPTS:
            self.state.looks = {**looks, "script": "" if value == 0 else _SCRIPTS[word]}
        elif word.startswith(b"ul") and len(word) <= 12 and word != b"ulc":
            self.state.looks = {**looks, "underline": word != b"ulnone" and value != 0}
        elif word == b"cf" or word in _GROUNDS:
            self.state.looks = {**looks, "color" if word == b"cf" else "back": self._coloured(value or 0)}
        elif word == b"fs":
            self.state.looks = {**looks, "size": max(0, min((value or 0) / 2, _MAX_SIZE))}

    def _paragraph_word(self, word: bytes, value: int | None) -> None:
        state = self.state
        if word == b"pard":
            state.paragraph = {}
        elif word in _ALIGN:
            state.paragraph = {key: each for key, each in state.paragraph.items() if key not in _ALIGN} | {word: 1}
        elif word in {b"li", b"ilvl", b"s", b"outlinelevel", b"itap", b"intbl", b"ls"}:
            state.paragraph = {**state.paragraph, word: 1 if value is None else value}
        elif word == b"chftn":
            self._note_sign()

    def _note_sign(self) -> None:
        self.flush()
        flow = self.flows[-1]
        if self.state.flow == "note":
            if not flow.pieces:
                flow.marker = str(self._notes)
        else:
            self._notes += 1
            flow.pieces.append((str(self._notes), {**self.state.looks, "script": "super"}))

    def _row_word(self, word: bytes, value: int) -> bool:
        tables = self.flows[-1].tables
        level = max(2, self._level()) if self.state.place == "row" else 1
        if word == b"nestrow" and self.state.place == "row":
            tables.end_row(level)
        elif word == b"trowd":
            self._edge = Edge()
            tables.begin_row(level)
        elif word == b"trleft":
            tables.starts_at(level, value)
        elif word in {b"clmrg", b"clvmgf", b"clvmrg"}:
            self._edge.merges(word)
        elif word == b"clcbpat":
            self._edge.fill = self._coloured(value)
        elif word == b"cellx":
            tables.add_edge(level, self._edge.at(value))
            self._edge = Edge()
        else:
            return False
        return True

    def _font_word(self, word: bytes, value: int) -> None:
        if word == b"fcharset" and value == _SYMBOL_CHARSET:
            self._symbols.add(self.font)
        elif word == b"f" and not self.state.in_fonts:
            self.state.symbolic = value in self._symbols

    def _colour_word(self, word: bytes, value: int) -> None:
        if word in {b"red", b"green", b"blue"}:
            self._colour[(b"red", b"green", b"blue").index(word)] = max(0, min(value, 255))
            self._colour[3] = 1

    def _coloured(self, number: int) -> str:
        return self._colours[number] if 0 <= number < len(self._colours) else ""

    def _style_word(self, word: bytes, value: int) -> None:
        if word == b"s":
            self._style, self._style_name, self._style_level = value, b"", 0
        elif word == b"outlinelevel" and value < _MAX_HEADING:
            self._style_level = value + 1

    def _end_style(self) -> None:
        name = self._style_name.strip(b" ;\r\n").lower()
        if name.startswith(b"heading ") and name[8:9].isdigit():
            self._style_level = min(int(name[8:9]), _MAX_HEADING)
        elif name == b"title":
            self._style_level = 1
        if self._style >= 0 and self._style_level > 0 and len(self._headings) < _MAX_STYLES:
            self._headings[self._style] = self._style_level
        self._style, self._style_name, self._style_level = -1, b"", 0

    # --- Pictures ---------------------------------------------------------------------------------------------------

    def _picture_word(self, word: bytes, value: int | None, end: int) -> None:
        if word == b"bin" and value and value > 0:
            self._hex = bytearray(self._whole[end : end + min(value, MAX_PICTURE + 1)].hex().encode())
        else:
            self._picture[word] = 1 if value is None else value

    def _end_picture(self) -> None:
        self._making.block()
        octets = b""
        if self._picture.keys() & _KINDS:
            digits = _HEX.sub(b"", self._hex)
            octets = bytes.fromhex(digits[: len(digits) // 2 * 2].decode())
        if octets and octets not in self._drawn:
            self._drawn[octets] = self._making.drawn(octets)
        wide, high = (
            max(0, min(self._picture.get(goal, 0) / _TWIPS * self._picture.get(scale, 100) / 100, 4_000))
            for goal, scale in ((b"picwgoal", b"picscalex"), (b"pichgoal", b"picscaley"))
        )
        self.flows[-1].beside.append(Picture(self._drawn.get(octets, -1), int(wide), int(high)))
        self._picture, self._hex = {}, bytearray()

    # --- Characters -------------------------------------------------------------------------------------------------

    def characters(self, octets: bytes) -> None:
        place = self.state.place
        if place == "picture":
            self.first = False
            if len(self._hex) <= 2 * MAX_PICTURE:
                self._hex += octets
        elif place == "colours":
            self.first = False
            for _ in range(octets.count(b";")):
                if len(self._colours) < _MAX_COLOURS:
                    red, green, blue, said = self._colour
                    self._colours.append(f"{red:02x}{green:02x}{blue:02x}" if said else "")
                self._colour = [0, 0, 0, 0]
        elif place == "styles":
            self.first = False
            self._style_name = (self._style_name + octets)[:100]
        else:
            super().characters(octets)

    def flush(self) -> None:
        if self.octets and self.state.symbolic:  # signs of Symbol and Wingdings are in no code page
            text = "".join("•" if octet in _BULLETS else "□" for octet in self.octets if octet > 0x20)
            self.octets.clear()
            self.put(text)
        super().flush()

    def put(self, text: str) -> None:
        flow = self.flows[-1]
        # Before they are a paragraph, too: one of a million halves of characters would fill the memory.
        self._room -= len(text)
        if self._room < 0:
            self.out.note("limits")
            raise Enough
        if self.state.place == "marker":
            flow.marker = (flow.marker + _PRIVATE.sub("•", text))[:_MAX_MARKER]
        elif not self.state.looks.get("hidden"):
            flow.pieces.append((text, self.state.looks))

    def mark(self, word: bytes, text: str) -> None:
        tables = self.flows[-1].tables
        if self.state.place == "marker":
            self.put(" " if text in "\t\n" else text)
        elif word in {b"par", b"sect"}:
            self._end_paragraph()
        elif word in {b"cell", b"nestcell"}:
            level = 1 if word == b"cell" else max(2, self._level())
            if self.flows[-1].pieces or self.flows[-1].beside or not tables.has_blocks(level):
                self._end_paragraph(level)
            tables.end_cell(level)
        elif word == b"row":
            tables.end_row(1)
        elif word not in {b"page", b"column", b"nestrow"}:
            self.put(text)

    def _level(self) -> int:
        """Return how deep in tables the present paragraph stands."""
        said = self.state.paragraph
        level = said.get(b"itap", 1 if b"intbl" in said else 0)
        return max(0, min(level, MAX_NESTED))

    def _end_paragraph(self, level: int | None = None) -> None:
        self._making.block()
        flow, said = self.flows[-1], self.state.paragraph
        runs = []
        for text, looks in _alike(flow.pieces):
            runs.append(Run(self._making.text(text), **{key: each for key, each in looks.items() if key != "hidden"}))
        marker = flow.marker.strip()
        levels = max(0, min(said.get(b"ilvl", 0), 8)) + 1 if marker else max(0, min(said.get(b"li", 0) // _INDENT, 8))
        blocks: list[Block] = []
        if runs or marker or not flow.beside:
            align = next((_ALIGN[key] for key in said if key in _ALIGN), "")
            blocks.append(Paragraph(joined(runs), align=align, heading=self._heading(runs),  # type: ignore[arg-type]
                                    marker=self._making.text(marker), indent=levels))  # fmt: skip
        blocks += flow.beside
        flow.pieces, flow.beside, flow.marker = [], [], ""
        flow.tables.add(self._level() if level is None else level, blocks)

    def _heading(self, runs: list[Run]) -> int:
        said = self.state.paragraph
        if not any(run.text.strip() for run in runs):
            return 0
        outline = said.get(b"outlinelevel", _MAX_HEADING)
        return outline + 1 if 0 <= outline < _MAX_HEADING else self._headings.get(said.get(b"s", -1), 0)


def _alike(pieces: list[tuple[str, dict[str, Any]]]) -> list[tuple[str, dict[str, Any]]]:
    """Return neighbours that look the same as one: halves of a character of two units are joined before they are cleaned."""
    found: list[tuple[list[str], dict[str, Any]]] = []
    for text, looks in pieces:
        if found and (found[-1][1] is looks or found[-1][1] == looks):
            found[-1][0].append(text)
        else:
            found.append(([text], looks))
    return [("".join(texts), looks) for texts, looks in found]
