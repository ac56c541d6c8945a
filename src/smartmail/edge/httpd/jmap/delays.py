"""FUTURERELEASE parameters of an envelope (RFC 4865): when a submission shall leave."""

import math
import time
from collections.abc import Mapping
from datetime import datetime

from smartmail.edge.httpd.jmap.setting import refuse
from smartmail.service.flow.submission import MAX_DELAY

MAX_DELAY_S = MAX_DELAY // 1000


def delay_of(parameters: Mapping[str, str | None]) -> int:
    """Return seconds to wait. Raises Refused for a delay that is not one, or too long.

    Other parameters of MAIL FROM are the server's business and are passed over.
    """
    upper = {name.upper(): value for name, value in parameters.items()}
    seconds = 0
    if (hold_for := upper.get("HOLDFOR")) is not None:
        if not (hold_for.isascii() and hold_for.isdigit() and len(hold_for) < 10):
            raise refuse("envelope", description="HOLDFOR is no number of seconds")
        seconds = int(hold_for)
    elif (hold_until := upper.get("HOLDUNTIL")) is not None:
        try:
            # Never before the moment that was named.
            seconds = max(0, math.ceil(datetime.fromisoformat(hold_until).timestamp() - time.time()))
        except (ValueError, OverflowError):
            raise refuse("envelope", description="HOLDUNTIL is no date") from None
    if seconds > MAX_DELAY_S:
        raise refuse("envelope", description=f"at most {MAX_DELAY_S} seconds ahead")
    return seconds
