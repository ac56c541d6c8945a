"""Durations and the one-time values that services need; the time itself comes from the Clock port."""

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

MAX_LIFETIME = 5 * DAY
"""How long a queue entry may wait (RFC 5321 §4.5.4.1: 4–5 days); the retry schedule may shorten it."""
