"""What a role does not show is left out in one place, wherever it stands in a record."""

from hypothesis import given
from hypothesis import strategies as st

from smartmail.domain.authority import BUILT_IN, MARKS, MASKS, PERMISSIONS, AdminRole, offices_of
from smartmail.service.governance.roles import masked, shows
from smartmail.service.governance.roles.masking import FIELDS

PERSON = {
    "login": "kim@a.example", "phone": "010-1234-5678", "birthday": "1990-01-01",
    "messages": [{"subject": "견적", "preview": "안녕하세요", "from": "x@x.test", "size": 3}],
}  # fmt: skip


def test_nothing_is_hidden_from_who_may_see_all():
    assert masked(PERSON, ()) == PERSON


def test_hidden_fields_are_none_and_named():
    shown = masked(PERSON, BUILT_IN["helpdesk"].masks)
    assert (shown["login"], shown["phone"], shown["birthday"]) == ("kim@a.example", None, None)
    assert shown["masked"] == ["birthday", "phone"]
    assert shown["messages"] == [
        {"subject": "견적", "preview": None, "from": "x@x.test", "size": 3, "masked": ["preview"]}
    ]
    assert PERSON["phone"] == "010-1234-5678"


def test_every_mask_means_fields():
    assert set(FIELDS) == set(MASKS)
    assert shows((), "body")
    assert not shows({"body"}, "body")


leaves = st.recursive(
    st.text(max_size=3) | st.none(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(sorted(set().union(*FIELDS.values()) | {"id", "size"})), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["phone", "body", "list", "id"]), leaves), st.sets(st.sampled_from(MASKS)))
def test_nothing_hidden_is_left_at_any_depth(record, masks):
    hidden = set().union(*(FIELDS[one] for one in masks)) if masks else set()

    def look(value):
        if isinstance(value, dict):
            assert all(value[name] is None for name in value if name in hidden)
            for one in value.values():
                look(one)
        elif isinstance(value, list):
            for one in value:
                look(one)

    look(masked(record, masks))


def test_offices_do_not_overlap():
    assert {name: set(offices_of(BUILT_IN[name])) for name in ("company", "system", "security", "auditor", "helpdesk")} == {
        "company": {"system"}, "system": {"system"}, "security": {"security"}, "auditor": {"audit"}, "helpdesk": set(),
    }  # fmt: skip
    assert not MARKS["system"] & MARKS["security"]
    assert not (MARKS["system"] | MARKS["security"]) & MARKS["audit"]
    assert all(MARKS.values())
    assert offices_of(AdminRole("1", "all", frozenset(PERMISSIONS))) == {"system", "security", "audit"}
