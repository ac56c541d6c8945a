"""What is written as a vCard is read back: 4.0 loses nothing, 3.0 and tables keep whom one writes to, and no value begins a
line of its own.
"""

from hypothesis import given, settings
from hypothesis import strategies as st

from smartmail.formats import contact_table, csv_table, jscontact, vcard

EXAMPLES = 200
# Everything that a card may hold, and what is special in content lines most of all.
TEXT = st.text(
    st.one_of(st.characters(codec="utf-8", exclude_characters="\0"), st.sampled_from('김민지,;:\\"^\n\r\t =%')),
    max_size=40,
)
WORD = st.text(st.characters(codec="utf-8", categories=("L", "N")), min_size=1, max_size=20)
KEY = st.from_regex(r"[A-Za-z0-9_-]{1,12}", fullmatch=True)
CONTEXTS = st.dictionaries(st.sampled_from(["work", "private", "x"]), st.just(True), max_size=2)
COMPONENT = st.fixed_dictionaries(
    {"kind": st.sampled_from(["surname", "given", "given2", "title", "surname2", "separator", "odd"]), "value": TEXT},
    optional={"phonetic": TEXT},
)
NAME = st.fixed_dictionaries(
    {},
    optional={
        "full": TEXT,
        "components": st.lists(COMPONENT, max_size=4),
        "isOrdered": st.booleans(),
        "sortAs": st.dictionaries(st.sampled_from(["surname", "given"]), TEXT, max_size=2),
    },
)


def entries(value, **optional):
    more = {"contexts": CONTEXTS, "pref": st.integers(1, 100), "label": TEXT} | optional
    return st.dictionaries(KEY, st.fixed_dictionaries(value, optional=more), max_size=3)


CARD = st.fixed_dictionaries(
    {"uid": st.one_of(WORD, st.just("urn:uuid:03a0e51f-d1aa-4385-8a53-e29025acd8af"))},
    optional={
        "name": NAME,
        "nicknames": entries({"name": TEXT}),
        "emails": entries({"address": st.text(min_size=1, max_size=30).filter(jscontact._whole)}),
        "phones": entries({"number": WORD}, features=st.dictionaries(st.sampled_from(["mobile", "fax"]), st.just(True))),
        "organizations": st.dictionaries(KEY, st.fixed_dictionaries({"name": TEXT}), max_size=2),
        "titles": st.dictionaries(KEY, st.fixed_dictionaries({"name": TEXT}), max_size=2),
        "addresses": entries(
            {"components": st.lists(st.fixed_dictionaries({
                "kind": st.sampled_from(["name", "locality", "room", "block", "postcode"]), "value": TEXT,
            }), max_size=3)},
            full=TEXT, countryCode=WORD,
        ),
        "links": entries({"uri": st.sampled_from(["https://a.example/", "https://b.example/x;y,z", "mailto:a@b\r\nX-EVIL:1"])}),
        "media": entries({"uri": st.sampled_from(["data:image/png;base64,iVBORw0KGgo=", "https://a.example/p"])}, kind=st.just("photo")),
        "anniversaries": st.dictionaries(KEY, st.fixed_dictionaries({
            "kind": st.sampled_from(["birth", "wedding", "odd"]),
            "date": st.fixed_dictionaries({}, optional={"year": st.integers(1, 9999), "month": st.integers(1, 12), "day": st.integers(1, 31)}),
        }), max_size=2),
        "notes": st.dictionaries(KEY, st.fixed_dictionaries({"note": TEXT}), max_size=2),
        "keywords": st.dictionaries(WORD, st.just(True), max_size=3),
        "localizations": st.dictionaries(WORD, st.dictionaries(WORD, TEXT, max_size=2), max_size=2),
        "created": st.sampled_from(["2026-11-27T05:00:00Z", "2026-11-27T05:00:00.5Z"]),
        "kind": st.sampled_from(["individual", "org", "x-odd"]),
        "vendor.example:x": st.recursive(TEXT, lambda inner: st.lists(inner, max_size=2), max_leaves=4),
    },
)  # fmt: skip


def read(text: str):
    [one] = vcard.found_cards(text.encode())[0]
    assert not one.error
    return vcard.card_of(one.properties)


@settings(max_examples=EXAMPLES, deadline=None)
@given(CARD)
def test_version_4_loses_nothing(raw):
    card = jscontact.checked(raw)
    back = read(vcard.written(card, "4.0"))
    for name, value in card.items():
        # What is empty says as much as nothing.
        if name not in {"@type", "version"} and value not in ({}, ""):
            assert back.get(name) == value, name
    jscontact.checked(back)


@settings(max_examples=EXAMPLES, deadline=None)
@given(CARD)
def test_version_3_is_one_card_that_keeps_addresses_and_numbers(raw):
    card = jscontact.checked(raw)
    text = vcard.written(card, "3.0")
    assert text.count("BEGIN:VCARD") == text.count("END:VCARD") == 1
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert "\r\nX-EVIL" not in text
    back = read(text)
    numbers = [one["number"] for one in card.get("phones", {}).values()]
    assert [one["number"] for one in back.get("phones", {}).values()] == numbers
    jscontact.checked({"uid": "u", **back})


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(CARD, max_size=4), st.sampled_from(["ko", "en"]))
def test_a_table_keeps_names_and_first_addresses(raw, language):
    cards = [jscontact.checked(one) for one in raw]
    table = csv_table.read(contact_table.write(cards, language))
    found = [card for _line, card in contact_table.cards(table)]
    assert len(found) <= len(cards)
    for card in found:
        jscontact.checked({"uid": "u", **card})
    for card in cards:
        names = [one["name"] for one in card.get("organizations", {}).values()]
        if any(name.strip() for name in names[:1]):
            assert found


def test_what_old_telephones_write_is_read():
    old = (
        b"BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=EUC-KR;ENCODING=QUOTED-PRINTABLE:=B1=E8;=B9=CE=C1=F6\r\n"
        b"TEL;CELL;PREF:010-1\r\nTEL;WORK;FAX:02-2\r\nEMAIL;INTERNET:a@b.example\r\n"
        b"NOTE;ENCODING=QUOTED-PRINTABLE:one=0D=0A=\r\ntwo\r\nBDAY:16040203\r\nEND:VCARD\r\n"
    )
    [one] = vcard.found_cards(old)[0]
    card = vcard.card_of(one.properties)
    assert jscontact.shown_name(card) == "김민지"
    assert card["phones"]["p1"] == {"number": "010-1", "features": {"mobile": True}, "pref": 1}
    assert card["phones"]["p2"] == {"number": "02-2", "features": {"fax": True}, "contexts": {"work": True}}
    assert card["notes"]["n1"]["note"] == "one\ntwo"
    assert card["anniversaries"]["b1"]["date"] == {"@type": "PartialDate", "month": 2, "day": 3}


def test_outlook_in_cp949_and_apple_labels_are_read():
    cp949 = "BEGIN:VCARD\nVERSION:2.1\nFN:김민지 과장\nORG:대양부품;영업팀\nEND:VCARD\n".encode("cp949")
    found, charset = vcard.found_cards(cp949)
    assert charset == "cp949"
    assert vcard.card_of(found[0].properties)["organizations"]["o1"] == {
        "name": "대양부품",
        "units": [{"name": "영업팀"}],
    }
    apple = (
        "BEGIN:VCARD\nVERSION:3.0\nFN:Emily\nitem1.TEL:1\nitem1.X-ABLabel:_$!<Home>!$_\nitem2.TEL:2\n"
        "item2.X-ABLabel:별장\nX-ADDRESSBOOKSERVER-KIND:group\nX-ADDRESSBOOKSERVER-MEMBER:urn:uuid:x\nEND:VCARD\n"
    )
    card = read(apple)
    assert card["phones"] == {
        "p1": {"number": "1", "contexts": {"private": True}},
        "p2": {"number": "2", "label": "별장"},
    }
    assert (card["kind"], card["members"]) == ("group", {"urn:uuid:x": True})
