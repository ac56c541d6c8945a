"""The arithmetic of audit chains, against values computed by hand for the requirement that asks for them."""

from hypothesis import given
from hypothesis import strategies as st

from smartmail.formats import audit_chain


def test_two_records():
    login = {
        "act": "login", "ip": "203.0.113.7", "obj": "-", "seq": 1, "ts": "2026-01-02T03:04:05+09:00", "uid": "u1",
    }  # fmt: skip
    read = {
        "act": "mail.read", "ip": "203.0.113.7", "obj": "m:42", "seq": 2, "ts": "2026-01-02T03:05:00+09:00", "uid": "u1",
    }  # fmt: skip
    first = audit_chain.digest(audit_chain.START, audit_chain.canonical(login))
    assert first.hex() == "e7d1bd117445c2b440d9d317f49c62efbbb332404fcf90e2257ff1d9c488a2ec"
    second = audit_chain.digest(first, audit_chain.canonical(read))
    assert second.hex() == "7f2671301145ee40125dd8b23d9e35f12e8a0023e86ec4b7e2f03252240e4a2d"


def test_one_form_whatever_the_order():
    assert audit_chain.canonical({"b": "회의", "a": None, "c": 1}) == '{"a":null,"b":"회의","c":1}'.encode()
    assert audit_chain.canonical({"a": "\ud800"}) == b'{"a":"?"}'


def test_times_are_of_the_world():
    assert audit_chain.timestamp(1_700_000_000_007) == "2023-11-14T22:13:20.007+00:00"


@given(st.dictionaries(st.text(), st.text() | st.integers()), st.dictionaries(st.text(), st.text() | st.integers()))
def test_records_that_differ_have_forms_that_differ(one, two):
    assert (audit_chain.canonical(one) == audit_chain.canonical(two)) <= (_whole(one) == _whole(two))


def _whole(document):
    """Halves of surrogate pairs are all the same in UTF-8."""
    clean = lambda value: value.encode("utf-8", "replace") if isinstance(value, str) else value  # noqa: E731
    return {clean(key): clean(value) for key, value in document.items()}
