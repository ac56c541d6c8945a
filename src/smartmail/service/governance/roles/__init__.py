"""Delegated administration (위임 관리): roles, who holds them, what they do not show.

NAME        roles
PURPOSE     A company lets people administer parts of it: a role is a set of permissions, an appointment lets somebody hold
            it over a company, domain, department or group, until an end if it has one. service.kernel.authority judges by it.
STATES      An appointment is in force until its end, or until it is dismissed.
STRATEGIES  Built-in roles are code (domain.authority.BUILT_IN), a company's own are rows.
LIMITS      `MAX_ROLES` of one company's own. A change holds for live sessions after a second at most.
SECURITY    Nobody gives or takes what they do not hold over that scope, changes what they hold themselves, or edits a role
            that is their own: so no chain of grants gives more than its first hand held. The last administrator stays, and
            three offices that are separate are never one person's: both are checked in the transaction that writes.
            Grants are acts that two persons may be needed for (service.kernel.proposals).
PARTS       defining (roles), service (appointments, previews, rehearsals), masking (what is not shown), acts.
"""

from smartmail.service.governance.roles.acts import Preview
from smartmail.service.governance.roles.defining import RoleBook
from smartmail.service.governance.roles.masking import masked, shows
from smartmail.service.governance.roles.service import Rehearsal, RoleService

__all__ = ["Preview", "Rehearsal", "RoleBook", "RoleService", "masked", "shows"]
