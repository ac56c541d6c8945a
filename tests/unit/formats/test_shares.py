"""Secrets in shares: any that are enough give it back, fewer tell nothing, and slips of the pen are found."""

import hashlib
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartmail.formats import shares
from smartmail.formats.shares import Share, ShareError

SECRET = bytes(range(32))


def stream(length: int) -> bytes:
    return hashlib.shake_256(b"coefficients").digest(length)


def kit(need: int = 3, count: int = 5, secret: bytes = SECRET) -> list[Share]:
    values = shares.split(secret, need, count, stream)
    return [Share(n, need, count, b"kit!", b"k" * 8, b"c" * 8, octets) for n, octets in enumerate(values, 1)]


def test_the_field_is_that_of_fips_197() -> None:
    # FIPS 197 §4.2: {57} • {83} = {c1}; {57} • {13} = {fe}.
    assert shares._times(0x57, 0x83) == 0xC1
    assert shares._times(0x57, 0x13) == 0xFE
    for one in range(1, 256):
        assert shares._divided(shares._times(one, 0x53), 0x53) == one


def test_any_three_of_five_are_enough_and_in_any_order() -> None:
    for some in itertools.permutations(kit(), 3):
        assert shares.secret_of(some) == SECRET
    assert shares.secret_of(kit()) == SECRET


def test_two_of_three_tell_nothing() -> None:
    """Whatever two shares say, every secret is still possible: a third share for it exists."""
    [first, second, *_] = kit(secret=b"\x07")
    found = set()
    for third in range(256):
        points = [(1, first.octets), (2, second.octets), (3, bytes([third]))]
        found.add(shares.join(points))
    assert len(found) == 256


def test_the_sharing_is_shamirs() -> None:
    # f(x) = 7 + 5x over the field: f(1) = 7 ^ 5, f(2) = 7 ^ 2·5.
    assert shares.split(b"\x07", 2, 3, lambda _: b"\x05") == [b"\x02", b"\x0d", b"\x08"]


@given(st.binary(min_size=1, max_size=40), st.integers(2, 6), st.integers(0, 4), st.randoms())
def test_round_trip(secret, need, more, random) -> None:
    count = need + more
    values = shares.split(secret, need, count, random.randbytes)
    chosen = random.sample(list(enumerate(values, 1)), need)
    assert shares.join(chosen) == secret


@pytest.mark.parametrize(("need", "count"), [(1, 3), (4, 3), (2, 17), (0, 0)])
def test_counts_that_cannot_be(need, count) -> None:
    with pytest.raises(ValueError, match="shares"):
        shares.split(SECRET, need, count, stream)


def test_text_is_read_as_people_type_it() -> None:
    share = kit()[1]
    text = shares.to_text(share)
    assert len(text.splitlines()) == 5 and max(map(len, text.splitlines())) < 40
    assert shares.from_text(text) == share
    assert shares.from_text(text.upper().replace(" - ", "").replace(" ", "  ") + "\n\n") == share
    assert shares.from_text("\n".join(line.partition(":")[2] for line in text.splitlines())) == share


def test_a_slip_is_found_and_its_line_named() -> None:
    lines = shares.to_text(kit()[0]).splitlines()
    missed = 0
    for number, line in enumerate(lines):
        at = line.index(":") + 2
        for sign in "ab29":
            if line[at] == sign:
                continue
            wrong = [*lines]
            wrong[number] = line[:at] + sign + line[at + 1 :]
            try:
                shares.from_text("\n".join(wrong))
            except ShareError as error:
                missed += f"line {number + 1}" not in str(error)
    assert missed == 0
    with pytest.raises(ShareError, match="line 2: the sign 'l'"):
        shares.from_text("\n".join([lines[0], "l" + lines[1].partition(":")[2][2:], *lines[2:]]))


def test_lines_that_are_missing_or_exchanged() -> None:
    lines = shares.to_text(kit()[0]).splitlines()
    for some in (lines[:-1], lines[1:], [lines[1], lines[0], *lines[2:]], [*lines, lines[0]], []):
        with pytest.raises(ShareError):
            shares.from_text("\n".join(some))


@given(st.text(max_size=300))
def test_no_text_is_too_odd(text) -> None:
    with pytest.raises(ShareError):
        shares.from_text(text)


def test_shares_that_do_not_belong_together() -> None:
    one, other = kit(), kit(need=2, count=5)
    with pytest.raises(ShareError, match="not of one kit"):
        shares.secret_of([one[0], one[1], other[2]])
    with pytest.raises(ShareError, match="3 different shares"):
        shares.secret_of([one[0], one[1], one[1]])
    with pytest.raises(ShareError, match="no share"):
        shares.secret_of([])
