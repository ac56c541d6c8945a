"""Composition of inspectors: who looks at what comes from outside, and in which order."""

from smartmail.service.inspection.specimen import Inspector


def compose_inspectors() -> tuple[Inspector, ...]:
    """Return the chain: authentication first, for all others judge by it; then the way; the filter last."""
    return ()
