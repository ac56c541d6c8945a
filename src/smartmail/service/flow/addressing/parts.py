"""The parts of addressing that other services hold, made once (app.wiring.flow.addresses)."""

from dataclasses import dataclass

from smartmail.service.flow.addressing.allowance import AllowanceService
from smartmail.service.flow.addressing.book import AddressBook
from smartmail.service.flow.addressing.handing import Handing
from smartmail.service.flow.addressing.journaling import JournalService
from smartmail.service.flow.addressing.lists import ListService
from smartmail.service.flow.addressing.notices import NoticeWriter
from smartmail.service.flow.addressing.passing import Passing
from smartmail.service.flow.addressing.relays import RelayService
from smartmail.service.flow.addressing.standing import StandInService
from smartmail.service.flow.addressing.systems import SystemService
from smartmail.service.flow.approvals import ApprovalService


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
