"""The parts of account life that others hold, made once (app.wiring.people)."""

from dataclasses import dataclass

from smartmail.service.operations.records import WholeDestruction
from smartmail.service.people.account_life.dormancy import DormancyService
from smartmail.service.people.account_life.leaving import LeaverService
from smartmail.service.people.account_life.rehiring import RehireService
from smartmail.service.people.account_life.states import StateChanges
from smartmail.service.people.account_life.temporary import TemporaryService


@dataclass(frozen=True, slots=True)
class AccountLife:
    """`leavers.turn` and `dormancy.turn` are jobs: the one often, the other once a day. `wholes` destroys domains
    and companies.
    """

    states: StateChanges
    leavers: LeaverService
    temporary: TemporaryService
    dormancy: DormancyService
    rehiring: RehireService
    wholes: WholeDestruction
