"""Acts of administrators that need two persons (이중 승인; BR-30).

NAME        proposals
PURPOSE     What is dangerous is proposed by one administrator and done when another one consents. Services add their acts
            (`Act`) and call `do`: it does the act, or keeps it, as policy says.
STATES      waiting → running → done | failed;  waiting → refused | withdrawn | expired.
STRATEGIES  Where nobody else could consent, the act waits `admin.sole-wait-hours`, its author is told by every channel there
            is, and can take it back: one administrator is enough, but a thief of the account is seen before it happens.
            So are all who administer or did lately: each may object by a link, and that is the end of it (witnessing).
LIMITS      `LEASE` for an act, `MAX_ARGUMENTS` for what it is told, `admin.consent-hours` for the wait.
FAILURE     The decision is one conditional write: who comes second is told so. A process that dies in an act leaves a
            lease; when it ends, an act that is repeatable is called again under the same key, any other is told as failed.
SECURITY    Never decided by its author, nor by who lacks the permission over the very scope, nor by who is tied to its author
            (service.kernel.independence): two accounts in one hand are one person. Both prove themselves again (`strong`). The author's rights are asked again when it is done. Arguments, reasons and results are sealed; a
            proposal that one could not decide is not there for one.
PARTS       acts (what there is), service, telling (notices), witnessing.
"""

from smartmail.service.kernel.proposals.acts import Act, Acts
from smartmail.service.kernel.proposals.service import Outcome, Proposal, ProposalService
from smartmail.service.kernel.proposals.telling import ProposalNotices
from smartmail.service.kernel.proposals.witnessing import Witnesses

__all__ = ["Act", "Acts", "Outcome", "Proposal", "ProposalNotices", "ProposalService", "Witnesses"]
