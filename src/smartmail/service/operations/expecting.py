"""Changes that shall only happen in a state that the client has seen (RFC 8620 §5.3 ifInState)."""

from collections.abc import Iterator
from contextlib import contextmanager

from smartmail.domain.changes import ChangeType
from smartmail.domain.ids import AccountId, ModSeq
from smartmail.ports.expectation import EXPECTED, Expectation


@contextmanager
def expecting(account_id: AccountId, kind: ChangeType, state: ModSeq | None) -> Iterator[Expectation | None]:
    """Inside, every write to the account first checks the state and raises StateMismatch when it is another one.

    What is written inside moves the expected state on, so that several writes of one call do not trip over each other,
    but any write of somebody else's between them is noticed. `state` None expects nothing.
    """
    expected = None if state is None else Expectation(account_id, kind, state)
    token = EXPECTED.set(expected)
    try:
        yield expected
    finally:
        EXPECTED.reset(token)
