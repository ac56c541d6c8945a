"""What lower floors call of upper ones: given to them at construction, complete before the process serves.

STRATEGIES  A sink that asks nothing of other floors is made first (`counter`, `decisions`). A call of a service that stands on
            the lower floor is an `Upcall`, bound when the upper service is made.
FAILURE     One that nobody bound: RuntimeError at the start of the process (`require_all`). No feature is off in silence.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, ParamSpec, TypeVar

from smartmail.app.wiring.ports import Ports
from smartmail.domain.account import Account
from smartmail.domain.account_life import LeavingRow
from smartmail.domain.ids import AccountId
from smartmail.domain.organization import Step
from smartmail.domain.principal import Actor
from smartmail.service.governance.policy_changes import DecisionLog
from smartmail.service.operations.trends.counting import TrendCounter

P = ParamSpec("P")
T = TypeVar("T")


class Upcall(Generic[P, T]):
    """One call of a service that is not made yet."""

    def __init__(self) -> None:
        self._call: Callable[P, Awaitable[T]] | None = None

    def bind(self, call: Callable[P, Awaitable[T]]) -> None:
        """Let it be answered."""
        self._call = call

    @property
    def is_bound(self) -> bool:
        """Whether the service is made."""
        return self._call is not None

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]:
        """Ask. Raises RuntimeError where nobody was bound."""
        if self._call is None:
            raise RuntimeError("a service was called before all of them were made")
        return self._call(*args, **kwargs)


class Upcalls:
    """All of them."""

    def __init__(self, ports: Ports) -> None:
        self.counter = TrendCounter(ports.store, ports.clock)
        self.decisions = DecisionLog(ports.store, ports.clock)
        self.wake = Upcall[[Account], Account]()
        self.close_reason = Upcall[[str], str]()
        self.numbers_of = Upcall[[Account], tuple[Sequence[str], Sequence[str]]]()
        self.leaving = Upcall[[Actor, Account, AccountId, bool], LeavingRow]()
        self.settle = Upcall[[AccountId], None]()
        self.rehire = Upcall[[Actor, Step, int], Account]()

    def require_all(self) -> None:
        """Raise RuntimeError unless every call is bound."""
        missing = [name for name, call in vars(self).items() if isinstance(call, Upcall) and not call.is_bound]
        if missing:
            raise RuntimeError(f"no service was bound to {', '.join(missing)}")
