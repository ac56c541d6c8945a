"""A state that must still hold when a change is made: checked inside the transaction, carried from one to the next.

One call of a client may be several transactions of one account. What the client has seen (RFC 8620 §5.3 ifInState) is
kept beside the task that serves the call, not in the arguments of every service on the way: `Store.write` looks here.
"""

from contextvars import ContextVar

from smartmail.domain.changes import ChangeType
from smartmail.domain.ids import AccountId, ModSeq


class Expectation:
    """`state` is what the next transaction must find; each one that commits puts there what it left behind.

    `missed` once a transaction found another state.
    """

    __slots__ = ("account_id", "committed", "kind", "missed", "state")

    def __init__(self, account_id: AccountId, kind: ChangeType, state: ModSeq) -> None:
        self.account_id = account_id
        self.kind = kind
        self.state = state
        self.committed = False
        self.missed = False

    def carry(self, state: ModSeq) -> None:
        """Take over the state that a commit of ours has left."""
        self.state = state
        self.committed = True


EXPECTED: ContextVar[Expectation | None] = ContextVar("expected", default=None)


def expectation_of(account_id: AccountId) -> Expectation | None:
    """Return what the current task expects of an account."""
    expected = EXPECTED.get()
    return expected if expected is not None and expected.account_id == account_id else None
