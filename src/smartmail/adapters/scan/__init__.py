"""Engines over the Scanner port: clamd, ICAP, rspamd."""

from smartmail.adapters.scan.clamd import Clamd
from smartmail.adapters.scan.icap import Icap
from smartmail.adapters.scan.rspamd import Rspamd
from smartmail.ports.scan import EngineSettings, Scanner


def open_scanner(settings: EngineSettings) -> Scanner:
    """Return the engine of these settings; nothing is connected yet."""
    if settings.kind == "clamd":
        return Clamd(settings.address)
    return Icap(settings.address) if settings.kind == "icap" else Rspamd(settings.address)
