"""What changed, told to clients: StateChange and the lines of an EventSource (RFC 8620 §7.1, §7.3)."""

from collections.abc import Mapping
from typing import Final, NamedTuple

import msgspec

# Seconds. RFC 8620 §7.3 lets the server raise or lower what the client asks for; proxies cut silent connections.
PING_MIN_S: Final = 30
PING_MAX_S: Final = 900


class Subscription(NamedTuple):
    """What an EventSource wants: `types` None means all; `ping_s` 0 means none."""

    types: frozenset[str] | None
    close_after_state: bool
    ping_s: int


def parse_subscription(types: str, closeafter: str, ping: str) -> Subscription | None:
    """Return the wishes in the query string, or None when they break RFC 8620 §7.3."""
    if closeafter not in {"state", "no"} or not (ping.isascii() and ping.isdigit() and len(ping) < 10):
        return None
    wanted = None if types == "*" else frozenset(name for name in types.split(",") if name)
    seconds = int(ping)
    return Subscription(wanted, closeafter == "state", min(max(seconds, PING_MIN_S), PING_MAX_S) if seconds else 0)


# Account id → type name → state string.
Changed = Mapping[str, Mapping[str, str]]


def state_change(changed: Changed, types: frozenset[str] | None = None) -> dict[str, object] | None:
    """Return the StateChange object with the types that are wanted; None when none of them changed."""
    told = {
        account: {name: state for name, state in states.items() if types is None or name in types}
        for account, states in changed.items()
    }
    told = {account: states for account, states in told.items() if states}
    return {"@type": "StateChange", "changed": told} if told else None


def merge(before: Changed, after: Changed) -> dict[str, dict[str, str]]:
    """Return both changes as one; the later state wins. For a client that reads slowly."""
    merged = {account: dict(states) for account, states in before.items()}
    for account, states in after.items():
        merged.setdefault(account, {}).update(states)
    return merged


def state_event(change: Mapping[str, object], event_id: str = "") -> bytes:
    """Return the octets of a `state` event. JSON holds no line end, so one data line does."""
    head = f"id: {event_id}\n".encode() if event_id and not set(event_id) & {"\n", "\r", "\x00"} else b""
    return head + b"event: state\ndata: " + msgspec.json.encode(change) + b"\n\n"


def ping_event(interval_s: int) -> bytes:
    """Return the octets of a `ping` event, which tells the interval in use."""
    return b'event: ping\ndata: {"interval":%d}\n\n' % interval_s
