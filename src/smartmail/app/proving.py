"""Composition of what proves who somebody is beyond a name and a secret. A new kind of second factor is one line here."""

from collections.abc import Sequence
from dataclasses import dataclass

from smartmail.ports.clock import Clock
from smartmail.ports.store import Store
from smartmail.service.identity.auth import AuthService
from smartmail.service.identity.factors.challenges import Challenges
from smartmail.service.identity.factors.consents import ConsentService
from smartmail.service.identity.factors.devices import Devices
from smartmail.service.identity.factors.enrolment import Enrolment
from smartmail.service.identity.factors.methods import FactorMethod
from smartmail.service.identity.factors.notices import FactorNotices
from smartmail.service.identity.factors.passkeys import PasskeyMethod
from smartmail.service.identity.factors.recovering import Recovering
from smartmail.service.identity.factors.recovery import RecoveryMethod
from smartmail.service.identity.factors.resetting import FactorResets
from smartmail.service.identity.factors.service import FactorService
from smartmail.service.identity.factors.step_up import StepUp
from smartmail.service.identity.factors.totp import TotpMethod
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.notifications import Notices
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.kernel.proposals import ProposalService


@dataclass(frozen=True, slots=True)
class Proving:
    """The services."""

    factors: FactorService
    enrolment: Enrolment
    step_up: StepUp
    devices: Devices
    consents: ConsentService
    recovering: Recovering
    resets: FactorResets
    challenges: Challenges


def compose_proving(
    store: Store, keyring: Keyring, policy: PolicyService, auth: AuthService, authority: Authority, notices: Notices,
    proposals: ProposalService, step_up: StepUp, clock: Clock, site: str = "", more: Sequence[FactorMethod] = (),
) -> Proving:  # fmt: skip
    """Make them. `more`: kinds that other areas bring."""
    recovery = RecoveryMethod(keyring, clock)
    challenges = Challenges(store, keyring, clock, [TotpMethod(clock), PasskeyMethod(), recovery, *more])
    devices = Devices(store, keyring, clock, authority)
    told = FactorNotices(notices.send, clock)
    factors = FactorService(store, clock, policy, auth, challenges, devices, told)
    enrolment = Enrolment(store, clock, keyring, policy, auth, authority, challenges, recovery, step_up, told)
    consents = ConsentService(store, keyring, clock, auth, authority)
    recovering = Recovering(store, keyring, clock, auth, step_up, notices.send, told, site)
    resets = FactorResets(enrolment, proposals)
    proposals.notices.second_channel = proposals.witnesses.second_channel = recovering.tell
    proposals.witnesses.reaches = recovering.reaches
    return Proving(factors, enrolment, step_up, devices, consents, recovering, resets, challenges)
