"""Header blocks: splitting, look-up, raw selection, ids, writing."""

import pytest

from smartmail.formats import headers, params, words
from smartmail.formats.address import Group, Mailbox

BLOCK = b"Received: a\r\n\tb\r\nSubject : one\r\n two\r\nno field at all\r\nFROM: a@b\r\nX:\r\nsubject: again\r\n\r\nBody: x\r\n"


def test_split_gives_offsets_and_stops_at_the_empty_line():
    fields = headers.split_fields(BLOCK)
    assert [field.name for field in fields] == [b"Received", b"Subject", b"", b"FROM", b"X", b"subject"]
    assert b"".join(BLOCK[field.start : field.end] for field in fields) + b"\r\nBody: x\r\n" == BLOCK


@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
def test_look_up(end):
    header = headers.Header(BLOCK.replace(b"\r\n", end))
    assert header.first("subject") == b"one" + end + b" two"
    assert header.all("SUBJECT") == [b"one" + end + b" two", b"again"]
    assert header.text("Subject") == "one two"
    assert header.first("x") == b""
    assert header.first("y") is None


def test_select_and_exclude_give_raw_octets():
    assert headers.select(BLOCK, ["subject", "From"]) == (
        b"Subject : one\r\n two\r\nFROM: a@b\r\nsubject: again\r\n\r\n"
    )
    assert headers.exclude(BLOCK, ["subject", "From", "received"]) == b"no field at all\r\nX:\r\n\r\n"
    assert headers.select(BLOCK, ["none"]) == b"\r\n"


def test_message_ids():
    assert headers.message_ids(b"<a@b> junk <c@d>\r\n <a@b>") == ("a@b", "c@d")
    assert headers.message_ids(b"a@b, c@d") == ("a@b", "c@d")
    assert headers.message_ids(b"nothing") == ()
    many = headers.message_ids(b" ".join(b"<%d@x>" % n for n in range(900)), 10)
    assert many == ("0@x", *(f"{n}@x" for n in range(891, 900)))


def test_unstructured_ascii_is_folded_and_not_encoded():
    written = headers.encode_unstructured("Subject", "word " * 40)
    assert b"=?" not in written
    assert max(map(len, written.split(b"\r\n"))) <= 78
    assert words.unfold(written) == b"Subject: " + b" ".join([b"word"] * 40)


def test_unstructured_encodes_only_what_needs_it():
    written = headers.encode_unstructured("Subject", "Re: [dev] 회의록 final")
    assert written.startswith(b"Subject: Re: [dev] =?utf-8?B?")
    assert written.endswith(b"?= final\r\n")
    assert headers.encode_unstructured("Subject", "=?utf-8?Q?x?=") != b"Subject: =?utf-8?Q?x?=\r\n"


def test_encoded_words_are_short_and_whole():
    for word in words.encode_words("가나다라마바사아자차카타파하" * 20):
        assert len(word) <= 75
        assert "\ufffd" not in words.decode_words(word)


def test_line_ends_cannot_be_injected():
    assert headers.encode_unstructured("Subject", "x\r\nBcc: v@evil") == b"Subject: x  Bcc: v@evil\r\n"
    written = headers.encode_addresses("To", [Mailbox("x\r\nBcc: v@evil", "a@b\r\nBcc: v@evil")])
    assert len(headers.split_fields(written)) == 1
    assert b"\n" not in params.encode_param("name", "a\r\nb")


def test_addresses_are_written_as_the_grammar_demands():
    written = headers.encode_addresses(
        "To",
        [
            Mailbox("Kim, Minsu", "kim@x.kr"),
            Mailbox("홍길동", "hong@도메인.한국"),
            Mailbox("", "a@b.c"),
            Group("팀", (Mailbox("", "t@x.kr"),)),
            Group("none", ()),
        ],
    )
    assert words.unfold(written) == (
        b'To: "Kim, Minsu" <kim@x.kr>, =?utf-8?B?7ZmN6ri464+Z?= <hong@xn--hq1bm8jm9l.xn--3e0b707e>, a@b.c,'
        b" =?utf-8?B?7YyA?=: t@x.kr;, none:;"
    )


def test_params_are_written_short_or_in_sections():
    assert params.encode_param("filename", "a.txt") == b"filename=a.txt"
    assert params.encode_param("filename", "a b.txt") == b'filename="a b.txt"'
    assert params.encode_param("filename", "한.txt") == b"filename*=utf-8''%ED%95%9C.txt"
    long = params.encode_param("filename", "한글 보고서" * 10 + ".hwp")
    assert long.startswith(b"filename*0*=utf-8''%ED")
    assert all(len(line) <= 76 for line in long.split(b"\r\n"))


@pytest.mark.parametrize(
    ("value", "parsed"),
    [
        (b"multipart/mixed; boundary=a=b", {"boundary": "a=b"}),
        (b'a/b; name="unclosed; x', {"name": "unclosed; x"}),
        (b"a/b;;; x=1 ;junk; y = 2", {"x": "1", "y": "2"}),
        (b'a/b; x="a\\"b\\\\c"', {"x": 'a"b\\c'}),
        (b'a/b; charset=euc-kr (a; "comment")', {"charset": "euc-kr"}),
        (b"a/b; name=report (1).pdf", {"name": "report (1).pdf"}),
        (b"a/b; n*1=b; n*0=a", {"n": "ab"}),
        (b"a/b; n*=utf-8''%41; n=x", {"n": "A"}),
        (b"a/b; n*0*=utf-8'ko'%ED%95; n*1*=%9C; n*2=%41", {"n": "한%41"}),
        (b"a/b; x=1; x=2", {"x": "1"}),
        (b"a/b", {}),
    ],
)
def test_params_are_read_as_meant(value, parsed):
    media_type = params.parse_media_type(value)
    assert media_type is not None
    assert params.decode_params(media_type[2]) == parsed
