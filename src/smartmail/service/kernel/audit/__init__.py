"""The record of who did what, and of logins: chained, verified, found, let go.

Must not know what the acts were: services write their records in their own transactions.
Read first: chaining.py, verifying.py, links.py; witness.py for looks at other people's mail.
"""

from smartmail.service.kernel.audit.service import AuditService
from smartmail.service.kernel.audit.verifying import ChainReport
from smartmail.service.kernel.audit.witness import Witness

__all__ = ["AuditService", "ChainReport", "Witness"]
