"""SASL mechanisms, server and client side (RFC 4422)."""

from smartmail.proto.sasl.client import client_mechanism
from smartmail.proto.sasl.outcome import Challenge, Credentials, Failed, Outcome
from smartmail.proto.sasl.prep import saslprep
from smartmail.proto.sasl.server import MECHANISMS, Mechanism, server_mechanism

__all__ = [
    "MECHANISMS",
    "Challenge",
    "Credentials",
    "Failed",
    "Mechanism",
    "Outcome",
    "client_mechanism",
    "saslprep",
    "server_mechanism",
]
