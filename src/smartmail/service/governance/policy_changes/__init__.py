"""Changes of policy that are staged, rehearsed and applied once, and how far an epoch has come.

Read first: docs/adr/0029-staged-policy.md, service.governance.governing (changes made at once), service.kernel.policy (what holds).
"""

from smartmail.service.governance.policy_changes.acks import AckService
from smartmail.service.governance.policy_changes.log import DecisionLog
from smartmail.service.governance.policy_changes.rehearsing import RehearsalService
from smartmail.service.governance.policy_changes.staging import ChangeService, Line

__all__ = ["AckService", "ChangeService", "DecisionLog", "Line", "RehearsalService"]
