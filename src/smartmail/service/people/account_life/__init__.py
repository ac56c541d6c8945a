"""How accounts live and end: states, leavers and what they held, temporary accounts, dormancy (BR-1 … BR-5).

Read domain/account.py (the table of states) first, then leaving.py. Not `service/flow/addressing/leaving.py`, which is about
members who take themselves off a list. Must not know how it is shown.
"""

from smartmail.service.people.account_life.dormancy import DormancyService
from smartmail.service.people.account_life.leaving import Leave, LeaverService
from smartmail.service.people.account_life.parts import AccountLife
from smartmail.service.people.account_life.rehiring import RehireService
from smartmail.service.people.account_life.states import StateChanges
from smartmail.service.people.account_life.temporary import TemporaryService

__all__ = [
    "AccountLife", "DormancyService", "Leave", "LeaverService", "RehireService", "StateChanges", "TemporaryService",
]  # fmt: skip
