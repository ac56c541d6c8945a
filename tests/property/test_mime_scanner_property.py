"""The scanner's tree is the same however the octets are cut, and describes what a builder put together."""

from hypothesis import given, settings
from hypothesis import strategies as st

from smartmail.formats.mime import scanner

PIECES = st.sampled_from([
    b"--a", b"--ab", b"--", b"-", b"\r\n", b"\n", b"\r\n\r\n", b"\n\n", b"\r", b"a", b" ", b"x" * 1_100, b" " * 990,
    b"Content-Type: multipart/mixed; boundary=a\r\n", b"Content-Type: multipart/digest; boundary=ab\r\n\r\n",
    b"Content-Type: message/rfc822\r\n\r\n", b"Content-Type: multipart/mixed; boundary=a--\n\n", b"\r\n--a\r\n",
    b"\n--ab--\n", b"Content-Transfer-Encoding: base64\r\n\r\nYWJj", b"Content-Transfer-Encoding: quoted-printable\n\n=3D=",
])  # fmt: skip
LIMITS = st.sampled_from(
    [
        scanner.DEFAULT_LIMITS,
        scanner.Limits(depth=4, parts=9, header_octets=120, headers_octets=400, sample_octets=13, near_misses=4),
    ]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=40), st.lists(st.integers(1, 60), min_size=1, max_size=20), LIMITS)
def test_chunks_do_not_matter(pieces, steps, limits):
    message = b"".join(pieces)
    stream = scanner.Scanner(limits)
    at = turn = 0
    while at < len(message):
        step = steps[turn % len(steps)]
        stream.feed(message[at : at + step])
        at, turn = at + step, turn + 1
    assert stream.finish() == scanner.scan(message, limits)


LINE = st.sampled_from([b"text", b"--", b"--b", b"-- ", b"", b"From: x", b"\xbe\xc8", b"----b0"])
LEAF = st.tuples(st.just("leaf"), st.lists(LINE, max_size=6))
TREE = st.recursive(
    LEAF,
    lambda inner: st.one_of(
        st.tuples(st.just("multi"), st.lists(inner, min_size=1, max_size=4)), st.tuples(st.just("message"), inner)
    ),
    max_leaves=12,
)


def write(tree, end, counter):
    """Return (header and body octets, expectation) of a tree; boundaries are prefixes of each other on purpose."""
    kind, content = tree
    if kind == "leaf":
        body = end.join(content)
        return b"X-Leaf: yes" + end + end + body, ("text/plain", body)
    if kind == "message":
        octets, expected = write(content, end, counter)
        return b"Content-Type: message/rfc822" + end + end + octets, ("message/rfc822", [expected])
    counter[0] += 1
    boundary = b"B" + b"z" * counter[0]
    out = b'Content-Type: multipart/mixed; boundary="' + boundary + b'"' + end + end + b"preamble"
    children = []
    for child in content:
        octets, expected = write(child, end, counter)
        out += end + b"--" + boundary + end + octets
        children.append(expected)
    return out + end + b"--" + boundary + b"--", ("multipart/mixed", children)


def compare(entity, expected, message):
    kind, content = expected
    assert entity.media_type == kind
    if isinstance(content, bytes):
        assert message[entity.body_start : entity.body_end] == content
        assert entity.lines == content.count(b"\n")
        return
    assert len(entity.children) == len(content)
    for child, wanted in zip(entity.children, content, strict=True):
        compare(child, wanted, message)


@settings(max_examples=200, deadline=None)
@given(TREE, st.sampled_from([b"\r\n", b"\n"]))
def test_tree_is_what_was_written(tree, end):
    message, expected = write(tree, end, [0])
    compare(scanner.scan(message), expected, message)
