"""Listening, TLS, PROXY protocol, limits and drain: what every listener shares. Knows no protocol."""
