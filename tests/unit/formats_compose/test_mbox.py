"""mbox files come apart into messages and go together again, whatever the chunks."""

import mailbox

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartmail.formats import mbox
from smartmail.formats.lineends import from_crlf, to_crlf

FILE = (
    b"From kim@e.test Fri Jan  5 03:00:00 2024\nSubject: one\n\nbody\n>From here\n>>From there\n\n"
    b"From - Fri Jan 05 03:00:01 2024\nSubject: two\n\nFrom the start\n\nFrom now on, prose\n\n"
    b"From MAILER-DAEMON Fri Jan  5 03:00:02 2024\nSubject: three\n\nlast\n"
)


def test_messages_and_their_envelopes():
    one, two, three = mbox.read([FILE])
    assert one.content == b"Subject: one\n\nbody\nFrom here\n>From there\n"
    assert (one.sender, one.received, one.separator, one.rule) == ("kim@e.test", 1704423600, b"\n", "mboxrd")
    assert two.content == b"Subject: two\n\nFrom the start\n\nFrom now on, prose\n"
    assert (two.sender, two.received, two.rule) == ("", 1704423601, "mboxcl2")
    assert (three.sender, three.separator) == ("MAILER-DAEMON", b"")
    assert three.content.endswith(b"last\n")


@pytest.mark.parametrize("rule", ["mboxrd", "mboxo", "mboxcl2"])
@pytest.mark.parametrize("size", [1, 2, 7, 64, 10_000])
@pytest.mark.parametrize("ends", [b"\n", b"\r\n"])
def test_the_file_comes_back_and_chunks_do_not_matter(rule, size, ends):
    data = FILE.replace(b"\n", ends)
    found = list(mbox.read((data[at : at + size] for at in range(0, len(data), size)), rule))
    assert found == list(mbox.read([data], rule))
    assert len(found) == 3
    assert b"".join(mbox.write(one) for one in found) == data


def test_mboxo_takes_one_mark_from_plain_quotes_only():
    assert next(mbox.read([FILE], "mboxo")).content == b"Subject: one\n\nbody\nFrom here\n>>From there\n"


def counted(body, length=None):
    head = b"Subject: x\nContent-Length: %d\n\n" % (len(body) if length is None else length)
    return b"From a@b Fri Jan  5 03:00:00 2024\n" + head + body + b"\n"


TRAP = b"x\n\nFrom a@b Fri Jan  5 03:00:00 2024\n>From y\n"


@pytest.mark.parametrize("size", [1, 5, 1000])
def test_content_length_counts_under_mboxcl2(size):
    data = counted(TRAP) + counted(b"z\n")
    found = list(mbox.read((data[at : at + size] for at in range(0, len(data), size)), "mboxcl2"))
    assert [one.content.partition(b"\n\n")[2] for one in found] == [TRAP, b"z\n"]
    assert b"".join(map(mbox.write, found)) == data


@pytest.mark.parametrize("length", [0, 3, 10**6, 10**11])
def test_a_false_content_length_loses_nothing(length):
    data = counted(b"body\n", length) + counted(b"z\n")
    found = list(mbox.read([data], "mboxcl2"))
    assert len(found) == 2
    assert b"".join(map(mbox.write, found)) == data


def test_octets_before_the_first_separator_are_kept():
    first, second = mbox.read([b"Subject: x\n\nbody\n\n" + FILE[: FILE.index(b"From -")]])
    assert first.envelope == b""
    assert first.received is None
    assert second.sender == "kim@e.test"


def test_memory_is_bounded():
    data = b"From a@b Fri Jan  5 03:00:00 2024\n" + b"x" * 200_000 + b"\n\n" + FILE
    found = list(mbox.read((data[at : at + 1000] for at in range(0, len(data), 1000)), max_message=50_000))
    assert [one.truncated for one in found] == [True, False, False, False]
    assert 49_000 <= len(found[0].content) <= 50_000
    assert found[1:] == list(mbox.read([FILE]))


def test_many_messages_in_one_chunk_are_read_in_linear_time():
    data = b"From a@b Fri Jan  5 03:00:00 2024\n\nx\n\n" * 50_000
    assert sum(1 for _ in mbox.read([data])) == 50_000


def test_our_envelope_line_is_read_back():
    line = mbox.envelope_line("kim@e.test", 1704423600)
    assert line == b"From kim@e.test Fri Jan  5 03:00:00 2024\n"
    one = next(mbox.read([line + b"\nx"]))
    assert (one.sender, one.received) == ("kim@e.test", 1704423600)
    assert mbox.envelope_line("a b\nFrom", 0) == b"From abFrom Thu Jan  1 00:00:00 1970\n"


def test_the_standard_library_reads_the_same_messages(tmp_path):
    path = tmp_path / "box"
    path.write_bytes(FILE.replace(b"\n\nFrom now", b"\n\nNow").replace(b"\n\nFrom the", b"\n\nThe"))
    theirs = mailbox.mbox(str(path))
    ours = list(mbox.read([path.read_bytes()]))
    assert [m["Subject"] for m in theirs] == ["one", "two", "three"]
    assert len(ours) == len(theirs)


_PIECES = st.lists(
    st.sampled_from(
        [
            b"From a@b Fri Jan  5 03:00:00 2024",
            b"From ",
            b">From x",
            b">>From y 1:00",
            b"\n",
            b"\n",
            b"\n\n",
            b"\r\n",
            b"\r",
            b"x",
        ]
    ),
    max_size=25,
).map(b"".join)


@settings(max_examples=300, deadline=None)
@given(_PIECES, st.integers(1, 9), st.sampled_from(["mboxrd", "mboxo", "mboxcl2"]))
def test_any_file_comes_back(data, size, rule):
    found = list(mbox.read((data[at : at + size] for at in range(0, len(data), size)), rule))
    assert b"".join(map(mbox.write, found)) == data
    assert found == list(mbox.read([data], rule))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from([b"\n", b"\r\n", b"\r", b"a", b"", b"\xff"]), max_size=20).map(b"".join))
def test_line_ends_come_back(data):
    wire, note = to_crlf(data)
    assert wire.replace(b"\r\n", b"").count(b"\n") == 0
    assert b"\r" not in wire.replace(b"\r\n", b"")
    assert from_crlf(wire, note) == data


def test_notes_of_line_ends_are_short():
    assert to_crlf(b"a\nb\n")[1] == "l"
    assert to_crlf(b"a\r\nb")[1] == "c"
    assert to_crlf(b"a\nb\n\r\nc\rd")[1] == "l2c1r1"
    with pytest.raises(ValueError, match="fit"):
        from_crlf(b"a\r\n", "l5c2")
