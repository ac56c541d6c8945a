"""Main passwords that cost next to nothing: what a guess costs an attacker is no matter of most tests.

`install` puts cheap parameters into the one hasher of the program. `shipped` is that hasher as it is sold, for tests of the
cost itself (tests/unit/service_auth/test_password_cost.py).
"""

import contextlib
from collections.abc import Iterator

import argon2

from smartmail.service.identity.auth import passwords

SHIPPED = passwords._HASHER
CHEAP = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def install() -> None:
    """Let hashing and checking cost microseconds in this process."""
    passwords._HASHER = CHEAP


@contextlib.contextmanager
def shipped() -> Iterator[None]:
    """Let main passwords cost what they cost in the product."""
    before, passwords._HASHER = passwords._HASHER, SHIPPED
    try:
        yield
    finally:
        passwords._HASHER = before
