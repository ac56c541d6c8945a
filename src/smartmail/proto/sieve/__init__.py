"""Sieve (RFC 5228; comes with the clients issue)."""
