"""Sieve (RFC 5228 and its extensions): scripts are parsed, checked, printed and run, all of it pure.

`check` and `compile_script` for who saves a script, `run_program` for who delivers a message. Knows no account, no
mailbox and no socket; must not read lines.
"""

from smartmail.proto.sieve.checker import compile_script
from smartmail.proto.sieve.facts import Envelope, Facts, Nowhere, Surroundings
from smartmail.proto.sieve.interpreter import run_program
from smartmail.proto.sieve.letter import Message, WholeMessage
from smartmail.proto.sieve.limits import DEFAULT_LIMITS, RunLimits
from smartmail.proto.sieve.outcome import (
    INBOX,
    ORIGINAL,
    Action,
    Edition,
    Fcc,
    Notify,
    Outcome,
    Place,
    Redirect,
    Reject,
    Remember,
    Reply,
    Step,
    Store,
)
from smartmail.proto.sieve.parser import parse
from smartmail.proto.sieve.problems import Problem, SieveError, fail
from smartmail.proto.sieve.program import Code, Include, Program
from smartmail.proto.sieve.registry import EXTENSIONS
from smartmail.proto.sieve.syntax import write


def check(script: bytes) -> tuple[Problem, ...]:
    """Return what is wrong with a script; empty when it compiles. Raises nothing."""
    return compile_script(script)[1]


__all__ = [
    "DEFAULT_LIMITS", "EXTENSIONS", "INBOX", "ORIGINAL", "Action", "Code", "Edition", "Envelope", "Facts", "Fcc",
    "Include", "Message", "Notify", "Nowhere", "Outcome", "Place", "Problem", "Program", "Redirect", "Reject",
    "Remember", "Reply", "RunLimits", "SieveError", "Step", "Store", "Surroundings", "WholeMessage", "check",
    "compile_script", "fail", "parse", "run_program", "write",
]  # fmt: skip
