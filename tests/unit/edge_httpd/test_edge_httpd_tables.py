"""Pure pieces of the web edge: ids, error tables, names of files, header forms of a create."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartmail.domain.errors import CATALOGUE, NotFound
from smartmail.edge.httpd.blobs import disposition, safe_type
from smartmail.edge.httpd.errors import STATUS, problem
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.jmap.composing import read_create
from smartmail.edge.httpd.jmap.delays import delay_of
from smartmail.edge.httpd.jmap.errors import METHOD, OBJECT, method_error, set_error
from smartmail.edge.httpd.jmap.setting import Refused
from smartmail.edge.httpd.wire import Request
from smartmail.service.mailbox.mailstore.conditions import words


def test_every_error_has_its_place_in_every_table():
    codes = {error.code for error in CATALOGUE}
    assert STATUS.keys() == METHOD.keys() == OBJECT.keys() == codes
    for error in CATALOGUE:
        made = error("for the peer", detail="for the log")
        status, body = problem(made)
        assert 400 <= status < 600 and b"for the log" not in body
        assert "for the log" not in str(method_error(made).arguments()) + str(set_error(made))


@pytest.mark.parametrize("text", ["", "e", "e0", "e01", "e-1", "e1 ", "E1", "m1", "e" + "9" * 19, "e１", "ee1"])
def test_what_is_no_email_id(text):
    assert ids.parse(ids.EMAIL, text) is None


@given(st.integers(1, 10**18 - 1))
def test_ids_come_back(number):
    assert ids.parse("e", ids.show("e", number)) == number


@given(st.text(alphabet="0123456789abcdef-bqun", max_size=60))
@settings(max_examples=100)
def test_blob_ids_never_raise_anything_else(text):
    try:
        name = ids.blob_named(text)
    except NotFound:
        return
    assert name.end is None or name.start <= name.end


@given(st.text(max_size=300))
@settings(max_examples=100, deadline=None)
def test_no_file_name_breaks_the_header(name):
    value = disposition(name)
    value.encode("latin-1")
    assert "\r" not in value and "\n" not in value and value.count('"') == 2


@given(st.text(max_size=60))
@settings(max_examples=100)
def test_no_type_breaks_the_header(text):
    assert all(character not in safe_type(text) for character in "\r\n;, ")


@given(st.dictionaries(
    st.sampled_from(["mailboxIds", "keywords", "subject", "from", "to", "bodyStructure", "textBody", "bodyValues", "sentAt",
                     "header:Subject", "header:X:asAddresses", "header:X:asGroupedAddresses:all", "header:X:asURLs", "x"]),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["email", "name", "addresses", "m1"]), inner, max_size=3),
        max_leaves=6,
    ), max_size=5,
))  # fmt: skip
@settings(max_examples=300, deadline=None)
def test_any_create_is_read_or_refused(raw):
    try:
        read_create(raw)
    except Refused as refused:
        assert refused.error.type == "invalidProperties" and refused.error.properties


def test_header_forms_of_a_create():
    wanted = read_create({
        "mailboxIds": {"m1": True}, "header:Subject:asText": "hi", "header:X-A:asAddresses": [{"email": "a@b", "name": "A"}],
        "header:X-G:asGroupedAddresses": [{"name": "g", "addresses": [{"email": "a@b"}]}], "header:List-Help:asURLs": ["https://x"],
        "header:X-R": " =?utf-8?Q?caf=C3=A9?=", "header:X-M:asMessageIds:all": [["a@b"], ["c@d"]],
    })  # fmt: skip
    assert wanted.email.subject == "hi"
    assert wanted.headers == (
        ("X-A", '"A" <a@b>'), ("X-G", "g: a@b;"), ("List-Help", "<https://x>"), ("X-R", "café"), ("X-M", "<a@b>"), ("X-M", "<c@d>"),
    )  # fmt: skip


def test_delays():
    assert delay_of({}) == delay_of({"RET": "HDRS", "ENVID": None}) == 0
    assert delay_of({"holdfor": "60"}) == 60
    assert delay_of({"HOLDUNTIL": "2020-01-01T00:00:00Z"}) == 0
    for bad in (
        {"HOLDFOR": "-1"},
        {"HOLDFOR": "2592001"},
        {"HOLDUNTIL": "soon"},
        {"HOLDUNTIL": "9999-01-01T00:00:00Z"},
    ):
        with pytest.raises(Refused):
            delay_of(bad)


def test_terms():
    assert words('회의 "spring  plan" Budget Budget') == ["회의", "spring  plan", "Budget"]
    assert len(words(" ".join(f"w{n}" for n in range(99)))) == 16


def request(**headers):
    fields = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"headers": fields, "query_string": b"a=1&b=%EA%B0%80&a=2", "scheme": "https"}, None)


def test_request_facts():
    one = request(cookie="a=b; bad[=]; __Host-x=t=1;c", host="Mail.Test:443", content_length="12")
    assert one.cookie("__Host-x") == "t=1" and one.cookie("none") == ""
    assert (one.host, one.base, one.length) == ("mail.test:443", "https://mail.test:443", 12)
    assert (one.query("a"), one.query("b"), one.query("c")) == ("1", "가", "")
    assert request(host="a b").host == request(host="a/../b").host == "" and request(content_length="x").length == 0
