"""Runs a program on a message and says what is to be done.

NAME      sieve interpreter
PURPOSE   From program, message, envelope and facts to an Outcome. Pure: nothing is done here, nothing is asked for.
STATES    The script runs → ended by its last command, `stop`, or an error → the implicit keep, if it is still due.
LIMITS    `limits.RunLimits`; every command, test and comparison is counted, and `is_late` is asked now and then.
FAILURE   A script that fails or meets a limit never loses mail: the outcome is the implicit keep and the problem
          (RFC 5228 §2.10.6). Actions before the failure are dropped with it. No exception leaves `run_program`.
SECURITY  Scripts and messages are hostile: patterns run in linear time, nothing a script writes becomes another header
          field, and nothing here reaches anything but the values it was given.
STANDARDS RFC 5228 and the extensions of `registry.EXTENSIONS`.
"""

from collections.abc import Callable
from typing import Final

from smartmail.formats.mime.entity import Entity
from smartmail.proto.sieve import acts_core, acts_edit, conditions_account, conditions_message
from smartmail.proto.sieve.checker import FAULT
from smartmail.proto.sieve.conditions_body import body
from smartmail.proto.sieve.facts import Envelope, Facts, Nowhere, Surroundings
from smartmail.proto.sieve.letter import Message
from smartmail.proto.sieve.limits import DEFAULT_LIMITS, INCLUDE_DEPTH, RunLimits
from smartmail.proto.sieve.outcome import INBOX, Outcome, Store
from smartmail.proto.sieve.problems import Problem, SieveError, fail
from smartmail.proto.sieve.program import Include, Node, Program
from smartmail.proto.sieve.run import Run, Scope


class _Leave(Exception):
    """A command that ends something: `stop` all, `return` a script, `break` a loop (of a name, if one is given)."""

    def __init__(self, what: str, name: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.name = name


def run_program(
    program: Program,
    message: Message,
    envelope: Envelope,
    facts: Facts,
    around: Surroundings | None = None,
    limits: RunLimits = DEFAULT_LIMITS,
    is_late: Callable[[], bool] = lambda: False,
) -> Outcome:
    """Return what the program wants done with the message. Raises nothing.

    `is_late` is asked now and then; once it says so the run ends with an error.
    """
    run = Run(program, message, envelope, facts, around or Nowhere(), limits, is_late)
    problem: Problem | None = None
    try:
        _execute(run)
    except SieveError as error:
        problem = error.problem
    except (ValueError, LookupError, TypeError, AssertionError, RecursionError, OverflowError) as error:
        # Our own mistake must not lose mail either; a fuzz test demands that this never happens.
        problem = fail("internal", error=type(error).__name__).problem
    if problem is not None:
        return Outcome((_KEPT,), problem=problem, steps=tuple(run.steps), cost=run.cost)
    return Outcome(
        tuple(run.actions), tuple(run.editions), tuple(run.remembered), None, tuple(run.steps), run.cost,
        {**run.shared, **run.scope.variables},
    )  # fmt: skip


def _execute(run: Run) -> None:
    try:
        _commands(run, run.program.main.body)
    except _Leave:
        pass
    if run.keeps:
        edition = run.edition(Node("keep"))
        run.actions.append(Store(INBOX, run.flags, edition, implicit=True))


def _commands(run: Run, nodes: tuple[Node, ...]) -> None:
    for node in nodes:
        run.pay(1, node)
        _COMMANDS[node.name](run, node)


def _fault(_run: Run, node: Node) -> None:
    assert node.fault is not None
    raise SieveError(node.fault)


def _if(run: Run, node: Node) -> None:
    for test, block in node.chain:
        if test is None or _holds(run, test):
            _commands(run, block)
            return


def _stop(run: Run, node: Node) -> None:
    run.tell(node, "stop")
    raise _Leave("stop")


def _return(_run: Run, _node: Node) -> None:
    raise _Leave("return")


def _break(run: Run, node: Node) -> None:
    raise _Leave("break", run.text(node.tags.get("name", "")))


def _error(run: Run, node: Node) -> None:
    raise fail("error", node.at, text=run.text(node.values[0]))


def _global(run: Run, node: Node) -> None:
    """RFC 6609 §3.4.1."""
    for name in run.texts(node.values[0]):
        run.scope.shared.add(name.lower().removeprefix("global."))


def _include(run: Run, node: Node) -> None:
    """RFC 6609 §3.2."""
    wanted = Include("global" if "global" in node.tags else "personal", run.text(node.values[0]))
    code = run.program.included.get(wanted)
    if code is None:
        if "optional" in node.tags:
            return
        raise fail("no-script", node.at, name=wanted.name)
    if "once" in node.tags and wanted in run.once:
        return
    if run.depth >= INCLUDE_DEPTH:
        raise fail("include-depth", node.at, limit=INCLUDE_DEPTH)
    run.once.add(wanted)
    run.tell(node, f"include {wanted.name}")
    held, run.code, scope, parts = run.code, code, run.scope, run.parts
    run.scope, run.parts = Scope(), []
    run.depth += 1
    try:
        _commands(run, code.body)
    except _Leave as leave:
        if leave.what != "return":
            raise
    finally:
        run.depth -= 1
        run.code, run.scope, run.parts = held, scope, parts


def _foreverypart(run: Run, node: Node) -> None:
    """RFC 5703 §3: all parts of the message, or those inside the part that an outer loop stands at."""
    name = run.text(node.tags.get("name", ""))
    inner: list[Entity] = run.letter.parts(run.parts[-1])[1:] if run.parts else run.letter.parts()
    for entity in inner:
        run.pay(1, node)
        run.parts.append(entity)
        try:
            _commands(run, node.block)
        except _Leave as leave:
            if leave.what != "break" or leave.name not in {"", name}:
                raise
            return
        finally:
            run.parts.pop()


# ── tests ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _holds(run: Run, node: Node) -> bool:
    """Say whether a test is true; one whose answer nobody knows is not."""
    return _test(run, node) is True


def _test(run: Run, node: Node) -> bool | None:
    """Return the answer of a test, None for unknown: it is neither true nor false, at any depth (Kleene)."""
    run.pay(1, node)
    answer = _TESTS[node.name](run, node)
    if node.name not in _JOINING:
        run.tell(node, f"{node.name}: {_WORDS[answer]}")
    return answer


def _allof(run: Run, node: Node) -> bool | None:
    found: bool | None = True
    for one in node.tests:
        answer = _test(run, one)
        if answer is False:
            return False
        found = found if answer else None
    return found


def _anyof(run: Run, node: Node) -> bool | None:
    found: bool | None = False
    for one in node.tests:
        answer = _test(run, one)
        if answer:
            return True
        found = None if answer is None else found
    return found


def _not(run: Run, node: Node) -> bool | None:
    answer = _test(run, node.tests[0])
    return None if answer is None else not answer


def _true(_run: Run, _node: Node) -> bool:
    return True


def _false(_run: Run, _node: Node) -> bool:
    return False


def _test_fault(_run: Run, node: Node) -> bool:
    assert node.fault is not None
    raise SieveError(node.fault)


_KEPT: Final = Store(INBOX, implicit=True)
_JOINING: Final = frozenset({"allof", "anyof", "not"})

_WORDS: Final = {True: "yes", False: "no", None: "unknown"}

_TESTS: Final[dict[str, Callable[[Run, Node], bool | None]]] = {
    FAULT: _test_fault,
    "allof": _allof,
    "anyof": _anyof,
    "not": _not,
    "true": _true,
    "false": _false,
    "body": body,
    **{
        name: getattr(conditions_message, name)
        for name in ("address", "envelope", "exists", "header", "size", "date", "currentdate")
    },
    **{
        name: getattr(conditions_account, name)
        for name in (
            "string", "hasflag", "environment", "mailboxexists", "metadata", "metadataexists", "servermetadata",
            "servermetadataexists", "specialuse_exists", "mailboxidexists", "duplicate", "ihave", "valid_notify_method",
            "notify_method_capability", "valid_ext_list", "spamtest", "virustest", "country", "asn", "hops",
        )
    },
}  # fmt: skip

_COMMANDS: Final[dict[str, Callable[[Run, Node], None]]] = {
    FAULT: _fault,
    "if": _if,
    "stop": _stop,
    "return": _return,
    "break": _break,
    "error": _error,
    "global": _global,
    "include": _include,
    "foreverypart": _foreverypart,
    "keep": acts_core.keep,
    "discard": acts_core.discard,
    "fileinto": acts_core.fileinto,
    "redirect": acts_core.redirect,
    "reject": acts_core.reject,
    "ereject": acts_core.reject,
    "vacation": acts_core.vacation,
    "notify": acts_core.notify,
    "set": acts_core.set_variable,
    "setflag": acts_core.change_flags,
    "addflag": acts_core.change_flags,
    "removeflag": acts_core.change_flags,
    "addheader": acts_edit.addheader,
    "deleteheader": acts_edit.deleteheader,
    "extracttext": acts_edit.extracttext,
    "replace": acts_edit.replace,
    "enclose": acts_edit.enclose,
}

KNOWN: Final = frozenset(_COMMANDS) | frozenset(_TESTS)
"""Every name that can be run; a test compares it with the registry."""
