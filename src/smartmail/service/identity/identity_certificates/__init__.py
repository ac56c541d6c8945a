"""Certificates as a second factor (공동인증서, GPKI): whom an organisation trusts, what was revoked, the judgement of a proof.

PARTS     trust (authorities, rules, hosts that may be asked), lists (revocation by file or by HTTP), standing (is it
          revoked: responder first, then list), method (the kind of second factor: service.identity.factors asks it).
STATES    What an organisation trusts lies in the store; what was enrolled, with the account's second factors, sealed.
SECURITY  A key never comes here, nor its password, nor the identity number and R: the page shows H(HashContent) instead.
"""

from smartmail.service.identity.identity_certificates.lists import RevocationLists
from smartmail.service.identity.identity_certificates.method import CertificateMethod
from smartmail.service.identity.identity_certificates.standing import StandingCheck
from smartmail.service.identity.identity_certificates.trust import TrustLists

__all__ = ["CertificateMethod", "RevocationLists", "StandingCheck", "TrustLists"]
