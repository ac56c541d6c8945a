"""How what belongs to filters is sealed: slots under Kind.SCRIPT, and problems as octets."""

import msgspec

from smartmail.proto import sieve

NAME_SLOT, CONTENT_SLOT, VACATION_SLOT, PROBLEM_SLOT = 1, 2, 3, 4
"""What a sealed value is bound to, so that a name never opens as a content."""


def encode_problem(problem: sieve.Problem) -> bytes:
    """Return the octets to seal."""
    return msgspec.msgpack.encode(problem)


def decode_problem(octets: bytes) -> sieve.Problem:
    """Return the problem again."""
    return msgspec.msgpack.decode(octets, type=sieve.Problem)
