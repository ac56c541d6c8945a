"""Documents of Word and presentations of PowerPoint before XML, made by hand: what is read of them, and no more."""

import struct

from tests.unit.formats_extract.documents import compound
from tests.unit.formats_layout.packages import png

# --- Word -----------------------------------------------------------------------------------------------------------


def sprm(code, value, size=1):
    return struct.pack("<H", code) + value.to_bytes(size, "little", signed=value < 0)


BOLD, ITALIC, STRIKE, HIDDEN, GONE = (sprm(code, 1) for code in (0x0835, 0x0836, 0x0837, 0x083C, 0x0800))
UNDERLINE, RED, YELLOW, SUPER = sprm(0x2A3E, 1), sprm(0x6870, 0x0000C0, 4), sprm(0x2A0C, 7), sprm(0x2A48, 1)
CENTER, RIGHT, IN_TABLE, END_ROW = sprm(0x2461, 1), sprm(0x2403, 2), sprm(0x2416, 1), sprm(0x2417, 1)
INNER = IN_TABLE + sprm(0x6649, 2, 4)


def size(points):
    return sprm(0x4A43, points * 2, 2)


def list_entry(use, level=0):
    return sprm(0x260A, level) + sprm(0x460B, use, 2)


def row(*cells, start=0):
    """The properties of a row: (right edge in twips, flags of merging, ground as 0xBBGGRR) of each cell."""
    told = bytes((len(cells),)) + struct.pack("<h", start) + b"".join(struct.pack("<h", cell[0]) for cell in cells)
    told += b"".join(struct.pack("<H", cell[1]).ljust(20, b"\0") for cell in cells)
    shades = b"".join(struct.pack("<IIH", 0xFF000000, cell[2] if len(cell) > 2 else 0xFF000000, 0) for cell in cells)
    defined = struct.pack("<HH", 0xD608, len(told) + 1) + told
    return IN_TABLE + END_ROW + defined + struct.pack("<HB", 0xD612, len(shades)) + shades


class Paragraph:
    """Runs as (text, properties), the mark that ends them, properties of the paragraph and its style."""

    def __init__(self, *runs, mark="\r", looks=b"", style=0):
        self.runs = [(run, b"") if isinstance(run, str) else run for run in runs] + [(mark, b"")]
        self.looks, self.style = looks, style


def cell(*runs, looks=IN_TABLE):
    return Paragraph(*runs, mark="\x07", looks=looks)


def end_of_row(*cells, **more):
    return Paragraph(mark="\x07", looks=row(*cells, **more))


def style(what, kind=1, under=0xFFF, paragraph=b"", characters=b""):
    """A style; its name stands between what it says of itself and its looks."""
    parts = [struct.pack("<H", 0) + paragraph, characters] if kind == 1 else [characters]
    octets = struct.pack("<HHHHH", what, kind | under << 4, len(parts) | 0xFFF0, 0, 0)
    octets += struct.pack("<H", 2) + "이름".encode("utf-16-le") + b"\0\0"
    for part in parts:
        octets += struct.pack("<H", len(part)) + part + b"\0" * (len(part) % 2)
    return struct.pack("<H", len(octets)) + octets + b"\0" * (len(octets) % 2)


STYLES = (
    style(0),
    style(1, under=0, paragraph=CENTER, characters=BOLD + size(20)),
    style(65, kind=2, characters=BOLD + RED),
    style(300, under=4, characters=ITALIC),
    style(301, under=3),
)
"""Normal, heading 1, strong characters, and two that stand on each other."""


def level(text, kind=0, start=1):
    """A level of a list; a character under 9 stands for the number of that level."""
    head = struct.pack("<IB", start, kind) + bytes(23)
    return head + struct.pack("<H", len(text)) + text.encode("utf-16-le")


def lists(*levels_of):
    """(table of lists, their levels, table of uses): the first use is 1."""
    heads = struct.pack("<H", len(levels_of))
    uses = struct.pack("<I", len(levels_of))
    body = b""
    for at, levels in enumerate(levels_of):
        heads += struct.pack("<I", 700 + at) + bytes(22) + bytes((len(levels) == 1, 0))
        uses += struct.pack("<I", 700 + at) + bytes(12)
        body += b"".join(levels)
    return heads, body, uses


NUMBERED = [level("제\0조"), level("\1.", 24), *(level("") for _ in range(7))]
BULLETS = [level("\uf0b7", 23)]


def blip(octets, instance=0x6E0, kind=0xF01E):
    body = bytes(17) + octets
    return struct.pack("<HHI", instance << 4, kind, len(body)) + body


def store_entry(inner=b"", delay=0):
    body = bytes(28) + struct.pack("<I", delay) + bytes(4) + inner
    return struct.pack("<HHI", 2, 0xF007, len(body)) + body


def inline_picture(octets, width=2000, height=1000, **more):
    """What the data stream holds of a picture in the line; sizes in twips."""
    inner = struct.pack("<HHI", 0xF, 0xF004, 0) + store_entry(blip(octets, **more))
    head = struct.pack("<IHH", 68 + len(inner), 68, 0x64).ljust(28, b"\0") + struct.pack(
        "<HHHH", width, height, 1000, 1000
    )
    return head.ljust(68, b"\0") + inner


def _page(entries, wide):
    """A page of properties: places, where each lies from the end of the page, how many."""
    count = len(entries)
    page = bytearray(512)
    struct.pack_into(f"<{count + 1}I", page, 0, entries[0][0], *(entry[1] for entry in entries))
    end = 510
    for at, (_, _, octets) in enumerate(entries):
        if not octets:
            continue
        end = (end - len(octets)) // 2 * 2
        page[end : end + len(octets)] = octets
        page[(count + 1) * 4 + at * wide] = end // 2
    page[511] = count
    return bytes(page)


def doc(*paragraphs, data=b"", wanted=(), lengths=None, encrypted=False, magic=0xA5EC, notes=()):
    """A document; `notes`: paragraphs of its footnotes; `wanted`: more structures as (pair, octets)."""
    text, characters, shapes, at = "", [], [], 0x400
    for paragraph in (*paragraphs, *notes):
        first = at
        entries = []
        for run, looks in paragraph.runs:
            end = at + len(run.encode("utf-16-le"))
            if end > at:
                entries.append((at, end, bytes((len(looks),)) + looks if looks else b""))
            text, at = text + run, end
        characters.append(_page(entries, 1))
        told = struct.pack("<H", paragraph.style) + paragraph.looks
        told += b"\0" * ((len(told) + 1) % 2)
        shapes.append((first, at, bytes(((len(told) + 1) // 2,)) + told))
    body = bytes(0x400) + text.encode("utf-16-le")
    body += bytes(-len(body) % 512)
    fib, table = bytearray(body[:0x400]), b"----"
    struct.pack_into("<HH", fib, 0, magic, 0xC1)
    struct.pack_into("<H", fib, 10, 0x0200 | (0x0100 if encrypted else 0))
    size_of = lambda some: sum(len(run.encode("utf-16-le")) // 2 for each in some for run, _ in each.runs)  # noqa: E731
    for number, length in enumerate(lengths or (size_of(paragraphs), size_of(notes))):
        struct.pack_into("<I", fib, 0x4C + number * 4, length)
    pages = [*characters, *(_page([shape], 13) for shape in shapes)]
    first_page = len(body) // 512
    places = [0x400, *(shape[1] for shape in shapes)]

    def plc(start):
        return struct.pack(f"<{len(places)}I", *places) + struct.pack(
            f"<{len(shapes)}I", *range(start, start + len(shapes))
        )

    units = len(text.encode("utf-16-le")) // 2
    pieces = struct.pack("<II", 0, units) + struct.pack("<HIH", 0, 0x400, 0)
    heads, levels, uses = lists(NUMBERED, BULLETS)
    structures = [
        (1, struct.pack("<HHH", 4, len(STYLES), 10) + b"".join(STYLES)), (12, plc(first_page)),
        (13, plc(first_page + len(characters))), (33, b"\2" + struct.pack("<I", len(pieces)) + pieces), (74, uses), *wanted,
    ]  # fmt: skip
    for pair, octets in structures:
        struct.pack_into("<II", fib, 0x9A + pair * 8, len(table), len(octets))
        table += octets
    struct.pack_into("<II", fib, 0x9A + 73 * 8, len(table), len(heads))
    table += heads + levels
    streams = {"WordDocument": bytes(fib) + body[0x400:] + b"".join(pages), "1Table": table}
    return compound(streams | ({"Data": data} if data else {}))


MERGED_ABOVE, BEGINS = 1 << 5, 3 << 5


def agreement():
    """A document with all that is drawn."""
    return doc(
        Paragraph("부품 납품 계약서", style=1),
        Paragraph("2027년 1월 8일", looks=RIGHT),
        *(Paragraph(text, looks=list_entry(1, depth)) for text, depth in (("목적", 0), ("단가", 0), ("부가세", 1), ("검수", 0))),
        Paragraph("납기", looks=list_entry(2)),
        Paragraph(
            "보통 ", ("굵게 ", BOLD), ("기울임 ", ITALIC), ("밑줄 ", UNDERLINE), ("취소선 ", STRIKE), ("형광 ", YELLOW),
            ("큰 글자 ", size(18)), ("강조", sprm(0x4A30, 2, 2)), ("숨김", HIDDEN), ("지움", GONE), ("2", SUPER),
            "\x13 HYPERLINK http://tracker.example \x14여기\x15 😶",
        ),
        cell("구분"), cell("내용"), end_of_row((2000, 0, 0x794E1F), (8000, 0)),
        cell("일정"), cell("시제품"), cell("3월 14일"), end_of_row((2000, BEGINS), (5000, 0), (8000, 0)),
        cell(""), cell("양산"), cell("5월 2일"), end_of_row((2000, MERGED_ABOVE), (5000, 0), (8000, 0)),
        Paragraph(("\x01", sprm(0x0855, 1) + sprm(0x6A03, 4, 4))),
        data=b"----" + inline_picture(png()),
        notes=(Paragraph("각주 글"), Paragraph("")),
    )  # fmt: skip


# --- PowerPoint ------------------------------------------------------------------------------------------------------


def atom(kind, body=b"", instance=0):
    return struct.pack("<HHI", instance << 4, kind, len(body)) + body


def holder(kind, *inner, instance=0):
    body = b"".join(inner)
    return struct.pack("<HHI", 0xF | instance << 4, kind, len(body)) + body


def words(text, kind=4, looks=b""):
    return (
        atom(0xF9F, struct.pack("<I", kind))
        + atom(0xFA0, text.encode("utf-16-le"))
        + (atom(0xFA1, looks) if looks else b"")
    )


def text_looks(stands, inks):
    """Looks of a text: (count, level, mask, fields) of paragraphs, (count, mask, fields) of characters."""
    out = b"".join(struct.pack("<IHI", count, depth, mask) + fields for count, depth, mask, fields in stands)
    return out + b"".join(struct.pack("<II", count, mask) + fields for count, mask, fields in inks)


def properties(**values):
    body = b"".join(struct.pack("<HI", int(name[1:], 16), value) for name, value in values.items())
    return atom(0xF00B, body, len(values))


def shape(place, *inner, looks=b"", child=False, placeholder=None):
    """A shape at (left, top, right, bottom) in units of a master."""
    left, top, right, bottom = place
    anchor = (
        atom(0xF00F, struct.pack("<4i", *place))
        if child
        else atom(0xF010, struct.pack("<4h", top, left, right, bottom))
    )
    client = holder(0xF011, atom(0xBC3, struct.pack("<iBB", 0, placeholder, 0) + b"\0\0")) if placeholder else b""
    box = holder(0xF00D, *inner) if inner else b""
    return holder(0xF004, atom(0xF00A, bytes(8)), looks, anchor, client, box)


def group(place, inside, *shapes):
    head = holder(
        0xF004,
        atom(0xF009, struct.pack("<4i", *inside)),
        atom(0xF010, struct.pack("<4h", place[1], place[0], *place[2:])),
    )
    return holder(0xF003, head, *shapes)


def drawing(*shapes, ground=b""):
    patriarch = holder(0xF004, atom(0xF009, bytes(16)))
    return holder(0x40C, holder(0xF002, holder(0xF003, patriarch, *shapes), holder(0xF004, ground) if ground else b""))


def scheme(*colours):
    return atom(0x7F0, b"".join(bytes.fromhex(colour) + b"\0" for colour in colours), 1)


def slide(*shapes, flags=7, hidden=False, **more):
    show = atom(0x3F9, bytes(10) + struct.pack("<H", 4) + bytes(4)) if hidden else b""
    head = atom(0x3EF, bytes(12) + struct.pack("<IIHH", 0x80000000, 0, flags, 0))
    return holder(0x3EE, head, show, drawing(*shapes, **more))


def master_text(kind, *levels):
    return atom(0xFA3, struct.pack("<H", len(levels)) + b"".join(levels), kind)


def ppt(*slides, texts=(), master=b"", pictures=b"", store=b"", token=0xE391C05F, spoil=None):
    """A presentation; `texts`: those that its list keeps for each slide."""
    parts = [b"", holder(0x3F8, master), *slides]
    listed = b"".join(
        atom(0x3F3, struct.pack("<IIIII", 3 + at, 0, 0, 256 + at, 0)) + (texts[at] if at < len(texts) else b"")
        for at in range(len(slides))
    )
    masters = holder(0xFF0, atom(0x3F3, struct.pack("<IIIII", 2, 0, 0, 0x80000000, 0)), instance=1)
    group_of = holder(0x40B, holder(0xF000, holder(0xF001, store)))
    parts[0] = holder(
        0x3E8, atom(0x3E9, struct.pack("<ii", 5760, 4320) + bytes(32)), group_of, masters, holder(0xFF0, listed)
    )
    stream, places = b"", []
    for part in parts:
        places.append(len(stream))
        stream += part
    directory = len(stream)
    stream += atom(0x1772, struct.pack("<I", 1 | len(places) << 20) + struct.pack(f"<{len(places)}I", *places))
    edit = len(stream)
    stream += atom(0xFF5, struct.pack("<IIIIIII", 0, 0, 0, directory, 1, 9, 0))
    user = atom(0xFF6, struct.pack("<III", 20, token, edit if spoil is None else spoil))
    return compound({"Current User": user, "PowerPoint Document": stream, "Pictures": pictures or b"\0"})


_BODY_LEVEL = struct.pack("<IHHH", 0x881, 1, 0x2022, 0) + struct.pack("<IHI", 0x60000, 28, 0x01000000)
_TITLE_LEVEL = struct.pack("<IH", 0x800, 1) + struct.pack("<IHHI", 0x60001, 1, 40, 0x03000000)
MASTER = (
    scheme("ffffff", "000000", "808080", "1f497d", "4f81bd", "c0504d", "0000ff", "800080")
    + master_text(0, _TITLE_LEVEL)
    + master_text(1, _BODY_LEVEL)
    + drawing(
        shape((0, 0, 5760, 100), looks=properties(_181=0x08000004)),
        shape((0, 0, 5760, 100), words("제목을 넣으십시오", 0), placeholder=1),
        ground=properties(_181=0xEEEEEE),
    )
)


def strategy():
    """A presentation with all that is drawn."""
    first = slide(
        shape((315, 189, 5445, 909), atom(0xF9E, struct.pack("<I", 0)), placeholder=13),
        shape((315, 945, 5445, 2000), atom(0xF9E, struct.pack("<I", 1)), placeholder=14),
        shape((4000, 2500, 5000, 3000), words("상자", looks=text_looks([(3, 0, 0, b"")], [(3, 0x40002, struct.pack("<HI", 2, 0xFEFFFFFF))])),
              looks=properties(_181=0x00794E1F, _1bf=0x100010, _87=1)),
        shape((100, 3000, 850, 3750), looks=properties(_4104=1)),
        group((1000, 3000, 2000, 4000), (0, 0, 500, 500), shape((0, 0, 250, 250), words("안"), child=True)),
        shape((0, 4200, 500, 4300), words("2027-01-08"), placeholder=7),
    )  # fmt: skip
    body = words(
        "매출 310억\r신제품", 1, text_looks([(7, 0, 0, b""), (5, 1, 1, b"\0\0")], [(3, 0, b""), (9, 1, b"\1\0")])
    )
    return ppt(
        first, slide(shape((0, 0, 500, 500), words("숨김")), hidden=True), slide(shape((0, 0, 500, 500), words("끝")), flags=0),
        texts=(words("2027년 사업 계획", 0) + body,), master=MASTER, store=store_entry(delay=4), pictures=b"----" + blip(png()),
    )  # fmt: skip
