"""Calls one after the other: arguments converted, references resolved, errors in their place (RFC 8620 §3.6–3.7)."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

import msgspec

from smartmail.proto.jmap.envelope import Invocation, Request
from smartmail.proto.jmap.errors import MethodError
from smartmail.proto.jmap.pointer import PointerError, evaluate

C = TypeVar("C")
A = TypeVar("A", bound=msgspec.Struct)

CORE: Final = "urn:ietf:params:jmap:core"
# RFC 8620 §5.8 allows more than one response to a call; the first answers it, the others were caused by it.
Result = Any


class CreatedIds(dict[str, str]):
    """Creation id → id, over the whole request (RFC 8620 §3.3)."""

    def resolve(self, value: str) -> str | None:
        """Return the id that `value` means: itself, or for `#creation` what was created; None when nothing was."""
        return self.get(value[1:]) if value.startswith("#") else value


@dataclass(frozen=True, slots=True)
class Call(Generic[C]):
    """What a handler gets beside its arguments. `context` is the caller's own: actor, services, limits."""

    name: str
    call_id: str
    using: frozenset[str]
    created_ids: CreatedIds
    context: C


Handler = Callable[[Call[C], Any], Awaitable[Result]]


@dataclass(frozen=True, slots=True)
class Method(Generic[C]):
    """One method: the capability that must be in `using`, the shape of its arguments, who carries it out.

    The handler returns the arguments of its response (a Struct or a dict), or a list of (name, arguments) when there
    are several; it raises MethodError.
    """

    capability: str
    shape: type[msgspec.Struct]
    handler: Handler[C]


Dispatch = Mapping[str, Method[C]]
OnFailure = Callable[[str, Exception], None]


class EchoArguments(msgspec.Struct):
    """Core/echo takes anything; its arguments are handed back before they are converted (RFC 8620 §4)."""


@dataclass(slots=True)
class _Run(Generic[C]):
    request: Request
    dispatch: Dispatch[C]
    context: C
    on_failure: OnFailure
    created_ids: CreatedIds
    responses: list[Invocation] = field(default_factory=list)

    async def call(self, invocation: Invocation) -> None:
        answers: Sequence[tuple[str, Any]]
        try:
            answers = await self._answers(invocation)
        except MethodError as error:
            answers = [("error", error.arguments())]
        except Exception as error:
            # The peer learns that it failed, never why (architecture §4.5); the driver logs it.
            self.on_failure(invocation.name, error)
            answers = [("error", {"type": "serverFail"})]
        self.responses += [Invocation(name, arguments, invocation.call_id) for name, arguments in answers]

    async def _answers(self, invocation: Invocation) -> Sequence[tuple[str, Any]]:
        name = invocation.name
        arguments = resolve_references(invocation.arguments, self.responses)
        if name == "Core/echo" and CORE in self.request.using:
            return [(name, arguments)]
        method = self.dispatch.get(name)
        # RFC 8620 §3.3: methods of a capability that is not in `using` do not exist for this request.
        if method is None or method.capability not in self.request.using:
            raise MethodError("unknownMethod")
        call = Call(name, invocation.call_id, self.request.using, self.created_ids, self.context)
        result = await method.handler(call, convert(arguments, method.shape))
        if isinstance(result, list):
            return result
        return [(name, result)]


async def process(
    request: Request, dispatch: Dispatch[C], context: C, *, on_failure: OnFailure
) -> tuple[list[Invocation], dict[str, str] | None]:
    """Carry out all calls in order. Returns (responses, created ids or None when the client wanted none).

    `on_failure(method, exception)` learns of errors of ours, for the log.
    """
    run = _Run(request, dispatch, context, on_failure, CreatedIds(request.created_ids or {}))
    for invocation in request.calls:
        await run.call(invocation)
    return run.responses, dict(run.created_ids) if request.created_ids is not None else None


def convert(arguments: dict[str, Any], shape: type[A]) -> A:
    """Return the arguments in their declared shape. Raises MethodError invalidArguments."""
    try:
        return msgspec.convert(arguments, shape)
    except (msgspec.ValidationError, RecursionError) as error:
        raise MethodError("invalidArguments", str(error)[:400]) from None


def resolve_references(arguments: dict[str, Any], responses: Sequence[Invocation]) -> dict[str, Any]:
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
        resolved[name[1:]] = _referenced(value, responses)
    return resolved


class ResultReference(msgspec.Struct, frozen=True, rename="camel"):
    """RFC 8620 §3.7."""

    result_of: str
    name: str
    path: str


def _referenced(value: Any, responses: Sequence[Invocation]) -> Any:
    try:
        reference = msgspec.convert(value, ResultReference)
    except msgspec.ValidationError:
        raise MethodError("invalidResultReference", "not a ResultReference") from None
    # RFC 8620 §3.7: the first response with that call id; it must have the name that was expected.
    response = next((one for one in responses if one.call_id == reference.result_of), None)
    if response is None or response.name != reference.name:
        raise MethodError("invalidResultReference", "no such response")
    try:
        # Handlers answer with Structs; only who is pointed at is turned into JSON values.
        return evaluate(msgspec.to_builtins(response.arguments, str_keys=True), reference.path)
    except PointerError as error:
        raise MethodError("invalidResultReference", str(error)[:400]) from None
