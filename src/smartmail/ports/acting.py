"""Who is at work on an account: kept beside the task that serves the call, as what it expects is (ports.expectation).

The door for rights notes it for every call of a service. `Store.write` looks here, so that the story of a message can say
who read or moved it, without an argument in every service on the way.
"""

from contextvars import ContextVar
from dataclasses import dataclass

from smartmail.domain.ids import AccountId
from smartmail.domain.principal import Actor, Door


@dataclass(frozen=True, slots=True)
class Acting:
    """Who is at work on the mail of `account_id`. `by` 0: nobody in person."""

    account_id: AccountId
    by: int
    door: Door


ACTING: ContextVar[Acting | None] = ContextVar("acting", default=None)


def act_on(account_id: AccountId, actor: Actor | None) -> None:
    """Note who is at work on an account from here on in this task; None, and who comes by no door of people: nobody."""
    if actor is None or actor.origin.door == "system":
        ACTING.set(Acting(account_id, 0, "system"))
    else:
        ACTING.set(Acting(account_id, int(actor.account_id), actor.origin.door))


def acting_on(account_id: AccountId) -> Acting:
    """Return who is at work on an account in this task: nobody where nothing was noted of that account."""
    acting = ACTING.get()
    return acting if acting is not None and acting.account_id == account_id else Acting(account_id, 0, "system")
