"""Governance: roles, changes of policy, cases of phishing, what is taken out of mailboxes."""

from smartmail.app.wiring.identity import Identity
from smartmail.app.wiring.kernel import Kernel
from smartmail.app.wiring.mailbox import Mailbox
from smartmail.app.wiring.ports import Ports
from smartmail.app.wiring.protection import Protection
from smartmail.service.governance.cases import CaseService, PurgeService
from smartmail.service.governance.emptying import EmptyingService
from smartmail.service.governance.governing import GovernanceService
from smartmail.service.governance.policy_changes import AckService, ChangeService, RehearsalService
from smartmail.service.governance.roles import RoleBook, RoleService
from smartmail.service.kernel.clock import DAY, HOUR, MINUTE, SECOND
from smartmail.service.kernel.jobs import Job, when_due


class Governance:
    """Made over mailboxes and what they stand on."""

    def __init__(
        self, ports: Ports, kernel: Kernel, protection: Protection, identity: Identity, mailbox: Mailbox
    ) -> None:
        store, clock, keyring, bus = ports.store, ports.clock, kernel.keyring, ports.bus
        policy, authority, proposals = kernel.policy, kernel.authority, identity.proposals
        self.roles = RoleService(store, authority, RoleBook(store, keyring, authority, clock), proposals, clock)
        self.policy_changes = ChangeService(
            store, keyring, policy, authority, clock, bus, kernel.notices, proposals.witnesses, kernel.independence
        )
        # What is changed at once passes the gate of what needs a second person.
        self.governing = GovernanceService(store, clock, bus, authority, self.policy_changes.gate)
        self.rehearsals = RehearsalService(store, policy, clock)
        self.policy_acks = AckService(store, policy, clock, bus, kernel.agreement)
        self.emptying = EmptyingService(store, policy, mailbox.mailboxes, mailbox.messages, clock, kernel.notices)
        self.cases = CaseService(
            store, keyring, kernel.blobs, mailbox.reading, protection.findings, mailbox.mailboxes, kernel.hints, clock,
            ports.host, authority,
        )  # fmt: skip
        self.purges = PurgeService(
            store, keyring, kernel.blobs, mailbox.vault, kernel.hints, clock, authority, proposals
        )  # fmt: skip
        kernel.jobs += (
            Job("trash", HOUR, self.emptying.empty),
            Job("role-assignments-cleanup", DAY, self.roles.forget),
            Job("phishing-reports", 5 * SECOND, self.cases.take_moved),
            Job("purges", MINUTE, self.purges.resume),
            # Looks at the epoch of the policy; any number of nodes may write the same.
            when_due("policy-changes", "policy-changes", self.policy_changes.apply_due),
            Job("policy-rollout-alarms", 5 * SECOND, self.policy_acks.ring),
        )
