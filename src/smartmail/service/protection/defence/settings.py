"""What an administrator may set of defence: one row in the store, read again after a hint, each value with its reason."""

from typing import Final, Literal

import msgspec

from smartmail.service.protection.defence.budgets import Budget

Greylisting = Literal["off", "suspicious", "on"]


class DefenceSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Numbers are for one address; its network (/24, /48) has `network_factor` times as much."""

    # A page opens six connections. From where people of ours log in, each of them adds a tenth to both numbers: an office
    # of three thousand behind one address starts its programs at nine o'clock.
    connection_burst: int = 400
    connections_per_s: float = 10.0
    # Connections on which nobody has logged in, at once, for one listener in one process; and what each person who has
    # logged in from there lately adds.
    strangers_at_once: int = 60
    strangers_for_each_person: int = 20
    # Pipelined dialogs are fast: beyond this a host waits a second between its commands.
    command_burst: int = 4000
    commands_per_s: float = 200.0
    # A correct client makes no protocol error; early talk counts five, a bare newline three.
    errors: int = 40
    error_every_s: float = 10.0
    # Three devices with an old password try some ten times before their owner hears of it.
    guesses: int = 20
    guess_every_s: float = 30.0
    # A typing error is one; a list that was not cleaned for years has some.
    unknown_recipients: int = 25
    unknown_every_s: float = 20.0
    message_burst: int = 600
    messages_per_s: float = 10.0
    octet_burst: int = 2 << 30
    octets_per_s: float = 20.0 * (1 << 20)
    network_factor: float = 6.0
    # Addresses of one network banned at a time, from which on the whole network is.
    network_ban_at: int = 8
    # Seconds of a ban: the n-th of the same subject within 30 days.
    ladder: tuple[int, ...] = (600, 3600, 6 * 3600, 24 * 3600, 7 * 24 * 3600)
    # Before the greeting for a suspicious host (early talkers do not wait), and before the answer to a host that errs.
    greet_pause_s: float = 3.0
    tarpit_s: float = 1.0
    greylisting: Greylisting = "suspicious"
    greylist_s: int = 120

    def connections(self) -> Budget:
        """Return the budget of new connections."""
        return Budget(self.connection_burst, 1 / self.connections_per_s)

    def commands(self) -> Budget:
        """Return the budget of commands."""
        return Budget(self.command_burst, 1 / self.commands_per_s)

    def messages(self) -> Budget:
        """Return the budget of messages."""
        return Budget(self.message_burst, 1 / self.messages_per_s)

    def octets(self) -> Budget:
        """Return the budget of octets."""
        return Budget(self.octet_burst, 1 / self.octets_per_s)


RETIRED: Final = ("sending_points", "sending_strangers", "bomb_burst")
"""Settings that became knobs of policy (`sending-stop.points`, `sign-up-watch.burst`): rows of before still name them."""


def decode(text: str | None) -> DefenceSettings:
    """Return what a row says, the defaults for none. Raises ValueError."""
    if not text:
        return DefenceSettings()
    kept = msgspec.json.decode(text, type=dict[str, object])
    return msgspec.convert({name: value for name, value in kept.items() if name not in RETIRED}, DefenceSettings)


def changed(settings: DefenceSettings, name: str, value: str) -> DefenceSettings:
    """Return settings with one value as it was typed. Raises ValueError: no such setting, or not such a value."""
    if name not in DefenceSettings.__struct_fields__:
        raise ValueError(f"there is no setting {name}")
    kept = msgspec.to_builtins(settings)
    try:
        kept[name] = msgspec.json.decode(value)
    except msgspec.DecodeError:
        kept[name] = value
    made = msgspec.convert(kept, DefenceSettings)
    _check(made)
    return made


def _check(settings: DefenceSettings) -> None:
    numbers = {name: value for name, value in msgspec.to_builtins(settings).items() if isinstance(value, int | float)}
    low = [
        name
        for name, value in numbers.items()
        if value < 0 or (value == 0 and name not in {"tarpit_s", "greet_pause_s"})
    ]
    if low or not settings.ladder or min(settings.ladder) <= 0:
        raise ValueError(f"must be more than nothing: {', '.join(low) or 'ladder'}")
    if not 60 <= settings.greylist_s <= 300:
        raise ValueError("greylist_s lies between 60 and 300")
