"""The answers to one request: each is encoded as it comes, so that its size is known and nothing is encoded twice."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from smartmail.proto.jmap.envelope import Invocation
from smartmail.proto.jmap.errors import MethodError
from smartmail.proto.jmap.pointer import PointerError

MAX_POINTED: Final = 32 << 20
"""Bytes of an answer that a reference may point into: it is decoded for that, in one piece."""
_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder()


class AnswerTooLarge(Exception):
    """What a call answers does not fit beside the answers before it."""


class Answers:
    """Responses in order (their arguments are JSON, `msgspec.Raw`), at most `max_bytes` of them."""

    def __init__(self, max_bytes: int) -> None:
        self.responses: list[Invocation] = []
        self._left = max_bytes
        self._first: dict[str, tuple[str, bytes]] = {}
        self._values: dict[str, Any] = {}

    @property
    def is_full(self) -> bool:
        """Say whether an answer did not fit: then no further call is worth its work."""
        return self._left < 0

    def add(self, call_id: str, answers: Sequence[tuple[str, Any]]) -> None:
        """Take what a call answers: (name, arguments), each a Struct or JSON values. Raises AnswerTooLarge; then none of it is taken."""
        encoded = [(name, _ENCODER.encode(arguments)) for name, arguments in answers]
        self._left -= sum(len(octets) for _, octets in encoded)
        if self.is_full:
            raise AnswerTooLarge
        self._take(call_id, encoded)

    def fail(self, call_id: str, error: MethodError) -> None:
        """Take the error that a call ends with; there is always room for it."""
        self._take(call_id, [("error", _ENCODER.encode(error.arguments()))])

    def value(self, call_id: str, name: str) -> Any:
        """Return the first response to a call as JSON values, the same each time: not to be changed. Raises PointerError.

        RFC 8620 §3.7: the first response with that call id; it must have the name that was expected.
        """
        found = self._first.get(call_id)
        if found is None or found[0] != name:
            raise PointerError("no such response")
        if len(found[1]) > MAX_POINTED:
            raise PointerError("the response is too large to point into")
        if call_id not in self._values:
            self._values[call_id] = _DECODER.decode(found[1])
        return self._values[call_id]

    def _take(self, call_id: str, encoded: Sequence[tuple[str, bytes]]) -> None:
        for name, octets in encoded:
            self._first.setdefault(call_id, (name, octets))
            self.responses.append(Invocation(name, msgspec.Raw(octets), call_id))
