"""Composition of addressing: aliases, lists, relays, other systems, approvals."""

from smartmail.adapters.callahead import SmtpProber
from smartmail.ports.dns import Resolver
from smartmail.ports.store import Store
from smartmail.service.flow.addressing.allowance import AllowanceService
from smartmail.service.flow.addressing.approvals import ApprovalService
from smartmail.service.flow.addressing.book import AddressBook
from smartmail.service.flow.addressing.copying import QueueCopier
from smartmail.service.flow.addressing.handing import Handing
from smartmail.service.flow.addressing.journaling import JournalService
from smartmail.service.flow.addressing.lists import ListService
from smartmail.service.flow.addressing.mediating import Mediator
from smartmail.service.flow.addressing.notices import NoticeWriter
from smartmail.service.flow.addressing.parts import Addressing
from smartmail.service.flow.addressing.passing import Passing
from smartmail.service.flow.addressing.relays import RelayService
from smartmail.service.flow.addressing.standing import StandInService
from smartmail.service.flow.addressing.systems import SystemService
from smartmail.service.flow.addressing.walls import Walls
from smartmail.service.flow.directory import DirectoryService
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.kernel.push import Hints
from smartmail.service.kernel.sealed_blobs import SealedBlobs


def compose_addressing(
    store: Store,
    book: AddressBook,
    directory: DirectoryService,
    blobs: SealedBlobs,
    resolver: Resolver | None,
    policy: PolicyService,
    hints: Hints,
    host: str,
    web: str,
    authority: Authority,
    walls: Walls,
) -> Addressing:
    """Return the parts. `web`: where people reach our pages, for links in mail of lists ("" for none)."""
    finder = directory.finder
    notices = NoticeWriter(store, book.keyring, blobs, book.clock, host)
    approvals = ApprovalService(book, notices, hints, authority)
    copier = QueueCopier(store, book.keyring, blobs, book.clock)
    mediator = Mediator(book, finder, copier, approvals, resolver, web, walls)
    handing = Handing(copier, finder, mediator, walls)
    passing = Passing(book, mediator, resolver, SmtpProber(host))
    return Addressing(
        book, StandInService(book, authority), ListService(book, mediator, authority),
        SystemService(book, passing, authority),
        RelayService(book, notices, hints, authority), approvals, passing, handing, notices,
        AllowanceService(book, policy, approvals, notices, hints),
        JournalService(book, blobs, host, authority),
    )  # fmt: skip
