"""Invariant: whatever octets come, they are a request or a RequestError; whatever arguments, every call is answered once.

Mutations of real requests (the golden files), and JSON out of nothing. Handlers here take what they get: what a method's
shape lets through is converted whole, so that no handler ever sees another. Run `python tests/fuzz/test_fuzz_jmap.py
SECONDS [SEED]` for a long run.
"""

import asyncio
import json
import random
import sys
import time
from pathlib import Path

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from smartmail.edge.httpd.jmap.methods import CAPABILITIES, METHODS
from smartmail.proto.jmap import blobs, core, emails, filters, mailboxes, push, submissions
from smartmail.proto.jmap.dispatch import Method, process
from smartmail.proto.jmap.envelope import encode_response, parse_request
from smartmail.proto.jmap.errors import METHOD_ERRORS, MethodError, RequestError
from smartmail.proto.jmap.limits import Limits
from smartmail.proto.jmap.numbers import parse
from smartmail.proto.jmap.pointer import PointerError, apply_patch, evaluate
from smartmail.proto.jmap.socket import SocketError, error_message, read_message

LIMITS = Limits(max_size_request=200_000, max_calls_in_request=16)
GOLDEN = sorted((Path(__file__).parents[1] / "jmap_server" / "golden").glob("*.json"))
PIECES = [
    b"{", b"}", b"[", b"]", b'"', b",", b":", b"null", b"true", b"-1", b"1e999", b"9007199254740993", b"\x00", b"\xff",
    b"\\ud800", b'"#ids"', b'{"resultOf":"0","name":"Email/query","path":"/ids/*"}', b'"*"', b"/~0~1", b"[" * 50,
]  # fmt: skip


async def taken(call, arguments):
    """Answer as a handler would, with the arguments it was given."""
    return msgspec.to_builtins(arguments)


TABLE = {name: Method(method.capability, method.shape, taken) for name, method in METHODS.items()}


def seeds():
    for path in GOLDEN:
        for step in json.loads(path.read_text(encoding="utf-8"))["steps"]:
            yield json.dumps({"using": sorted(CAPABILITIES), "methodCalls": step["request"], "createdIds": {}}).encode()


def mutated(octets, dice):
    out = bytearray(octets)
    for _ in range(dice.randint(1, 6)):
        at = dice.randrange(len(out) + 1)
        kind = dice.randrange(4)
        if kind == 0:
            out[at:at] = dice.choice(PIECES)
        elif kind == 1:
            del out[at : at + dice.randint(1, 20)]
        elif kind == 2 and at < len(out):
            out[at] = dice.randrange(256)
        else:
            other = dice.randrange(len(out) + 1)
            out[at:at] = out[other : other + dice.randint(1, 60)]
    return bytes(out)


def fail(method, error):
    raise AssertionError(method) from error


def one(octets):
    """Take one request as the server does."""
    try:
        request = parse_request(octets, LIMITS, CAPABILITIES)
    except RequestError as error:
        assert error.problem()["status"] == 400
        return
    responses, created = asyncio.run(process(request, TABLE, None, on_failure=fail))
    assert [response.call_id for response in responses] == [call.call_id for call in request.calls]
    for response in responses:
        assert response.name != "error" or msgspec.json.decode(response.arguments)["type"] in METHOD_ERRORS
    json.loads(encode_response(responses, "s", created))


def socket_message(octets):
    try:
        read_message(octets, LIMITS, CAPABILITIES)
    except SocketError as error:
        json.loads(error_message(error.error, error.request_id))


def test_mutated_requests():
    dice = random.Random(8620)
    for octets in list(seeds()):
        one(octets)
        for _ in range(12):
            broken = mutated(octets, dice)
            one(broken)
            socket_message(broken)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=8)
    | st.sampled_from(["AND", "NOT", "operator", "conditions", "#k", "e1", "m1", "inMailbox", "/a", "keywords/$seen"]),
    lambda below: st.lists(below, max_size=4)
    | st.dictionaries(
        st.text(max_size=6) | st.sampled_from([
            "ids", "#ids", "filter", "sort", "operator", "conditions", "create", "update", "property", "accountId",
        ]), below, max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(sorted(METHODS)), st.dictionaries(st.text(max_size=8), JSON, max_size=4), JSON)
def test_any_arguments_are_taken_or_refused(name, more, value):
    fields = METHODS[name].shape.__struct_encode_fields__
    arguments = {**more, **dict.fromkeys(fields, value), "accountId": "a1"}
    one(json.dumps({"using": sorted(CAPABILITIES), "methodCalls": [[name, arguments, "0"]]}).encode())


@settings(max_examples=400, deadline=None)
@given(JSON, JSON)
def test_filters_sorts_patches_and_pointers(value, other):
    shapes = (emails.EmailFilter, mailboxes.MailboxFilter, submissions.SubmissionFilter)
    for work in (
        lambda: [filters.parse_filter(value, shape) for shape in shapes],
        lambda: filters.parse_sort(
            value if isinstance(value, list) else [value], emails.EMAIL_SORTS, LIMITS.collations
        ),
    ):
        try:
            work()
        except MethodError as error:
            assert error.kind in {"unsupportedFilter", "unsupportedSort", "invalidArguments"}  # noqa: PT017
    if isinstance(value, dict) and isinstance(other, dict):
        try:
            apply_patch(value, other)
        except PointerError:
            pass
    emails.take_headers(value if isinstance(value, dict) else {})


@settings(max_examples=400, deadline=None)
@given(JSON, st.text(max_size=30), st.text(max_size=30), st.binary(max_size=60))
def test_texts_of_all_kinds(value, path, text, octets):
    try:
        evaluate(value, f"/{path}")
    except PointerError:
        pass
    push.parse_subscription(path, text, path)
    parse("e", text)
    emails.header_property(f"header:{text}")
    emails.is_keyword(text)
    blobs.blob_object("x", ("data", "data:asText", "data:asBase64", "digest:sha", "size"), octets, 9, is_truncated=True)
    for source in ({"data:asText": text}, {"data:asBase64": text}, {"blobId": text or "x", "offset": 1}):
        try:
            blobs.literal(msgspec.convert(source, blobs.DataSource))
        except (ValueError, msgspec.ValidationError):
            pass
    try:
        msgspec.convert(text, core.UTCDate)
    except msgspec.ValidationError:
        pass
    one(octets)
    socket_message(octets)


if __name__ == "__main__":
    end, number = time.monotonic() + float(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0
    known = list(seeds())
    while time.monotonic() < end:
        number += 1
        long_dice = random.Random(number)
        case = mutated(long_dice.choice(known), long_dice)
        one(case)
        socket_message(case)
    print(number, "requests")
