"""Engines over the Scanner port: clamd, ICAP, rspamd, YARA."""

from smartmail.adapters.scan.clamd import Clamd
from smartmail.adapters.scan.icap import Icap
from smartmail.adapters.scan.rspamd import Rspamd
from smartmail.adapters.scan.yara import RulesOf, Yara, YaraStarter
from smartmail.ports.scan import EngineSettings, Scanner, ScannerFactory


def open_scanner(settings: EngineSettings) -> Scanner:
    """Return the engine of these settings; nothing is connected yet."""
    if settings.kind == "yara":
        raise ValueError("YARA needs its rules: open_scanner_with")
    if settings.kind == "clamd":
        return Clamd(settings.address)
    return Icap(settings.address) if settings.kind == "icap" else Rspamd(settings.address)


def open_scanner_with(rules_of: RulesOf, starter: YaraStarter) -> ScannerFactory:
    """Return what opens engines, those among them that match rules."""

    def opened(settings: EngineSettings) -> Scanner:
        return Yara(settings.address, rules_of, starter) if settings.kind == "yara" else open_scanner(settings)

    return opened
