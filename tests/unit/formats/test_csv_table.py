"""Tables as spreadsheets write them (formats/csv_table.py)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartmail.formats.csv_table import MAX_COLUMNS, TableError, read, write

TEXT = '이름,이메일\r\n"김, 민지",kim@a.example\r\n\r\n이수진 , lee@a.example\r\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp949"])
def test_every_spelling_of_excel_is_read(encoding):
    table = read(TEXT.encode(encoding))
    assert table.header == ("이름", "이메일")
    assert [(row.line, row.cells) for row in table.rows] == [
        (2, ("김, 민지", "kim@a.example")),
        (4, ("이수진", "lee@a.example")),
    ]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_every_separator_is_found(separator):
    text = f'"a,;x"{separator}b{separator}c\n1{separator}"two\nlines"{separator}3\n4{separator}5{separator}6\n'
    table = read(text.encode())
    assert table.separator == separator
    assert [row.line for row in table.rows] == [2, 4]
    assert table.rows[0].cells == ("1", "two\nlines", "3")


def test_a_line_of_excel_names_the_separator():
    table = read(b"sep=;\r\na;b\r\n1,5;2\r\n")
    assert (table.header, table.rows[0].cells, table.rows[0].line) == (("a", "b"), ("1,5", "2"), 3)


def test_named_spellings_are_read():
    assert read("名前\n金\n".encode("shift_jis"), "shift_jis").header == ("名前",)
    assert read("姓名\n金\n".encode("gb18030"), "gb18030").rows[0].cells == ("金",)


def test_short_and_long_rows_are_told():
    table = read(b"a,b,\n1\n1,2,3\n1,2,,\n")
    assert [(row.cells, row.more) for row in table.rows] == [
        (("1", ""), False), (("1", "2"), True), (("1", "2"), False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("octets", "code", "line"),
    [
        (b"", "empty", 0), (b"\n\n", "empty", 0), (b'a\n"b\n', "quotes", 2), (b'a\n"b"c\n', "quotes", 2),
        (b"a\n\xff\xff\n", "encoding", 0), (b"a," * MAX_COLUMNS + b"a\n", "columns", 1),
        (b"a\n" + b"x" * 10_001 + b"\n", "cell", 2),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_with_its_line(octets, code, line):
    with pytest.raises(TableError) as caught:
        read(octets)
    assert (caught.value.code, caught.value.line) == (code, line)


def test_no_formula_is_written_and_what_is_read_is_what_was_written():
    made = write(("이름", "전화"), [("=cmd()", "+82-10"), ("'=x", "-1"), ("@a", "보통")])
    assert made.startswith(b"\xef\xbb\xbf")
    assert all(not cell.startswith(("=", "+", "-", "@")) for line in made.decode("utf-8-sig").splitlines()
               for cell in line.split(","))  # fmt: skip
    assert [row.cells for row in read(made).rows] == [("=cmd()", "+82-10"), ("'=x", "-1"), ("@a", "보통")]


CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20).map(str.strip).filter(bool)


@given(st.lists(st.tuples(CELLS, CELLS), max_size=10))
def test_what_is_written_is_read_again(rows):
    assert [row.cells for row in read(write(("이름", "b"), rows)).rows] == rows


@given(st.binary(max_size=300))
def test_any_octets_are_a_table_or_refused(octets):
    try:
        read(octets)
    except TableError:
        pass
