"""The Request and Response objects (RFC 8620 §3.3, §3.4): octets in, octets out."""

from collections.abc import Collection, Mapping
from typing import Any, Final, NamedTuple

import msgspec

from smartmail.proto.jmap.errors import RequestError
from smartmail.proto.jmap.limits import Limits

# RFC 8620 §3.3: a method call is [name, arguments, call id].
_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder()
# Levels of arrays and objects in a request. No method needs a tenth of it; how deep the decoder itself goes depends on
# the version of Python, and whatever walks the arguments later recurses.
_MAX_DEPTH: Final = 200
# Arrays and objects in a request: each takes twenty times its three octets when it is decoded, which is done in one piece.
_MAX_CONTAINERS: Final = 400_000


class Invocation(NamedTuple):
    """A call (its arguments are JSON values), or the response to one (its arguments are JSON as it goes out)."""

    name: str
    arguments: Any
    call_id: str


class Request(NamedTuple):
    """A request that is well formed. `created_ids` is None when the client sent none and wants none back."""

    using: frozenset[str]
    calls: tuple[Invocation, ...]
    created_ids: dict[str, str] | None


def parse_request(body: bytes, limits: Limits, capabilities: Collection[str]) -> Request:
    """Return the request. Raises RequestError (RFC 8620 §3.6.1)."""
    return read_request(decode(body, limits), limits, capabilities)


def read_request(value: Any, limits: Limits, capabilities: Collection[str]) -> Request:
    """Return the request in a JSON value. Raises RequestError."""
    if not isinstance(value, dict):
        raise RequestError("notRequest", "The request is not an object.")
    using = _using(value.get("using"), capabilities)
    calls = value.get("methodCalls")
    if not isinstance(calls, list):
        raise RequestError("notRequest", "methodCalls is not an array.")
    if len(calls) > limits.max_calls_in_request:
        raise RequestError("limit", "The request has too many calls.", limit="maxCallsInRequest")
    invocations = tuple(_invocation(call) for call in calls)
    return Request(using, invocations, _created_ids(value.get("createdIds")))


def decode(body: bytes, limits: Limits) -> Any:
    """Return the JSON value of a request. Raises RequestError: notJSON, limit."""
    if len(body) > limits.max_size_request:
        raise RequestError("limit", "The request is too large.", limit="maxSizeRequest")
    brackets = body.count(b"[") + body.count(b"{")
    if brackets > _MAX_CONTAINERS:
        raise RequestError("limit", "The request has too many arrays and objects.", limit="maxSizeRequest")
    try:
        value = _DECODER.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise RequestError("notJSON", "The request is not I-JSON (RFC 7493).") from None
    if brackets > _MAX_DEPTH and _is_deep(value):
        raise RequestError("notJSON", f"The request is nested deeper than {_MAX_DEPTH} levels.")
    return value


def _is_deep(value: Any) -> bool:
    """Say whether `value` has more levels than we take, by one level after the other."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(_MAX_DEPTH):
        if not level:
            return False
        # Exact types, which are all that the decoder makes: a tenth of the time of isinstance on 10 MB of brackets.
        level = [
            child
            for one in level
            for child in (one.values() if type(one) is dict else one)
            if type(child) is dict or type(child) is list
        ]
    return bool(level)


def _using(value: Any, capabilities: Collection[str]) -> frozenset[str]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise RequestError("notRequest", "using is not an array of strings.")
    unknown = next((name for name in value if name not in capabilities), None)
    if unknown is not None:
        raise RequestError("unknownCapability", f"Unknown capability: {unknown[:200]}")
    return frozenset(value)


def _invocation(call: Any) -> Invocation:
    match call:
        case [str(name), dict(arguments), str(call_id)]:
            return Invocation(name, arguments, call_id)
    raise RequestError("notRequest", "A method call is not [name, arguments, call id].")


def _created_ids(value: Any) -> dict[str, str] | None:
    if value is None:
        return None
    if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
        raise RequestError("notRequest", "createdIds is not a map of ids.")
    return dict(value)


def encode_response(
    responses: list[Invocation],
    session_state: str,
    created_ids: Mapping[str, str] | None,
    extra: Mapping[str, Any] | None = None,
) -> bytes:
    """Return the Response object as JSON (RFC 8620 §3.4). `extra` are further properties, which go first."""
    body: dict[str, Any] = {**(extra or {}), "methodResponses": responses, "sessionState": session_state}
    if created_ids is not None:
        body["createdIds"] = created_ids
    return _ENCODER.encode(body)
