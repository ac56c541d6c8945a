"""Composition of certificates as a second factor."""

from dataclasses import dataclass

from smartmail.ports.clock import Clock
from smartmail.ports.http import HttpClient
from smartmail.ports.store import Store
from smartmail.service.identity.identity_certificates import (
    CertificateMethod,
    RevocationLists,
    StandingCheck,
    TrustLists,
)
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.policy import PolicyService


@dataclass(frozen=True, slots=True)
class IdentityCertificates:
    """The services."""

    trust: TrustLists
    lists: RevocationLists
    method: CertificateMethod


def compose_identity_certificates(
    store: Store, policy: PolicyService, authority: Authority, http: HttpClient, clock: Clock
) -> IdentityCertificates:
    """Make them. `http` may ask over plain HTTP too: what it brings is signed."""
    trust = TrustLists(store, authority, clock)
    lists = RevocationLists(store, authority, http, clock)
    standing = StandingCheck(store, lists, clock)
    return IdentityCertificates(trust, lists, CertificateMethod(store, trust, standing, policy))
