"""Invariant: nothing that a file of contacts holds raises out of what reads it, but the errors that are its own."""

from hypothesis import given, settings
from hypothesis import strategies as st

from smartmail.formats import contact_table, csv_table, jscontact, vcard

EXAMPLES = 500
PIECES = st.sampled_from(
    [
        b"BEGIN:VCARD", b"END:VCARD", b"\r\n", b"\n", b" ", b"FN:", b"N;", b"CHARSET=EUC-KR", b"ENCODING=QUOTED-PRINTABLE", b"=B1=E8",
        b"ENCODING=b:", b"/9j/4AAQ", b"PHOTO;", b"TEL;", b"PREF=1", b"PREF=", b'"', b":", b";", b",", b"\\", b"\\n", b"JSPROP;JSPTR=/name:",
        b'{"full":1}', b"[[[[", b"BDAY:", b"--0203", b"16040203", b"ADR:;;;;;;;;;;;;", b"X-A", b"item1.", b"\xff\xfe", b"\x00", b"\xb1\xe8",
        b"UID:", b"MEMBER:", b"KIND:group", b"CATEGORIES:,,", b"URL:javascript:1", b"IMPP:", b"PROP-ID=", b"=", b"=\n", b"^n", b"REV:x",
    ]
)  # fmt: skip
FILES = st.one_of(
    st.binary(max_size=400), st.lists(PIECES, max_size=40).map(b"".join), st.lists(PIECES, max_size=30).map(b"\n".join)
)


@settings(max_examples=EXAMPLES, deadline=None)
@given(FILES)
def test_vcards(octets):
    for whole in (octets, b"BEGIN:VCARD\n" + octets + b"\nEND:VCARD\n"):
        try:
            found, _charset = vcard.found_cards(whole)
        except vcard.VcardError:
            continue
        for one in found:
            card = {"uid": "u", **vcard.card_of(one.properties)}
            try:
                jscontact.checked(card)
            except jscontact.CardError:
                continue
            jscontact.line_of(card)
            # What was read can be written, and is read again.
            for version in ("3.0", "4.0"):
                [again] = vcard.found_cards(vcard.written(card, version).encode("utf-8", "replace"))[0]
                assert not again.error


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=300),
        st.lists(st.sampled_from(["이름", "성", ",", "전자 메일 주소", "\n", '"', "생일", "2/3/1990", "휴대폰", ";", "=1+1", "Phone 1 - Value", " ::: "]), max_size=40)
        .map("".join).map(lambda text: text.encode("cp949")),
    )
)  # fmt: skip
def test_tables(octets):
    try:
        table = csv_table.read(octets)
    except csv_table.TableError:
        return
    for _line, card in contact_table.cards(table):
        jscontact.checked({"uid": "u", **card})
        assert contact_table.write([{"uid": "u", **card}], "ko")


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=20), st.sampled_from(["javascript:1", "group", "1.0"])),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=12,
)  # fmt: skip
NAMES = st.sampled_from([one.encode_name for one in jscontact.msgspec.structs.fields(jscontact._Card)])


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.dictionaries(NAMES, JSON, max_size=5))
def test_cards_as_json(raw):
    try:
        card = jscontact.checked({"uid": "u", **raw})
    except jscontact.CardError:
        return
    jscontact.line_of(card)
    vcard.written(card, "3.0")
    vcard.written(card, "4.0")
