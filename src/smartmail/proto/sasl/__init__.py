"""SASL mechanisms, server and client side (RFC 4422)."""

from smartmail.proto.sasl.client import client_mechanism
from smartmail.proto.sasl.outcome import (
    Certificate,
    Challenge,
    Credentials,
    Failed,
    KeysWanted,
    Outcome,
    Proved,
    Token,
)
from smartmail.proto.sasl.prep import saslprep
from smartmail.proto.sasl.scram import Scram
from smartmail.proto.sasl.server import MECHANISMS, Mechanism, Wire, server_mechanism

__all__ = [
    "MECHANISMS",
    "Certificate",
    "Challenge",
    "Credentials",
    "Failed",
    "KeysWanted",
    "Mechanism",
    "Outcome",
    "Proved",
    "Scram",
    "Token",
    "Wire",
    "client_mechanism",
    "saslprep",
    "server_mechanism",
]
