"""The record of who did what, and of logins: chained, verified, shown.

Must not know what the acts were: services write their records in their own transactions.
Read first: chaining.py, verifying.py, links.py.
"""

from smartmail.service.audit.service import AuditService
from smartmail.service.audit.verifying import ChainReport

__all__ = ["AuditService", "ChainReport"]
