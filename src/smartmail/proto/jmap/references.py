"""Result references (RFC 8620 §3.7): arguments of a call that point into the answer to an earlier one.

LIMITS    What is pointed at may be pointed at again, so that its size could double with every call. With all of its
          references resolved, a request is no larger than a request may be (maxSizeRequest), and evaluating its paths looks at
          no more than `pointer.MAX_STEPS` values. What goes beyond fails to resolve: invalidResultReference, as §3.7 demands.
"""

from typing import Any, Final

import msgspec

from smartmail.proto.jmap.answers import Answers
from smartmail.proto.jmap.errors import MethodError
from smartmail.proto.jmap.pointer import PointerError, Steps, evaluate

# What reading one reference costs beside its path: 10,000 references take some 50 ms.
_REFERENCE_STEPS: Final = 50
_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder()


class ResultReference(msgspec.Struct, frozen=True, rename="camel"):
    """RFC 8620 §3.7."""

    result_of: str
    name: str
    path: str


class References:
    """Resolves the references of one request; `max_bytes` of JSON may come out of all of them."""

    def __init__(self, answers: Answers, max_bytes: int) -> None:
        self._answers = answers
        self._left = max_bytes
        self._steps = Steps()

    def resolve(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Return arguments with each `#name` replaced by what its ResultReference points at. Raises MethodError."""
        if not any(name.startswith("#") for name in arguments):
            return arguments
        resolved: dict[str, Any] = {}
        for name, value in arguments.items():
            if not name.startswith("#"):
                resolved[name] = value
                continue
            if name[1:] in arguments:
                # RFC 8620 §3.7: the same argument in both forms.
                raise MethodError("invalidArguments", f"{name[1:]} is given twice")
            resolved[name[1:]] = self._referenced(value)
        return resolved

    def _referenced(self, value: Any) -> Any:
        try:
            reference = msgspec.convert(value, ResultReference)
        except msgspec.ValidationError:
            raise MethodError("invalidResultReference", "not a ResultReference") from None
        try:
            self._steps.take(_REFERENCE_STEPS)
            found = evaluate(self._answers.value(reference.result_of, reference.name), reference.path, self._steps)
        except PointerError as error:
            raise MethodError("invalidResultReference", str(error)[:400]) from None
        return self._copied(found)

    def _copied(self, found: Any) -> Any:
        """Return a value of the call's own, counted; once all room is used up, nothing more is encoded to be counted."""
        octets = _ENCODER.encode(found) if self._left >= 0 else b""
        self._left -= len(octets)
        if self._left < 0:
            raise MethodError("invalidResultReference", "with its references resolved the request is too large")
        return _DECODER.decode(octets)
