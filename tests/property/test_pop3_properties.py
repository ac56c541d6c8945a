"""POP3: however it is cut into packets, whatever is said, in whatever order."""

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.dialogs.test_pop3_dialogs import MESSAGES, Driver

from smartmail.proto.pop3.engine import Config
from smartmail.proto.pop3.stuffing import Stuffing
from smartmail.proto.pop3.table import COMMANDS, TABLE, State

ENDS = st.sampled_from([b"\r\n", b"\n", b".", b"..\r\n", b"\r", b"x", b"\r\n\r\n", b"head: er"])
OCTETS = st.lists(ENDS, max_size=12).map(b"".join)
LINES = st.one_of(
    st.builds(
        lambda word, rest: f"{word} {rest}".encode(),
        st.sampled_from(sorted(COMMANDS)),
        st.sampled_from(["", "1", "2", "9", "1 1", "kim", "비밀번호 with spaces", "PLAIN", "PLAIN =", "x" * 300]),
    ),
    st.binary(max_size=40),
)


def stuffed(octets: bytes, lines: int | None, cuts: list[int]) -> bytes:
    stuffing, out, at = Stuffing(lines), [], 0
    for cut in [*sorted(cuts), len(octets)]:
        if cut > at:
            out.append(stuffing.feed(octets[at:cut]))
            at = cut
    return b"".join([*out, stuffing.finish()])


def expected(octets: bytes, lines: int | None) -> bytes:
    """The slow way: line by line."""
    found = octets.split(b"\n")
    pieces = [line + b"\n" for line in found[:-1]] + ([found[-1]] if found[-1] else [])
    if lines is not None:
        blank = next((n for n, line in enumerate(pieces) if line in (b"\r\n", b"\n")), len(pieces))
        pieces = pieces[: blank + 1 + lines]
    body = b"".join(b"." + line if line.startswith(b".") else line for line in pieces)
    return body + (b"" if not body or body.endswith(b"\r\n") else b"\r\n") + b".\r\n"


@settings(max_examples=400, deadline=None)
@given(OCTETS, st.none() | st.integers(0, 4), st.lists(st.integers(0, 60), max_size=6))
def test_a_message_is_stuffed_alike_however_it_is_cut(octets, lines, cuts):
    cuts = [cut for cut in cuts if cut <= len(octets)]
    assert stuffed(octets, lines, cuts) == expected(octets, lines)


def session(data: list[bytes], *, clear: bool) -> tuple[bytes, Driver]:
    driver = Driver(Config("mail.example", starttls=True, cleartext_login=clear), tls=False)
    said = driver.engine.data_to_send()
    for piece in data:
        said += driver.receive(piece)
        if driver.engine.state is State.TLS:
            break
    return said, driver


@settings(max_examples=200, deadline=None)
@given(st.lists(LINES, max_size=12), st.lists(st.integers(1, 400), max_size=8), st.booleans())
def test_packets_make_no_difference_and_nothing_breaks(lines, cuts, clear):
    login = [b"USER kim", "PASS 비밀번호 with spaces".encode()] if clear else []
    data = b"".join(line + b"\r\n" for line in [*login, *lines])
    if b"stls" in data.lower():
        data = data.lower().replace(b"stls", b"noop")  # what comes behind STLS in one packet is dropped, else kept
    bounds = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    whole, _ = session([data], clear=clear)
    pieces, driver = session([data[a:b] for a, b in zip(bounds, bounds[1:], strict=False)], clear=clear)
    assert pieces == whole
    if not clear:
        assert "Login" not in driver.told  # no password is ever taken in clear
        assert b"octets" not in whole


def test_every_state_and_command_has_an_answer():
    for state in State:
        for word in sorted(COMMANDS):
            driver = Driver(Config("mail.example", starttls=True, cleartext_login=True), tls=False)
            if state is State.TRANSACTION:
                driver.receive("USER kim\r\nPASS 비밀번호 with spaces\r\n".encode())
            elif state is not State.AUTHORIZATION:
                assert TABLE[state] == frozenset()
                continue
            driver.engine.data_to_send()
            said = driver.receive(f"{word} 1\r\n".encode())
            assert said.startswith((b"+OK", b"-ERR", b"+ ")), (state, word, said)
            if word not in TABLE[state]:
                assert said.startswith(b"-ERR")


def test_mistakes_end_the_session():
    driver = Driver(Config("mail.example"), tls=True)
    said = driver.receive(b"FROB\r\n" * 30)
    assert driver.closed
    assert said.count(b"-ERR") == 20


def test_a_line_without_end_ends_the_session():
    driver = Driver(Config("mail.example"), tls=True)
    for _ in range(40):
        driver.receive(b"x" * 65536)
    driver.receive(b"\r\n")
    assert driver.closed


def test_the_sum_of_the_maildrop_is_that_of_its_messages():
    driver = Driver(Config("mail.example"), tls=True)
    said = driver.receive("USER kim\r\nPASS 비밀번호 with spaces\r\nSTAT\r\n".encode())
    assert f"+OK 3 {sum(map(len, MESSAGES))}\r\n".encode() in said
