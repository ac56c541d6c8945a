"""Reported phishing (해킹메일 신고) and what is done about it.

NAME        cases
PURPOSE     A person reports a message: by a click, by moving it into their mailbox of reports, or an administrator does.
            Reports of one campaign are one case with an evidence package; the security desk is told; a purge takes the
            wave out of all mailboxes and can be undone.
STATES      case: open → examining → confirmed | dismissed. Purge: running → done → undoing → undone.
STRATEGIES  Same campaign: a Message-ID, a link's host or an attachment in common, or texts that differ little (`similarity`).
            A purge notes all messages before it touches one, and each after it is done, so that a run that died is taken up
            again and the same run twice does nothing twice.
LIMITS      Cases of `DAYS` days are compared. Lists of a case are bounded (`MOST`).
SECURITY    What was written is sealed under the organisation's key. Purged messages lie in the vault as recalled: their
            people neither see nor restore them; an administrator does by undoing the purge. Every act is in the audit.
PARTS       evidence (the package), similarity, service (reports and cases), purging.
"""

from smartmail.service.governance.cases.purging import Found, PurgeService
from smartmail.service.governance.cases.service import CaseService, OpenCase

__all__ = ["CaseService", "Found", "OpenCase", "PurgeService"]
