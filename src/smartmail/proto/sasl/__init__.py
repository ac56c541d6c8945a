"""SASL mechanisms, server and client side (RFC 4422)."""
