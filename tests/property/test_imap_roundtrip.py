"""What is encoded is read back the same, and what is read is written the same."""

from hypothesis import given, settings
from hypothesis import strategies as st

from smartmail.proto.imap import mutf7, wire
from smartmail.proto.imap.cursor import Cursor
from smartmail.proto.imap.fetch_items import Text
from smartmail.proto.imap.framing import Framed, Framer
from smartmail.proto.imap.grammar import Parsed, parse
from smartmail.proto.imap.limits import MAX_NUMBER, Limits
from smartmail.proto.imap.numbers import STAR, compact, parse_set

NAMES = st.text(st.characters(blacklist_categories=("Cc", "Cs")), max_size=40)
FEW = settings(max_examples=200, deadline=None)


@FEW
@given(NAMES)
def test_modified_utf7(name):
    octets = mutf7.encode(name)
    assert octets.isascii()
    assert mutf7.decode(octets) == name


@FEW
@given(st.binary(max_size=30) | st.text("&-,+/AZaz09", max_size=20).map(str.encode))
def test_one_spelling_for_each_name(octets):
    """RFC 3501 §5.1.3: what decodes is exactly what would be encoded, so two spellings never name one mailbox."""
    name = mutf7.decode(octets)
    assert name is None or mutf7.encode(name) == octets


def framed(octets: bytes) -> Cursor:
    """Send `octets` as an argument through the framer, as a client would."""
    framer = Framer(Limits())
    framer.logged_in = True
    framer.feed(b"t X " + octets + b"\r\n")
    while not isinstance(frame := framer.next(), Framed):
        assert frame is not None
    return Cursor(frame.text, frame.literals, position=4)


@FEW
@given(st.binary(max_size=60).map(lambda octets: octets.replace(b"\x00", b"")), st.booleans())
def test_strings(octets, utf8):
    for encoded in (wire.string(octets, utf8=utf8), wire.astring(octets, utf8=utf8), wire.nstring(octets)):
        cursor = framed(encoded)
        assert cursor.astring() == octets
        cursor.end()


@FEW
@given(NAMES.filter(bool), st.booleans())
def test_mailbox_names(name, utf8):
    if any(c in "\u2028\u2029" for c in name):
        return
    parsed = parse(b"t SELECT " + wire.mailbox(name, utf8=utf8), utf8=utf8)
    if b"{" in wire.mailbox(name, utf8=utf8)[:1]:
        return
    assert isinstance(parsed, Parsed)
    assert parsed.command.mailbox == ("INBOX" if name.upper() == "INBOX" else name)


NUMBER = st.integers(1, MAX_NUMBER) | st.just(STAR)


def written(number: int) -> str:
    return "*" if number == STAR else str(number)


@FEW
@given(st.lists(st.tuples(NUMBER, NUMBER), min_size=1, max_size=20))
def test_sequence_sets(pairs):
    text = ",".join(f"{written(low)}:{written(high)}" for low, high in pairs)
    found = parse_set(text.encode())
    assert found is not None
    assert found.ranges == tuple((min(pair), max(pair)) for pair in pairs)


@FEW
@given(st.sets(st.integers(1, 200)), st.integers(1, 200))
def test_compact_sets(numbers, highest):
    text = compact(sorted(numbers))
    if not numbers:
        assert text == ""
        return
    found = parse_set(text.encode())
    members = {n for low, high in found.resolve(highest) for n in range(low, high + 1)}
    assert members == numbers
    assert text.count(",") + 1 == sum(n - 1 not in numbers for n in numbers)


@FEW
@given(
    st.lists(st.tuples(st.integers(1, 20) | st.just(STAR), st.integers(1, 20) | st.just(STAR)), min_size=1),
    st.integers(1, 15),
)
def test_resolving_against_a_naive_reading(pairs, highest):
    text = ",".join(f"{written(low)}:{written(high)}" for low, high in pairs)
    expected = set()
    for low, high in pairs:
        first, last = sorted((min(low, highest) if low == STAR else low, min(high, highest) if high == STAR else high))
        expected.update(range(first, last + 1))
    resolved = parse_set(text.encode()).resolve(highest)
    assert {n for low, high in resolved for n in range(low, high + 1)} == expected
    assert all(left[1] + 1 < right[0] for left, right in zip(resolved, resolved[1:], strict=False))


FIELD = st.text(st.characters(min_codepoint=33, max_codepoint=126, blacklist_characters=":{"), min_size=1, max_size=12)


@FEW
@given(
    st.lists(st.integers(1, MAX_NUMBER), max_size=5),
    st.sampled_from(list(Text)),
    st.lists(FIELD, min_size=1, max_size=4),
    st.none() | st.tuples(st.integers(0, MAX_NUMBER), st.integers(1, MAX_NUMBER)),
)
def test_section_labels_parse_to_the_same_section(part, text, fields, partial):
    if text is Text.MIME and not part:
        return
    name = ".".join(map(str, part)) + ("." if part and text is not Text.WHOLE else "") + text.value
    if text in {Text.FIELDS, Text.FIELDS_NOT}:
        name += " (" + " ".join(wire.astring(field.encode()).decode() for field in fields) + ")"
    suffix = f"<{partial[0]}.{partial[1]}>" if partial else ""
    first = parse(f"t FETCH 1 BODY.PEEK[{name}]{suffix}".encode())
    assert isinstance(first, Parsed), first
    section = first.command.items[0]
    assert (list(section.part), section.text, section.partial) == (part, text, partial)
    again = parse(b"t FETCH 1 " + section.label.replace(b"BODY[", b"BODY.PEEK[") + suffix.encode())
    assert again.command.items == (section,)
