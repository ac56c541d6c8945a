"""JMAP messages on a WebSocket (RFC 8887 §4.3): text in, one of three wishes out; answers as text."""

from typing import Any, Final, NamedTuple

import msgspec

from smartmail.proto.jmap.envelope import Request, decode, read_request
from smartmail.proto.jmap.errors import RequestError
from smartmail.proto.jmap.limits import Limits

SUBPROTOCOL: Final = "jmap"


class Asked(NamedTuple):
    """A Request with the id that its answer shall carry; None when the client gave none."""

    request: Request
    request_id: str | None


class PushEnable(NamedTuple):
    """RFC 8887 §4.3.5.2: `types` None means all; `push_state` is the last one that the client has seen."""

    types: frozenset[str] | None
    push_state: str | None


class PushDisable(NamedTuple):
    """RFC 8887 §4.3.5.3."""


class SocketError(Exception):
    """A message that cannot be answered as what it is; the id, where there is one, goes back with the error."""

    def __init__(self, error: RequestError, request_id: str | None) -> None:
        super().__init__(str(error))
        self.error = error
        self.request_id = request_id


def read_message(body: bytes, limits: Limits, capabilities: frozenset[str]) -> Asked | PushEnable | PushDisable:
    """Return what the client wants. Raises SocketError."""
    try:
        value = decode(body, limits)
    except RequestError as error:
        raise SocketError(error, None) from None
    kind = value.get("@type") if isinstance(value, dict) else None
    if kind == "WebSocketPushDisable":
        return PushDisable()
    if kind == "WebSocketPushEnable":
        return _enable(value)
    if kind != "Request":
        raise _not_request("@type is none of Request, WebSocketPushEnable, WebSocketPushDisable.")
    request_id = value.get("id")
    if request_id is not None and not isinstance(request_id, str):
        raise _not_request("id is not a string.")
    try:
        return Asked(read_request(value, limits, capabilities), request_id)
    except RequestError as error:
        raise SocketError(error, request_id) from None


def _not_request(detail: str) -> SocketError:
    return SocketError(RequestError("notRequest", detail), None)


def _enable(value: dict[str, Any]) -> PushEnable:
    types, state = value.get("dataTypes"), value.get("pushState")
    if types is not None and not (isinstance(types, list) and all(isinstance(one, str) for one in types)):
        raise _not_request("dataTypes is not an array of strings.")
    if state is not None and not isinstance(state, str):
        raise _not_request("pushState is not a string.")
    return PushEnable(None if types is None else frozenset(types), state)


def response_head(request_id: str | None) -> dict[str, Any]:
    """Return what a Response object on a socket has beside its usual properties."""
    head: dict[str, Any] = {"@type": "Response"}
    return head if request_id is None else head | {"requestId": request_id}


def error_message(error: RequestError, request_id: str | None) -> bytes:
    """Return the RequestError object (RFC 8887 §4.3.4)."""
    return msgspec.json.encode({"@type": "RequestError", "requestId": request_id, **error.problem()})


def change_message(change: dict[str, Any], push_state: str) -> bytes:
    """Return the StateChange object with its `pushState` (RFC 8887 §4.3.5.1)."""
    return msgspec.json.encode({**change, "pushState": push_state})
