"""Identity: logins and their rules, what proves who somebody is beyond a name and a secret, acts that need two persons.

A new kind of second factor is one line here.
"""

from smartmail.app.wiring.kernel import Kernel
from smartmail.app.wiring.ports import Ports
from smartmail.app.wiring.protection import Protection
from smartmail.app.wiring.upcalls import Upcalls
from smartmail.service.identity.access import (
    Access,
    AccessBook,
    AccessGate,
    AccessProposals,
    AccessRules,
    BreakGlass,
    TravelPasses,
)
from smartmail.service.identity.access.glass_book import GlassBook
from smartmail.service.identity.access.notices import AccessNotices
from smartmail.service.identity.auth import AuthService
from smartmail.service.identity.factors.challenges import Challenges
from smartmail.service.identity.factors.consents import ConsentService
from smartmail.service.identity.factors.devices import Devices
from smartmail.service.identity.factors.enrolment import Enrolment
from smartmail.service.identity.factors.notices import FactorNotices
from smartmail.service.identity.factors.passkeys import PasskeyMethod
from smartmail.service.identity.factors.recovering import Recovering
from smartmail.service.identity.factors.recovery import RecoveryMethod
from smartmail.service.identity.factors.resetting import FactorResets
from smartmail.service.identity.factors.service import FactorService
from smartmail.service.identity.factors.step_up import StepUp
from smartmail.service.identity.factors.totp import TotpMethod
from smartmail.service.identity.identity_certificates import (
    CertificateMethod,
    RevocationLists,
    StandingCheck,
    TrustLists,
)
from smartmail.service.identity.oauth import OauthService
from smartmail.service.kernel.clock import DAY, HOUR, MINUTE
from smartmail.service.kernel.jobs import Job
from smartmail.service.kernel.proposals import ProposalNotices, ProposalService, Witnesses
from smartmail.service.protection.defence.background import Background
from smartmail.service.protection.defence.owner_release import OwnerRelease
from smartmail.service.protection.leaks import LeakExceptions, LeakPrevention, LeakProposals, LeakRules, LeakTrial


class Identity:
    """Made over kernel and protection."""

    def __init__(self, ports: Ports, kernel: Kernel, protection: Protection, upcalls: Upcalls) -> None:
        store, clock, bus = ports.store, ports.clock, ports.bus
        keyring, policy, authority, notices = kernel.keyring, kernel.policy, kernel.authority, kernel.notices
        defence = protection.defence.parts
        book = AccessBook(store, policy, protection.geo, clock)
        access_notices = AccessNotices(notices, kernel.hints)
        gate = AccessGate(store, book, access_notices, clock, Background())
        self.auth = AuthService(
            store, clock, bus, keyring, policy, authority, defence.logins, gate, upcalls.counter.knocked,
            upcalls.numbers_of,
        )  # fmt: skip
        self.step_up = StepUp(store, policy, clock)
        self.factor_notices = FactorNotices(notices.send, clock)
        self.recovering = Recovering(
            store, keyring, clock, self.auth, self.step_up, notices.send, self.factor_notices, ports.home
        )  # fmt: skip
        channel = self.recovering.tell
        witnesses = Witnesses(
            store, clock, kernel.independence, notices, ports.home, channel, self.recovering.reaches
        )  # fmt: skip
        self.proposals = ProposalService(
            store, keyring, authority, policy, ProposalNotices(store, notices, channel), kernel.independence, witnesses,
            clock, self.step_up.require,
        )  # fmt: skip
        rules = AccessRules(store, book, authority, clock, bus)
        self.access = Access(
            gate, rules, AccessProposals(rules, authority, self.proposals),
            TravelPasses(store, keyring, authority, access_notices, clock, bus),
            BreakGlass(
                store, GlassBook(store, keyring, authority, access_notices, clock), authority, policy, access_notices, clock,
                bus, self.step_up.require, kernel.independence,
            ),
        )  # fmt: skip
        leak_rules = LeakRules(store, authority, clock, bus)
        leak_exceptions = LeakExceptions(store, keyring, authority, clock, leak_rules)
        self.leaks = LeakPrevention(
            protection.leak_judge, protection.leak_incidents, leak_rules,
            LeakProposals(leak_rules, leak_exceptions, authority, self.proposals), LeakTrial(store, protection.leak_judge, clock),
            leak_exceptions,
        )  # fmt: skip
        self.own_sending = OwnerRelease(
            store, policy, defence.bans, defence.sending, notices, self.step_up.require, clock
        )
        self.consents = ConsentService(store, keyring, clock, self.auth, authority)
        self.oauth = OauthService(store, self.auth, keyring, clock)
        kernel.jobs += (
            Job("proposals", MINUTE, self.proposals.turn),
            Job("travel-passes", HOUR, self.access.passes.remind),
            Job("break-glass", HOUR, self.access.glass.book.turn),
            Job("oauth", DAY, self.oauth.forget),
        )


class Factors:
    """Second factors: their kinds, and what people and administrators do with them."""

    def __init__(self, ports: Ports, kernel: Kernel, identity: Identity, upcalls: Upcalls) -> None:
        store, clock, keyring, policy, authority = (
            ports.store, ports.clock, kernel.keyring, kernel.policy, kernel.authority
        )  # fmt: skip
        self.trust_lists = TrustLists(store, authority, clock)
        # It may ask over plain HTTP too: what it brings is signed.
        self.revocation_lists = RevocationLists(store, authority, ports.plain_http or ports.http, clock)
        standing = StandingCheck(store, self.revocation_lists, clock)
        recovery = RecoveryMethod(keyring, clock)
        certificate = CertificateMethod(store, self.trust_lists, standing, policy)
        challenges = Challenges(store, keyring, clock, [TotpMethod(clock), PasskeyMethod(), recovery, certificate])
        told = identity.factor_notices
        self.devices = Devices(store, keyring, clock, authority)
        self.factors = FactorService(
            store, clock, policy, identity.auth, challenges, self.devices, told, upcalls.wake
        )  # fmt: skip
        self.enrolment = Enrolment(
            store, clock, keyring, policy, identity.auth, authority, challenges, recovery, identity.step_up, told
        )
        self.factor_resets = FactorResets(self.enrolment, identity.proposals)
