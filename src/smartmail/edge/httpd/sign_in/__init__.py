"""Signing in and out, second factors, passwords, consents: /auth/*.

Pages of ours alone: every request that changes something needs our header and our Origin. What a session owes (a second
factor's enrolment, a new password, a consent) is paid here, so these handlers take sessions that owe something.
"""

from smartmail.edge.httpd.sign_in.door import SignIn
from smartmail.edge.httpd.sign_in.factors import FactorDoor
from smartmail.edge.httpd.sign_in.owing import OwingDoor
from smartmail.edge.httpd.sign_in.proving import ProofDoor
from smartmail.edge.httpd.sign_in.sending import SendingDoor
from smartmail.edge.httpd.sign_in.travelling import TravelDoor

__all__ = ["FactorDoor", "OwingDoor", "ProofDoor", "SendingDoor", "SignIn", "TravelDoor"]
