"""Composition of rules and engines: the checks in their order, the engines, and who remembers whom."""

from dataclasses import dataclass

from smartmail.adapters.scan import open_scanner_with
from smartmail.adapters.scan.yara import YaraStarter
from smartmail.app import parsing_child, yara_child
from smartmail.ports.clock import Clock
from smartmail.ports.dissection import Dissector, NoDissector
from smartmail.ports.dns import Resolver
from smartmail.ports.scan import ScannerFactory
from smartmail.ports.store import Store
from smartmail.service.kernel.inspection.specimen import Inspector
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.protection.filtering.acquaintances import AcquaintanceMemory, Acquaintances
from smartmail.service.protection.filtering.engines import EngineInspector, Engines
from smartmail.service.protection.filtering.neighbours import Neighbours
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
    store: Store,
    keyring: Keyring,
    resolver: Resolver | None,
    clock: Clock,
    dissector: Dissector | None = None,
    factory: ScannerFactory | None = None,
) -> Ruling:
    """Return the parts. Without a name service and without children what they would find out is not known."""
    configuration = ScanConfiguration(store, clock)
    neighbours, acquaintances = Neighbours(store, configuration, clock), Acquaintances(store, keyring, clock)
    starter = YaraStarter(yara_child.command(), parsing_child.environment())
    files = RuleFiles(store, clock, starter)
    factory = factory or open_scanner_with(files.of, starter)
    engines, lists = Engines(configuration, factory, store, clock), ListCheck(resolver, configuration, clock)
    packs = PackBook(store, configuration)
    rules = RulesInspector(
        (
            ("host", HostCheck(resolver)),
            ("lists", lists),
            ("proof", check_proof),
            ("header", HeaderCheck(neighbours.is_ours)),
            ("page", check_page),
            ("links", check_links),
            ("advertising", check_advertising),
            ("files", FileCheck(dissector or NoDissector())),
            ("names", NameCheck(neighbours, acquaintances)),
            ("strangers", StrangerCheck(neighbours, acquaintances)),
            ("money", check_money),
            ("intents", IntentCheck(neighbours, acquaintances)),
            # Last: it looks at what all others matched.
            ("compromise", check_compromise),
        ),
        configuration,
        packs,
    )
    scanning = ScanService(configuration, engines, lists, files, packs)
    return Ruling(
        (rules, EngineInspector(engines, clock)),
        AcquaintanceMemory(acquaintances),
        acquaintances,
        scanning,
        engines,
        configuration,
        packs,
    )
