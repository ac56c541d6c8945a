"""Composition of what proves who somebody is beyond a name and a secret. A new kind of second factor is one line here."""

from collections.abc import Sequence
from dataclasses import dataclass

from smartmail.ports.clock import Clock
from smartmail.ports.store import Store
from smartmail.service.auth import AuthService
from smartmail.service.authority import Authority
from smartmail.service.factors.challenges import Challenges
from smartmail.service.factors.consents import ConsentService
from smartmail.service.factors.devices import Devices
from smartmail.service.factors.enrolment import Enrolment
from smartmail.service.factors.methods import FactorMethod
from smartmail.service.factors.notices import FactorNotices
from smartmail.service.factors.passkeys import PasskeyMethod
from smartmail.service.factors.recovering import Recovering
from smartmail.service.factors.recovery import RecoveryMethod
from smartmail.service.factors.resetting import FactorResets
from smartmail.service.factors.service import FactorService
from smartmail.service.factors.step_up import StepUp
from smartmail.service.factors.totp import TotpMethod
from smartmail.service.keyring import Keyring
from smartmail.service.notifications import Notices
from smartmail.service.policy import PolicyService
from smartmail.service.proposals import ProposalService


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
