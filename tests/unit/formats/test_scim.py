"""SCIM as text: filters and PATCH (formats/scim.py)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartmail.formats.scim import ENTERPRISE, ScimError, comparison, patched

USER = {
    "userName": "kim@a.example", "active": True, "name": {"formatted": "김민지"},
    "phoneNumbers": [{"type": "work", "value": "02-1"}], "members": [{"value": "1"}, {"value": "2"}],
    ENTERPRISE: {"department": "S1"},
}  # fmt: skip


def test_a_filter_is_one_comparison():
    assert comparison('userName eq "kim@a.example"') == ("username", "kim@a.example")
    assert comparison(' externalId EQ "a\\"b" ') == ("externalid", 'a"b')
    assert comparison("active eq True") == ("active", True)
    for wrong in ("", "userName", 'userName co "k"', 'a eq "b" and c eq "d"', "a eq 'b'", 'a eq "b'):
        with pytest.raises(ScimError) as caught:
            comparison(wrong)
        assert caught.value.kind == "invalidFilter"


@pytest.mark.parametrize(
    ("operation", "changed"),
    [
        ({"op": "Replace", "path": "active", "value": "False"}, {"active": "False"}),
        ({"op": "replace", "value": {"ACTIVE": False, "displayName": "x"}}, {"active": False, "displayName": "x"}),
        ({"op": "add", "path": "name.formatted", "value": "이"}, {"name": {"formatted": "이"}}),
        ({"op": "replace", "path": f"{ENTERPRISE}:department", "value": "S2"}, {ENTERPRISE: {"department": "S2"}}),
        ({"op": "add", "value": {ENTERPRISE: {"Department": "S3"}}}, {ENTERPRISE: {"department": "S3"}}),
        ({"op": "remove", "path": "name"}, {"name": None}),
        ({"op": "add", "path": "members", "value": [{"value": "2"}, {"value": "3"}]},
         {"members": [{"value": "1"}, {"value": "2"}, {"value": "3"}]}),
        ({"op": "remove", "path": 'members[value eq "1"]'}, {"members": [{"value": "2"}]}),
        ({"op": "remove", "path": "members", "value": [{"value": "2"}]}, {"members": [{"value": "1"}]}),
        ({"op": "remove", "path": "members"}, {"members": None}),
        ({"op": "replace", "path": 'phoneNumbers[type eq "WORK"].value', "value": "02-2"},
         {"phoneNumbers": [{"type": "work", "value": "02-2"}]}),
        ({"op": "add", "path": 'phoneNumbers[type eq "mobile"].value', "value": "010"},
         {"phoneNumbers": [{"type": "work", "value": "02-1"}, {"type": "mobile", "value": "010"}]}),
    ],
)  # fmt: skip
def test_an_operation_changes_what_it_names(operation, changed):
    before = repr(USER)
    assert patched(USER, {"Operations": [operation]}) == {**USER, **changed}
    assert repr(USER) == before


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        ([], "invalidSyntax"), ({}, "invalidSyntax"), ({"Operations": []}, "invalidSyntax"),
        ({"Operations": [{"op": "move", "path": "a"}]}, "invalidSyntax"), ({"Operations": [1]}, "invalidSyntax"),
        ({"Operations": [{"op": "remove"}]}, "noTarget"), ({"Operations": [{"op": "add", "value": 1}]}, "invalidValue"),
        ({"Operations": [{"op": "add", "path": "a b", "value": 1}]}, "invalidPath"),
        ({"Operations": [{"op": "remove", "path": 'members[value eq "9"].x'}]}, "noTarget"),
        ({"Operations": [{"op": "add", "path": "members[x]", "value": 1}]}, "invalidFilter"),
    ],
)  # fmt: skip
def test_what_is_no_patch_is_refused_with_its_kind(document, kind):
    with pytest.raises(ScimError) as caught:
        patched(USER, document)
    assert caught.value.kind == kind


JSON = st.recursive(
    st.none() | st.booleans() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
PATHS = st.sampled_from(
    ["active", "members", 'members[value eq "1"]', "name.formatted", "members.x", f"{ENTERPRISE}:a"]
)


@given(
    st.lists(st.fixed_dictionaries({"op": st.sampled_from(["add", "replace", "remove"]), "path": PATHS, "value": JSON}))
)
def test_any_patch_is_done_or_refused(operations):
    try:
        assert isinstance(patched(USER, {"Operations": operations}), dict)
    except ScimError:
        pass
