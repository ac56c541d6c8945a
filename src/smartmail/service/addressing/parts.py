"""The parts of addressing that other services hold, made once (app.addressing)."""

from dataclasses import dataclass

from smartmail.service.addressing.allowance import AllowanceService
from smartmail.service.addressing.approvals import ApprovalService
from smartmail.service.addressing.book import AddressBook
from smartmail.service.addressing.handing import Handing
from smartmail.service.addressing.journaling import JournalService
from smartmail.service.addressing.lists import ListService
from smartmail.service.addressing.notices import NoticeWriter
from smartmail.service.addressing.passing import Passing
from smartmail.service.addressing.relays import RelayService
from smartmail.service.addressing.standing import StandInService
from smartmail.service.addressing.systems import SystemService


@dataclass(frozen=True, slots=True)
class Addressing:
    """`stand_ins`, `lists`, `systems` are for administrators, the others for mail on its way."""

    book: AddressBook
    stand_ins: StandInService
    lists: ListService
    systems: SystemService
    relays: RelayService
    approvals: ApprovalService
    passing: Passing
    handing: Handing
    notices: NoticeWriter
    allowances: AllowanceService
    journals: JournalService
