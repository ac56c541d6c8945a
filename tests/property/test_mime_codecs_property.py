"""What the writing side makes, the reading side gives back; streamed decoding equals whole decoding."""

import base64
import binascii

from hypothesis import given, settings
from hypothesis import strategies as st

from smartmail.formats import address, charset, dates, headers, params, words
from smartmail.formats.mime import transfer

TEXT = st.text(
    st.one_of(
        st.characters(codec="utf-8", categories=("L", "N", "P", "S"), exclude_characters="\u2028\u2029"),
        st.sampled_from('안녕하세요홍길동 ,;<>@"\\()=?_'),
    ),
    max_size=120,
)


def normal(text):
    return " ".join(words.clean(text).split())


@settings(max_examples=200, deadline=None)
@given(TEXT)
def test_unstructured_round_trip(text):
    written = headers.encode_unstructured("Subject", text)
    assert written.endswith(b"\r\n")
    assert len(headers.split_fields(written)) == 1
    assert all(len(line) <= 998 for line in written.split(b"\r\n"))
    assert normal(headers.Header(written).text("subject") or "") == normal(text)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(TEXT, st.sampled_from(["a@b.example", "메일@도메인.한국", '"a b"@c.example'])), min_size=1, max_size=6
    )
)
def test_addresses_round_trip(pairs):
    boxes = [address.Mailbox(name, one) for name, one in pairs]
    written = headers.encode_addresses("To", boxes)
    assert len(headers.split_fields(written)) == 1
    read = address.parse(headers.Header(written).first("to") or b"")
    assert [(normal(box.name), box.address) for box in read] == [(normal(box.name), box.address) for box in boxes]


@settings(max_examples=200, deadline=None)
@given(TEXT)
def test_param_round_trip(value):
    written = params.encode_param("filename", value)
    read = params.decode_params(params.parse_params(b"attachment; " + words.unfold(written)))
    assert normal(read["filename"]) == normal("".join(c for c in value if c.isprintable()))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200), st.sampled_from(["Subject", "X-Long-Name"]))
def test_no_value_adds_a_field(text, name):
    assert len(headers.split_fields(headers.encode_unstructured(name, text))) == 1
    assert len(headers.split_fields(headers.encode_addresses(name, [address.Mailbox(text, text)]))) == 1
    assert b"\n" not in params.encode_param("name", text).replace(b";\r\n ", b"")


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=300),
        st.lists(
            st.sampled_from(
                [
                    b"=",
                    b"==",
                    b"YWJj",
                    b"\r\n",
                    b"=41",
                    b"=\r\n",
                    b"= \n",
                    b" ",
                    b"\t\r\n",
                    b" " * 700,
                    b"a" * 600,
                    b"begin 644 x\n",
                    b"end\n",
                    b"#86)C\n",
                ]
            ),
            max_size=30,
        ).map(b"".join),
    ),
    st.lists(st.integers(1, 50), min_size=1, max_size=8),
    st.sampled_from(["base64", "quoted-printable", "x-uuencode", "8bit"]),
)
def test_streamed_decoding_equals_whole(octets, steps, encoding):
    stream, counter = transfer.decoder(encoding), transfer.counter(encoding)
    out, at, turn = b"", 0, 0
    while at < len(octets):
        step = steps[turn % len(steps)]
        out += stream.feed(octets[at : at + step])
        if counter:
            counter.feed(octets[at : at + step])
        at, turn = at + step, turn + 1
    whole = transfer.decode_body(octets, encoding)
    assert out + stream.finish() == whole
    assert (counter.finish() if counter else len(octets)) == len(whole)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_transfer_encodings_round_trip(octets):
    assert transfer.decode_body(base64.encodebytes(octets), "base64") == octets
    # As octets: as text the encoder takes the first line end that it meets for all others too.
    coded = binascii.b2a_qp(octets, quotetabs=True, istext=False)
    assert transfer.decode_body(coded, "quoted-printable") == octets


@settings(max_examples=200, deadline=None)
@given(st.integers(-2_000_000_000, 250_000_000_000), st.integers(-1439, 1439))
def test_dates_round_trip(seconds, offset):
    assert dates.parse_date(dates.format_date(seconds, offset).encode()) == (seconds, offset)


@settings(max_examples=200, deadline=None)
@given(
    st.text(st.sampled_from("안녕하세요쀍뷁똠 abc漢字かな"), max_size=30),
    st.sampled_from(["utf-8", "cp949", "gb18030", "cp932"]),
)
def test_a_cut_text_is_a_prefix(text, codec):
    """Cutting octets anywhere loses at most the cut character and never shows a replacement character."""
    octets = text.encode(codec, "ignore")
    whole = octets.decode(codec)
    for end in range(len(octets) + 1):
        shown, _ = charset.decode(octets[:end], codec)
        assert whole.startswith(shown), (end, shown)
        assert len(octets[:end].decode(codec, "ignore")) == len(shown)
