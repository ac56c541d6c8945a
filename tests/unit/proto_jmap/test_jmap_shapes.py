"""Pointers, patches, filters, windows, session and push of JMAP."""

import json
from dataclasses import dataclass

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartmail.proto.jmap import core, emails, filters, mailboxes, push, session, submissions
from smartmail.proto.jmap.dispatch import Method, process
from smartmail.proto.jmap.envelope import encode_response, parse_request
from smartmail.proto.jmap.errors import MethodError, RequestError, SetError, invalid_properties
from smartmail.proto.jmap.limits import Limits
from smartmail.proto.jmap.pointer import MAX_VALUES, PointerError, apply_patch, evaluate

DOC = {"a": [{"b": 1, "c": [1, 2]}, {"b": 2, "c": [3]}], "m~n": 1, "x/y": 2, "": 3, "*": 4, "o": {"*": 5}}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("", DOC), ("/a/0/b", 1), ("/a/*/b", [1, 2]), ("/a/*/c", [1, 2, 3]), ("/a/*/c/*", [1, 2, 3]), ("/m~0n", 1),
        ("/x~1y", 2), ("/", 3), ("/*", 4), ("/o/*", 5), ("/a/1", {"b": 2, "c": [3]}),
    ],
)  # fmt: skip
def test_pointer(path, expected):
    assert evaluate(DOC, path) == expected


@pytest.mark.parametrize("path", ["a", "/b", "/a/2", "/a/01", "/a/-1", "/a/b", "/a/*/z", "/a/0/b/c", "/a/-", "/" * 99])
def test_pointer_to_nowhere(path):
    with pytest.raises(PointerError):
        evaluate(DOC, path)


def test_a_star_cannot_blow_up():
    with pytest.raises(PointerError):
        evaluate([[0] * 1000] * (MAX_VALUES // 1000 + 2), "/*/*")


@pytest.mark.parametrize(
    ("patch", "expected"),
    [
        ({}, {"k": {"$seen": True, "a/b": 1}, "n": "x", "l": [1]}),
        ({"k/$seen": None}, {"k": {"a/b": 1}, "n": "x", "l": [1]}),
        ({"k/$flagged": True, "k/a~1b": None}, {"k": {"$seen": True, "$flagged": True}, "n": "x", "l": [1]}),
        ({"n": None}, {"k": {"$seen": True, "a/b": 1}, "n": "default", "l": [1]}),
        ({"l": None, "z": 1}, {"k": {"$seen": True, "a/b": 1}, "n": "x", "z": 1}),
        ({"k": {}}, {"k": {}, "n": "x", "l": [1]}),
        ({"k/none": None}, {"k": {"$seen": True, "a/b": 1}, "n": "x", "l": [1]}),
    ],
)
def test_patch(patch, expected):
    target = {"k": {"$seen": True, "a/b": 1}, "n": "x", "l": [1]}
    before = json.dumps(target)
    assert apply_patch(target, patch, {"n": "default"}) == expected
    assert json.dumps(target) == before


@pytest.mark.parametrize(
    "patch", [{"l/0": 1}, {"z/y": 1}, {"n/x": 1}, {"k": {}, "k/x": 1}, {"k/a": {}, "k/a/b": 1}, {"k/$seen/x": 1}]
)
def test_patch_that_cannot_be(patch):
    with pytest.raises(PointerError):
        apply_patch({"k": {"$seen": True}, "n": "x", "l": [1]}, patch)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab/~*#0", max_size=2), inner, max_size=3),
    max_leaves=8,
)
_PATHS = st.text("/ab~01*", max_size=8)


@settings(max_examples=200, deadline=None)
@given(_JSON, _PATHS)
def test_any_pointer_gives_a_value_or_its_error(value, path):
    try:
        json.dumps(evaluate(value, path))
    except PointerError:
        pass


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.text("ab", max_size=2), _JSON, max_size=3), st.dictionaries(_PATHS, _JSON, max_size=3))
def test_any_patch_applies_or_is_refused_and_never_touches_its_target(target, patch):
    before = json.dumps(target)
    try:
        result = apply_patch(target, patch)
    except PointerError:
        pass
    else:
        # Patching with the same values again changes nothing.
        assert apply_patch(result, patch) == result
    assert json.dumps(target) == before


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60) | _JSON.map(lambda v: json.dumps({"using": [], "methodCalls": v}).encode()))
async def test_any_request_is_answered_or_refused(body):
    try:
        request = parse_request(body, Limits(), {session.CORE})
    except RequestError as error:
        assert error.problem()["status"] == 400
        return
    responses, _ = await process(request, {}, None, on_failure=lambda *_: None)
    assert len(responses) == len(request.calls)


@pytest.mark.parametrize("kind", [RuntimeError, ValueError, KeyError])
async def test_a_failure_of_ours_says_nothing_and_the_next_call_goes_on(kind):
    seen = []

    async def broken(call, arguments):
        raise kind("secret")

    @dataclass
    class Context:
        name: str

    async def fine(call, arguments):
        return {"accountId": arguments.account_id, "by": call.context.name}

    table = {
        "A/get": Method(session.CORE, core.GetArguments, broken),
        "B/get": Method(session.CORE, core.GetArguments, fine),
    }
    body = b'{"using":["%b"],"methodCalls":[["A/get",{"accountId":"1"},"a"],["B/get",{"accountId":"1"},"b"]]}'
    request = parse_request(body % session.CORE.encode(), Limits(), {session.CORE})
    responses, created = await process(request, table, Context("me"), on_failure=lambda *what: seen.append(what))
    assert created is None
    raw = encode_response(responses, "s", created)
    assert b"secret" not in raw
    assert json.loads(raw)["methodResponses"] == [
        ["error", {"type": "serverFail"}, "a"],
        ["B/get", {"accountId": "1", "by": "me"}, "b"],
    ]
    assert [(name, type(error)) for name, error in seen] == [("A/get", kind)]


async def test_a_reference_points_into_an_answer_made_of_structs():
    async def query(call, arguments):
        return core.QueryAnswer(
            account_id="1", query_state="s", can_calculate_changes=False, position=0, ids=("x", "y")
        )

    async def get(call, arguments):
        return core.GetAnswer(account_id="1", state="s", list=[mailboxes.Mailbox(id=i) for i in arguments.ids])

    table = {
        "M/query": Method(session.CORE, core.QueryArguments, query),
        "M/get": Method(session.CORE, core.GetArguments, get),
    }
    calls = [
        ["M/query", {"accountId": "1"}, "a"],
        ["M/get", {"accountId": "1", "#ids": {"resultOf": "a", "name": "M/query", "path": "/ids"}}, "b"],
    ]
    request = parse_request(
        json.dumps({"using": [session.CORE], "methodCalls": calls}).encode(), Limits(), {session.CORE}
    )
    responses, _ = await process(request, table, None, on_failure=lambda *_: None)
    assert json.loads(encode_response(responses, "s", None))["methodResponses"] == [
        [
            "M/query",
            {"accountId": "1", "queryState": "s", "canCalculateChanges": False, "position": 0, "ids": ["x", "y"]},
            "a",
        ],
        ["M/get", {"accountId": "1", "state": "s", "list": [{"id": "x"}, {"id": "y"}], "notFound": []}, "b"],
    ]


# -- filters and sort -----------------------------------------------------------------------------------------------


def kind_of(call):
    with pytest.raises(MethodError) as caught:
        call()
    return caught.value.kind


def test_filter_tree():
    raw = {
        "operator": "OR",
        "conditions": [{"from": "kim", "hasAttachment": True}, {"operator": "NOT", "conditions": [{"text": "x"}]}],
    }
    tree = filters.parse_filter(raw, emails.EmailFilter)
    assert [c.from_ for c in filters.conditions(tree)] == ["kim", msgspec.UNSET]
    assert filters.matches(tree, lambda c: c.from_ == "kim")
    assert filters.matches(tree, lambda c: False)
    assert not filters.matches(tree, lambda c: c.text == "x")
    assert filters.matches(None, lambda c: False)
    assert filters.parse_filter({}, emails.EmailFilter) == emails.EmailFilter()
    both = filters.parse_filter({"operator": "AND", "conditions": [{}, {"to": "x"}]}, emails.EmailFilter)
    assert not filters.matches(both, lambda c: c.to is msgspec.UNSET)


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        ({"nope": 1}, "unsupportedFilter"),
        ({"from": 1}, "invalidArguments"),
        ({"before": "yesterday"}, "invalidArguments"),
        ({"header": []}, "invalidArguments"),
        ({"minSize": -1}, "invalidArguments"),
        ({"operator": "XOR", "conditions": []}, "invalidArguments"),
        ({"operator": "AND", "conditions": {}}, "invalidArguments"),
        ({"operator": "AND", "conditions": [1]}, "invalidArguments"),
        ({"operator": "AND", "conditions": [], "text": "x"}, "invalidArguments"),
        ({"operator": "OR", "conditions": [{}] * 300}, "unsupportedFilter"),
        ({"text": "가" * 70_000}, "unsupportedFilter"),
        ({"header": ["subject", "x" * 70_000]}, "unsupportedFilter"),
        ({"operator": "OR", "conditions": [{"text": "x" * 1_000}] * 70}, "unsupportedFilter"),
    ],
)
def test_filter_errors(raw, kind):
    assert kind_of(lambda: filters.parse_filter(raw, emails.EmailFilter)) == kind


@pytest.mark.parametrize(("levels", "taken"), [(196, True), (197, False), (2_000, False), (390_000, False)])
@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_request_depth_is_bounded_alike_on_every_python(levels, taken, opening, closing):
    """Four levels are the request, its calls, the call and its arguments."""
    inner = opening * levels + b"1" + closing * levels
    body = b'{"using":[],"methodCalls":[["Core/echo",{"x":' + inner + b'},"0"]]}'
    limits = Limits(max_size_request=20_000_000)
    if taken:
        assert len(parse_request(body, limits, ()).calls) == 1
    else:
        with pytest.raises(RequestError) as refused:
            parse_request(body, limits, ())
        assert refused.value.kind == "notJSON"


@pytest.mark.parametrize("inner", [b"[]," * 3_000_000 + b"0", b'{"a":' * 1_900_000 + b"1" + b"}" * 1_900_000])
def test_a_request_of_millions_of_arrays_or_objects_is_refused_before_it_is_decoded(inner):
    body = b'{"using":[],"methodCalls":[["Core/echo",{"x":[' + inner + b']},"0"]]}'
    with pytest.raises(RequestError) as refused:
        parse_request(body, Limits(max_size_request=20_000_000), ())
    assert (refused.value.kind, refused.value.limit) == ("limit", "maxSizeRequest")


def test_filter_depth_is_bounded():
    raw = {}
    for _ in range(50):
        raw = {"operator": "NOT", "conditions": [raw]}
    assert kind_of(lambda: filters.parse_filter(raw, emails.EmailFilter)) == "unsupportedFilter"


def test_sort():
    raw = [
        {"property": "hasKeyword", "keyword": "$flagged", "isAscending": False},
        {"property": "subject", "collation": "i;x"},
    ]
    assert filters.parse_sort(raw[:1], emails.EMAIL_SORTS, ())[0].is_ascending is False
    assert kind_of(lambda: filters.parse_sort(raw, emails.EMAIL_SORTS, ("i;y",))) == "unsupportedSort"
    assert kind_of(lambda: filters.parse_sort([{"property": "id"}], emails.EMAIL_SORTS, ())) == "unsupportedSort"
    assert kind_of(lambda: filters.parse_sort([{}], emails.EMAIL_SORTS, ())) == "invalidArguments"
    assert kind_of(lambda: filters.parse_sort([{"property": "to"}] * 99, emails.EMAIL_SORTS, ())) == "unsupportedSort"
    assert filters.parse_sort(None, (), ()) == ()


IDS = [f"i{n}" for n in range(10)]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, (0, IDS[:6])),
        ({"position": 8}, (8, IDS[8:])),
        ({"position": 80}, (80, [])),
        ({"position": -3}, (7, IDS[7:])),
        ({"position": -30, "limit": 1}, (0, IDS[:1])),
        ({"anchor": "i5", "limit": 2}, (5, IDS[5:7])),
        ({"anchor": "i5", "anchor_offset": -2, "position": 9}, (3, IDS[3:9])),
        ({"anchor": "i1", "anchor_offset": -9}, (0, IDS[:6])),
        ({"limit": 0}, (0, [])),
    ],
)
def test_window(values, expected):
    assert core.window(IDS, core.QueryArguments(account_id="1", **values), 6) == expected


def test_window_without_its_anchor():
    assert kind_of(lambda: core.window(IDS, core.QueryArguments(account_id="1", anchor="x"), 6)) == "anchorNotFound"


# -- properties -----------------------------------------------------------------------------------------------------


def test_wanted_and_project():
    assert core.wanted(["name", "name"], mailboxes.MAILBOX_PROPERTIES) == ("id", "name")
    assert core.wanted(None, ("id", "x")) == ("id", "x")
    assert kind_of(lambda: core.wanted(["x"], ("id",))) == "invalidArguments"
    box = mailboxes.Mailbox(id="1", name="a", total_emails=3, parent_id=None)
    assert core.project(box, ("id", "totalEmails", "parentId", "role")) == {
        "id": "1",
        "totalEmails": 3,
        "parentId": None,
    }


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("header:Subject", ("Subject", "Raw", False)),
        ("header:subject:asText", ("subject", "Text", False)),
        ("header:X-Any:asAddresses:all", ("X-Any", "Addresses", True)),
        ("header:List-Post:asURLs", ("List-Post", "URLs", False)),
        ("header:Received:all", ("Received", "Raw", True)),
        ("header:From:asDate", None),
        ("header:Received:asText", None),
        ("header:X:asRaw", ("X", "Raw", False)),
        ("header:X:asNone", None),
        ("header:", None),
        ("header:X:all:asText", None),
        ("header:X Y", None),
    ],
)
def test_header_property(name, expected):
    found = emails.header_property(name)
    assert (found and found[1:]) == expected


def test_email_properties():
    got = emails.email_properties(["subject", "header:X", "subject"], emails.DEFAULT_PROPERTIES)
    assert got.names == ("id", "subject")
    assert got.headers[0].name == "X"
    assert "headers" not in emails.email_properties(None, emails.DEFAULT_PROPERTIES).names
    for bad in ("nope", "header:From:asDate"):
        assert kind_of(lambda bad=bad: emails.email_properties([bad], ())) == "invalidArguments"
    parts = emails.email_properties(["partId"], (), emails.PART_PROPERTIES)
    assert parts.names == ("partId",)


def test_email_create_shape():
    raw = {
        "mailboxIds": {"a": True},
        "from": [{"email": "a@b"}],
        "header:X-A": "1",
        "header:From:asDate": "x",
        "bodyValues": {"1": {"value": "x"}},
        "textBody": [{"partId": "1", "type": "text/plain"}],
    }
    rest, headers, bad = emails.take_headers(raw)
    made = msgspec.convert(rest, emails.EmailCreate)
    assert made.from_[0] == emails.EmailAddress("a@b")
    assert made.text_body[0].part_id == "1"
    assert [(h.name, v) for h, v in headers] == [("X-A", "1")]
    assert bad == ["header:From:asDate"]
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"mailboxIds": {}, "nope": 1}, emails.EmailCreate)


@pytest.mark.parametrize(
    ("word", "good"),
    [
        ("$seen", True),
        ("a" * 256, False),
        ("", False),
        ("A", False),
        ("a b", False),
        ("한글", False),
        ("a{", False),
        ("a*", False),
    ],
)
def test_keyword(word, good):
    assert emails.is_keyword(word) is good


def test_submission_shapes():
    made = msgspec.convert(
        {
            "identityId": "i",
            "emailId": "#e",
            "envelope": {
                "mailFrom": {"email": "a@b", "parameters": {"RET": "FULL", "SMTPUTF8": None}},
                "rcptTo": [{"email": "c@d"}],
            },
        },
        submissions.SubmissionCreate,
    )
    assert made.envelope.mail_from.parameters["SMTPUTF8"] is None
    arguments = msgspec.convert(
        {"accountId": "1", "onSuccessUpdateEmail": {"#a": {"x": 1}, "#b": {}}, "onSuccessDestroyEmail": ["S7"]},
        submissions.SubmissionSetArguments,
    )
    assert submissions.success_updates(arguments, {"#a": "M1", "S7": "M7"}) == ({"M1": {"x": 1}}, ["M7"])


def test_set_arguments_and_errors():
    arguments = msgspec.convert(
        {"accountId": "1", "create": {"a": {}}, "destroy": ["x", "y"], "ifInState": "5"}, core.SetArguments
    )
    assert arguments.count() == 3
    assert kind_of(lambda: Limits(max_objects_in_set=2).check_set(3)) == "requestTooLarge"
    assert kind_of(lambda: Limits(max_objects_in_get=2).check_get(3)) == "requestTooLarge"
    answer = core.SetAnswer(account_id="1", old_state="1", new_state="2", not_created={"a": invalid_properties("name")})
    assert json.loads(msgspec.json.encode(answer))["notCreated"] == {
        "a": {"type": "invalidProperties", "properties": ["name"]}
    }
    with pytest.raises(AssertionError):
        SetError("made up")


# -- session and push -----------------------------------------------------------------------------------------------


def build(name="kim@e.test"):
    account = session.AccountInfo(
        "A1", name, True, False,
        {session.MAIL: session.mail_capability(max_attachments=5, may_create_top_level=True, sorts=emails.EMAIL_SORTS)},
    )  # fmt: skip
    return session.build_session(
        username=name, accounts=[account], primary={session.MAIL: "A1"}, limits=Limits(),
        where=session.urls("https://mail.test", "https://files.test"),
        server_capabilities={session.MAIL: {}, session.SUBMISSION: {}},
    )  # fmt: skip


def test_session_has_what_the_rfc_demands():
    made = build()
    assert set(made) == {
        "capabilities", "accounts", "primaryAccounts", "username", "apiUrl", "downloadUrl", "uploadUrl",
        "eventSourceUrl", "state",
    }  # fmt: skip
    core_capability = made["capabilities"][session.CORE]
    assert set(core_capability) == {
        "maxSizeUpload", "maxConcurrentUpload", "maxSizeRequest", "maxConcurrentRequests", "maxCallsInRequest",
        "maxObjectsInGet", "maxObjectsInSet", "collationAlgorithms",
    }  # fmt: skip
    for variable in ("{accountId}", "{blobId}", "{type}", "{name}"):
        assert variable in made["downloadUrl"]
    for variable in ("{types}", "{closeafter}", "{ping}"):
        assert variable in made["eventSourceUrl"]
    assert made["accounts"]["A1"]["isPersonal"] is True
    assert made["accounts"]["A1"]["accountCapabilities"][session.MAIL]["maxMailboxesPerEmail"] is None
    json.dumps(made)


def test_session_state_follows_its_content():
    assert build()["state"] == build()["state"]
    assert build()["state"] != build("lee@e.test")["state"]


def test_expand_encodes_values():
    url = session.expand(
        session.urls("https://m.test").download, accountId="A1", blobId="B/1", name="보고 서.pdf", type="a/b"
    )
    assert url == "https://m.test/jmap/download/A1/B%2F1/%EB%B3%B4%EA%B3%A0%20%EC%84%9C.pdf?accept=a%2Fb"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (("*", "no", "300"), (None, False, 300)),
        (("Email,Mailbox,", "state", "0"), (frozenset({"Email", "Mailbox"}), True, 0)),
        (("*", "no", "1"), (None, False, 30)),
        (("*", "no", "99999"), (None, False, 900)),
        (("*", "maybe", "0"), None),
        (("*", "no", "-1"), None),
        (("*", "no", "x"), None),
        (("*", "no", "9" * 30), None),
    ],
)
def test_event_source_parameters(query, expected):
    assert push.parse_subscription(*query) == expected


def test_state_events():
    changed = push.merge({"A": {"Email": "1", "Thread": "1"}}, {"A": {"Email": "2"}, "B": {"Mailbox": "7"}})
    assert changed == {"A": {"Email": "2", "Thread": "1"}, "B": {"Mailbox": "7"}}
    change = push.state_change(changed, frozenset({"Email"}))
    assert change == {"@type": "StateChange", "changed": {"A": {"Email": "2"}}}
    assert push.state_change(changed, frozenset({"Identity"})) is None
    raw = push.state_event(change, "12")
    assert raw == b'id: 12\nevent: state\ndata: {"@type":"StateChange","changed":{"A":{"Email":"2"}}}\n\n'
    assert b"id:" not in push.state_event(change, "1\ndata: x")
    assert push.ping_event(60) == b'event: ping\ndata: {"interval":60}\n\n'
