"""Records sent on to collectors (SIEM): every record once, in the order of its chain, however long a collector is away.

Must not know wires. Read first: forwarding.py.
"""

from smartmail.service.operations.siem.forwarding import ForwardService
from smartmail.service.operations.siem.targets import TargetService

__all__ = ["ForwardService", "TargetService"]
