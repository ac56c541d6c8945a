"""What a person can hold, kind by kind: how it is found, and what is done with it when they leave (BR-3).

A kind is a class with `find` and `settle`; `every` returns them in the order in which they are settled: what is looked
for among somebody's shares comes before the shares go. `settle` does nothing where it was done before, so that what a
killed process left undone is simply found again.
"""

from smartmail.service.people.account_life.holdings.addresses import Aliases, ListMembers, ListOffices, Relays
from smartmail.service.people.account_life.holdings.base import HoldingType, Means
from smartmail.service.people.account_life.holdings.files import LinkedFiles
from smartmail.service.people.account_life.holdings.mail import Approvals, Assignments, PlannedMail
from smartmail.service.people.account_life.holdings.offices import (
    Credentials,
    Groups,
    Proposals,
    Reviews,
    Roles,
    Seats,
    Sponsored,
    Substitutes,
)
from smartmail.service.people.account_life.holdings.shares import Given, Got


def every(means: Means) -> tuple[HoldingType, ...]:
    """Return all kinds in the order in which they are settled."""
    return (
        Credentials(means), Approvals(means), PlannedMail(means), Proposals(means), Roles(means), Groups(means),
        Assignments(means), Got(means), Given(means), ListOffices(means), ListMembers(means), Aliases(means),
        Relays(means), Reviews(means), Sponsored(means), Substitutes(means), LinkedFiles(means),
        Seats(means),
    )  # fmt: skip


__all__ = ["HoldingType", "Means", "every"]
