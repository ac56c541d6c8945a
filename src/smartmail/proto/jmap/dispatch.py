"""Calls one after the other: arguments converted, references resolved, errors in their place (RFC 8620 §3.6–3.7).

LIMITS    Answers are encoded as they come (`answers`). A call whose answer has no room ends with requestTooLarge (or
          serverPartialFail, where it may have changed something), and so does each call after it, not carried out.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

import msgspec

from smartmail.proto.jmap.answers import Answers, AnswerTooLarge
from smartmail.proto.jmap.envelope import Invocation, Request
from smartmail.proto.jmap.errors import MethodError
from smartmail.proto.jmap.limits import Limits
from smartmail.proto.jmap.references import References

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
TakeTurn = Callable[[], Awaitable[object]]
_LIMITS: Final = Limits()


async def _go_on() -> None:
    """Take no turn: there is nobody else to wait for."""


@dataclass(slots=True)
class _Run(Generic[C]):
    request: Request
    dispatch: Dispatch[C]
    context: C
    on_failure: OnFailure
    created_ids: CreatedIds
    answers: Answers
    references: References

    async def call(self, invocation: Invocation) -> None:
        try:
            self.answers.add(invocation.call_id, await self._answers(invocation))
        except MethodError as error:
            self.answers.fail(invocation.call_id, error)
        except AnswerTooLarge:
            self.answers.fail(invocation.call_id, _too_large(invocation.name))
        except Exception as error:
            # The peer learns that it failed, never why (architecture §4.5); the driver logs it.
            self.on_failure(invocation.name, error)
            self.answers.fail(invocation.call_id, MethodError("serverFail"))

    async def _answers(self, invocation: Invocation) -> Sequence[tuple[str, Any]]:
        name = invocation.name
        if self.answers.is_full:
            raise _TOO_LARGE
        arguments = self.references.resolve(invocation.arguments)
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


_TOO_LARGE: Final = MethodError("requestTooLarge", "The answers to this request are too large; ask for less at once.")
# What a method that changes nothing ends with.
_READING: Final = frozenset({"get", "changes", "query", "queryChanges", "parse", "lookup", "echo"})


def _too_large(name: str) -> MethodError:
    """Return the error of a call that was carried out, but whose answer has no room.

    RFC 8620 §3.6.2: after serverPartialFail the client must look anew at what the call may have changed.
    """
    is_reading = name.rpartition("/")[2] in _READING
    return _TOO_LARGE if is_reading else MethodError("serverPartialFail", "The answer is too large to be told.")


async def process(
    request: Request,
    dispatch: Dispatch[C],
    context: C,
    *,
    on_failure: OnFailure,
    limits: Limits = _LIMITS,
    take_turn: TakeTurn = _go_on,
) -> tuple[list[Invocation], dict[str, str] | None]:
    """Carry out all calls in order. Returns (responses, created ids or None when the client wanted none); arguments of
    responses are JSON (`msgspec.Raw`).

    `on_failure(method, exception)` learns of errors of ours, for the log. `take_turn` is awaited before each call: what else
    the process has to do comes between them. `limits` bound what references may resolve to, and all answers together.
    """
    answers = Answers(limits.max_size_response)
    references = References(answers, limits.max_size_request)
    created_ids = CreatedIds(request.created_ids or {})
    run = _Run(request, dispatch, context, on_failure, created_ids, answers, references)
    for invocation in request.calls:
        await take_turn()
        await run.call(invocation)
    return answers.responses, dict(run.created_ids) if request.created_ids is not None else None


def convert(arguments: dict[str, Any], shape: type[A]) -> A:
    """Return the arguments in their declared shape. Raises MethodError invalidArguments."""
    try:
        return msgspec.convert(arguments, shape)
    except (msgspec.ValidationError, RecursionError) as error:
        raise MethodError("invalidArguments", str(error)[:400]) from None
