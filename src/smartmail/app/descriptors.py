"""How many descriptors a process may have open: raised to what the system allows, and shared out to its listeners."""

import resource
from contextlib import suppress

WANTED = 65_536
OWN = 1_024
"""Kept for files, sockets to others and children."""
MOST = 8_000


def raise_limit() -> int:
    """Raise the soft limit as far as the hard one lets us; return it. 1,024, a usual default, is less than one attack."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WANTED if hard == resource.RLIM_INFINITY else min(WANTED, hard)
    if soft < wanted:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def connections_for(limit: int) -> int:
    """Return how many connections one listener may hold: a half of the descriptors, so that no door takes all."""
    return max(200, min(MOST, (limit - OWN) // 2))
