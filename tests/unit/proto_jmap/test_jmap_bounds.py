"""What one request may cost: references that double, paths past millions of values, answers without end."""

import json

import msgspec
import pytest

from smartmail.proto.jmap import core
from smartmail.proto.jmap.dispatch import Method, process
from smartmail.proto.jmap.envelope import encode_response, parse_request
from smartmail.proto.jmap.limits import Limits
from smartmail.proto.jmap.pointer import MAX_PATHS, MAX_STEPS, PointerError, Steps, check_patch, evaluate
from smartmail.proto.jmap.session import CORE

SMALL = Limits(max_size_request=10_000, max_size_response=50_000)


def fail(method, error):
    raise AssertionError(method) from error


async def answered(calls, table=None, limits=SMALL, **more):
    body = json.dumps({"using": [CORE], "methodCalls": calls}).encode()
    request = parse_request(body, Limits(), {CORE})
    responses, _ = await process(request, table or {}, None, **{"on_failure": fail, "limits": limits, **more})
    return encode_response(responses, "s", None), [
        [r.name, msgspec.json.decode(r.arguments), r.call_id] for r in responses
    ]


def echo(call_id, **arguments):
    return ["Core/echo", arguments, call_id]


def to(call_id, path="", name="Core/echo"):
    return {"resultOf": call_id, "name": name, "path": path}


async def test_references_to_references_cannot_double_without_bound():
    calls = [echo("0", x="y" * 100)]
    calls += [echo(str(n), **{"#a": to(str(n - 1)), "#b": to(str(n - 1))}) for n in range(1, 14)]
    octets, told = await answered(calls)
    # All that references resolve to is one request more: without the bound this would be 1.6 MB.
    assert len(octets) < 3 * SMALL.max_size_request
    kinds = [name if name != "error" else arguments["type"] for name, arguments, _ in told]
    assert kinds[:5] == ["Core/echo"] * 5
    assert set(kinds[7:]) == {"invalidResultReference"}
    assert len(told) == len(calls)


async def test_many_references_of_one_call_share_the_bound():
    many = {f"#a{n}": to("0") for n in range(200)}
    _, told = await answered([echo("0", x="y" * 1_000), echo("1", **many), echo("2", fine=True)])
    assert told[1][1]["type"] == "invalidResultReference"
    assert told[2] == ["Core/echo", {"fine": True}, "2"]


async def test_once_the_room_is_used_up_no_reference_is_evaluated():
    calls = [
        echo("0", x="y" * 9_000, z=1),
        echo("1", **{"#a": to("0"), "#b": to("0")}),
        echo("2", **{"#a": to("0", "/z")}),
    ]
    _, told = await answered(calls)
    assert [arguments.get("type") for _, arguments, _ in told] == [
        None,
        "invalidResultReference",
        "invalidResultReference",
    ]


def test_a_path_past_millions_of_empty_arrays_counts_what_it_passes():
    with pytest.raises(PointerError):
        evaluate([[]] * (MAX_STEPS + 1), "/*")
    steps = Steps(1_000)
    assert evaluate([[]] * 300, "/*", steps) == []
    assert steps.left == 700
    with pytest.raises(PointerError):
        evaluate([[1]] * 300, "/*/*/*", steps)


async def test_the_steps_of_all_references_are_counted_together():
    calls = [echo("0", x=[[]] * 20_000)]
    calls += [echo(str(n), **{f"#a{m}": to("0", "/x/*") for m in range(10)}) for n in range(1, 5)]
    _, told = await answered(calls, limits=Limits())
    kinds = [arguments.get("type") for _, arguments, _ in told]
    assert kinds == [None, None, None, "invalidResultReference", "invalidResultReference"]


async def test_a_value_that_is_pointed_at_twice_is_two_values():
    async def keeps(call, arguments):
        arguments.filter["more"] = 1
        return {"accountId": "1", "filter": arguments.filter}

    table = {"M/query": Method(CORE, core.QueryArguments, keeps)}
    calls = [
        echo("0", x={"a": 1}),
        *(["M/query", {"accountId": "1", "#filter": to("0", "/x")}, n] for n in "12"),
        echo("3", **{"#y": to("0", "/x")}),
    ]
    _, told = await answered(calls, table)
    assert told[3][1] == {"y": {"a": 1}}


class Story:
    """Answers with as many octets as it is asked for, and keeps who was called."""

    def __init__(self, answer):
        self.answer = answer
        self.called = []

    async def __call__(self, call, _arguments):
        self.called.append(call.call_id)
        return {"x": self.answer}


@pytest.mark.parametrize(
    ("name", "kind"), [("M/get", "requestTooLarge"), ("M/set", "serverPartialFail"), ("M/send", "serverPartialFail")]
)
async def test_answers_have_a_bound_and_calls_after_it_are_not_carried_out(name, kind):
    story = Story("y" * 20_000)
    table = {name: Method(CORE, core.Arguments, story)}
    octets, told = await answered([[name, {"accountId": "1"}, str(n)] for n in range(6)], table)
    assert len(octets) < SMALL.max_size_response
    assert story.called == ["0", "1", "2"]
    assert [arguments.get("type") for _, arguments, _ in told] == [None, None, kind, *["requestTooLarge"] * 3]


async def test_other_work_has_its_turn_before_every_call():
    turns = []

    async def turn():
        turns.append(len(turns))

    await answered([echo(str(n)) for n in range(7)], take_turn=turn)
    assert len(turns) == 7


async def test_an_answer_that_is_no_json_fails_alone():
    seen = []
    table = {"M/get": Method(CORE, core.Arguments, Story(object()))}
    _, told = await answered(
        [["M/get", {"accountId": "1"}, "0"], echo("1")], table, on_failure=lambda *what: seen.append(what)
    )
    assert told == [["error", {"type": "serverFail"}, "0"], ["Core/echo", {}, "1"]]
    assert [name for name, _ in seen] == ["M/get"]


def test_a_patch_has_no_more_paths_than_are_looked_at_in_one_go():
    check_patch({f"keywords/k{number}": True for number in range(MAX_PATHS)})
    with pytest.raises(PointerError):
        check_patch({f"keywords/k{number}": True for number in range(MAX_PATHS + 1)})
