"""How hard tests try: less before each landing, all of it in full runs (`./smartmail test --full`).

What a landing runs must find the fault that the test was written for with near certainty; the full strength is there for
what shows once in many rounds.
"""

import os

FULL = bool(os.environ.get("SMARTMAIL_TEST_FULL"))
"""Whether this is a full run."""


def rounds(landing: int, full: int) -> int:
    """Return how many rounds, messages or examples a test makes."""
    return full if FULL else landing
