"""Protection: where mail comes from, rules and engines, what the filter learns, defence against floods and guesses."""

import tempfile
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from smartmail.adapters.geoip.files import read_table
from smartmail.adapters.geoip.shipped import shipped_tables
from smartmail.adapters.scan import open_scanner_with
from smartmail.adapters.scan.yara import YaraStarter
from smartmail.adapters.sql import SqlStore
from smartmail.app.children import parsing_child, yara_child
from smartmail.app.wiring.kernel import Kernel
from smartmail.app.wiring.ports import Ports
from smartmail.app.wiring.upcalls import Upcalls
from smartmail.domain.trends import NOBODY
from smartmail.formats.geo_table import Facts, GeoTableError, Kind
from smartmail.formats.spam.model import Weights
from smartmail.formats.spam.start import unpacked
from smartmail.ports.clock import Clock
from smartmail.ports.dissection import Dissector, NoDissector
from smartmail.ports.dns import Resolver
from smartmail.service.kernel.clock import DAY, HOUR, SECOND
from smartmail.service.kernel.inspection.specimen import Inspector
from smartmail.service.kernel.jobs import Job
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.protection.defence import DefenceService
from smartmail.service.protection.defence.accounts import AccountBudgets
from smartmail.service.protection.defence.background import Background
from smartmail.service.protection.defence.bans import Bans
from smartmail.service.protection.defence.bombs import BombWatch
from smartmail.service.protection.defence.greylist import Greylist
from smartmail.service.protection.defence.known import KnownPlaces
from smartmail.service.protection.defence.logins import LoginGuard
from smartmail.service.protection.defence.sending import SendingWatch
from smartmail.service.protection.defence.service import Parts
from smartmail.service.protection.defence.strikes import Strikes
from smartmail.service.protection.filtering.acquaintances import AcquaintanceMemory, Acquaintances
from smartmail.service.protection.filtering.content import ContentInspector
from smartmail.service.protection.filtering.engines import EngineInspector, Engines
from smartmail.service.protection.filtering.learning import LearningService
from smartmail.service.protection.filtering.lists import ListInspector, SenderLists
from smartmail.service.protection.filtering.models import Models
from smartmail.service.protection.filtering.neighbours import Neighbours
from smartmail.service.protection.filtering.reading import MessageReader
from smartmail.service.protection.filtering.rule_files import RuleFiles
from smartmail.service.protection.filtering.rules.advertising import check_advertising
from smartmail.service.protection.filtering.rules.files import FileCheck
from smartmail.service.protection.filtering.rules.header import HeaderCheck
from smartmail.service.protection.filtering.rules.host import HostCheck
from smartmail.service.protection.filtering.rules.inspector import RulesInspector
from smartmail.service.protection.filtering.rules.intents import IntentCheck
from smartmail.service.protection.filtering.rules.lists import ListCheck
from smartmail.service.protection.filtering.rules.money import check_compromise, check_money
from smartmail.service.protection.filtering.rules.names import NameCheck
from smartmail.service.protection.filtering.rules.pack import PackBook
from smartmail.service.protection.filtering.rules.page import check_page
from smartmail.service.protection.filtering.rules.proof import check_proof
from smartmail.service.protection.filtering.rules.strangers import StrangerCheck
from smartmail.service.protection.filtering.rules.urls import check_links
from smartmail.service.protection.filtering.scanning import ScanService
from smartmail.service.protection.filtering.settings import ScanConfiguration
from smartmail.service.protection.filtering.verdict import VerdictInspector
from smartmail.service.protection.findings import FindingsService
from smartmail.service.protection.geo import GeoService
from smartmail.service.protection.geo_files import GeoFiles
from smartmail.service.protection.leaks import (
    AutomaticLeaks,
    ExceptedValues,
    Incidents,
    LeakBook,
    LeakChanger,
    LeakJudge,
    LetterReader,
)
from smartmail.service.protection.route.history import SenderHistory
from smartmail.service.protection.route.inspector import RouteInspector, RouteMemory
from smartmail.service.protection.route.relays import TrustedRelays


class Protection:
    """Made over the kernel."""

    def __init__(self, ports: Ports, kernel: Kernel, upcalls: Upcalls) -> None:
        store, clock, keyring = ports.store, ports.clock, kernel.keyring
        self.geo = GeoService(store, clock, ports.bus, shipped_tables())
        self.geo_files = GeoFiles(store, kernel.authority, self.geo, _table_of, clock)
        self.relays = TrustedRelays(store, clock)
        history = SenderHistory(store, keyring, kernel.policy)
        self.route = RouteInspector(self.geo, self.relays, history, kernel.policy)
        self.route_memory = RouteMemory(history)
        self.findings = FindingsService(store, kernel.rights, keyring)
        self.ruling = compose_rules(store, keyring, ports.resolver, clock, ports.dissector)
        self.scanning = self.ruling.scanning
        self.sender_lists = SenderLists(store, keyring, clock, kernel.authority)
        models = Models(store, keyring, clock, shipped_start())
        self.learning = LearningService(store, keyring, MessageReader(store, kernel.blobs), models, clock)
        self.judges: tuple[Inspector, ...] = (
            ListInspector(self.sender_lists), ContentInspector(models), VerdictInspector(kernel.policy)
        )  # fmt: skip
        """The last of the chain: the lists of people, what was learned, then the verdict over everything found before."""
        self.defence = DefenceService(
            store, clock, _defence(ports, kernel, self.geo), kernel.authority,
            lambda _host: upcalls.counter.count("connection.refused", NOBODY),
        )  # fmt: skip
        book = LeakBook(store, kernel.policy)
        self.leak_changer = LeakChanger(book, clock)
        self.leak_judge = LeakJudge(
            store, book, LetterReader(ports.extractor), kernel.policy, self.ruling.acquaintances, clock,
            ExceptedValues(store, keyring),
        )  # fmt: skip
        self.leak_incidents = Incidents(store, keyring, kernel.authority, clock)
        self.automatic_leaks = AutomaticLeaks(self.leak_judge, self.leak_incidents, kernel.blobs)
        kernel.jobs += (
            Job("leak-incidents", DAY, self.leak_incidents.forget),
            Job("defence", HOUR, self.defence.upkeep),
            Job("sender-lists", HOUR, self.sender_lists.drop_old),
            # The node that learned second starts over.
            Job("spam-training", SECOND // 4, self.learning.learn, everywhere=True),
            Job("spam-training-cleanup", DAY, self.learning.forget_old),
        )


def _defence(ports: Ports, kernel: Kernel, geo: GeoService) -> Parts:
    """Its parts share one snapshot of bans and one heap of background work."""
    store, keyring, bus, clock, policy = ports.store, kernel.keyring, ports.bus, ports.clock, kernel.policy
    background = Background()
    bans = Bans(store, keyring, bus, clock)
    strikes = Strikes(store, bans, bus, clock, background)
    places = KnownPlaces(store, clock, background)
    greylist = Greylist(store, keyring, bans, clock, background)
    return Parts(
        bans,
        strikes,
        greylist,
        LoginGuard(store, bans, strikes, clock, background, places),
        SendingWatch(store, keyring, bans, kernel.notices, kernel.hints, bus, clock, geo, background, policy),
        BombWatch(store, keyring, policy, greylist, bus, clock, background),
        AccountBudgets(policy, bus, clock),
        places,
    )


def _table_of(octets: bytes, kind: Kind | None, facts: Facts) -> bytes:
    """Return the table that an administrator's file is. Raises GeoTableError."""
    with tempfile.NamedTemporaryFile(prefix="smartmail-geo-") as file:
        file.write(octets)
        file.flush()
        try:
            return read_table(
                file.name, kind=kind, source=facts.source or "upload", licence=facts.licence, date=facts.date
            )
        except GeoTableError as error:
            # What is wrong with it, not where it lay for a moment.
            raise GeoTableError(str(error).replace(file.name, "the file")) from error


@cache
def shipped_start() -> Weights:
    """Return the model that new installations begin with; read once."""
    return unpacked((files("smartmail.formats.spam") / "start.model").read_bytes())


@dataclass(frozen=True, slots=True)
class Ruling:
    """`steps` go before the learned filter and the verdict, `memory` after them; `scanning` is the administrator's."""

    steps: tuple[Inspector, ...]
    memory: AcquaintanceMemory
    acquaintances: Acquaintances
    scanning: ScanService
    engines: Engines
    configuration: ScanConfiguration
    packs: PackBook


def compose_rules(
    store: SqlStore, keyring: Keyring, resolver: Resolver | None, clock: Clock, dissector: Dissector = NoDissector()  # noqa: B008 -- it holds nothing
) -> Ruling:  # fmt: skip
    """Return rules and engines. Without a name service and without children what they would find out is not known."""
    configuration = ScanConfiguration(store, clock)
    neighbours, acquaintances = Neighbours(store, configuration, clock), Acquaintances(store, keyring, clock)
    starter = YaraStarter(yara_child.command(), parsing_child.environment())
    rule_files, packs = RuleFiles(store, clock, starter), PackBook(store, configuration)
    engines = Engines(configuration, open_scanner_with(rule_files.of, starter), store, clock)
    lists = ListCheck(resolver, configuration, clock)
    checks = (
        ("host", HostCheck(resolver)),
        ("lists", lists),
        ("proof", check_proof),
        ("header", HeaderCheck(neighbours.is_ours)),
        ("page", check_page),
        ("links", check_links),
        ("advertising", check_advertising),
        ("files", FileCheck(dissector)),
        ("names", NameCheck(neighbours, acquaintances)),
        ("strangers", StrangerCheck(neighbours, acquaintances)),
        ("money", check_money),
        ("intents", IntentCheck(neighbours, acquaintances)),
        # Last: it looks at what all others matched.
        ("compromise", check_compromise),
    )
    return Ruling(
        (RulesInspector(checks, configuration, packs), EngineInspector(engines, clock)),
        AcquaintanceMemory(acquaintances), acquaintances,
        ScanService(configuration, engines, lists, rule_files, packs), engines, configuration, packs,
    )  # fmt: skip
