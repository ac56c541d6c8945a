"""What is wrong, or soon will be: list, ack, rules, set, relay, test, look.

Alarms begin by themselves when a condition is met, are told to administrators by mail, and end by themselves. `alarm ack`
says that somebody sees to one: it is not told again until it gets worse. `alarm rules` shows all conditions with their
bounds; `alarm set` changes them. `alarm relay` names a host that takes mail about the queue past the queue, and `alarm
test` sends a mail through it.
"""

import argparse

from smartmail.app.cli import opening
from smartmail.app.cli.acting import CLI, acts_of, add_act, shown
from smartmail.app.node import Node
from smartmail.domain.alarms import Alarm, Condition
from smartmail.domain.errors import MailError
from smartmail.ports.direct_mail import DirectRelay

HELP = "alarms: what stands, who sees to it, bounds, how they are told"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = acts_of(parser)
    add_act(acts, "list", "show the alarms that stand").add_argument(
        "--all", action="store_true", help="also those of the last 30 days that are over"
    )
    add_act(acts, "ack", "see to an alarm", "NUMBER")
    add_act(acts, "rules", "show all conditions with their bounds")
    change = add_act(acts, "set", "change the bounds of a condition", "CONDITION")
    change.add_argument("--warning", type=int, metavar="VALUE")
    change.add_argument("--critical", type=int, metavar="VALUE")
    change.add_argument("--quiet", type=int, metavar="MINUTES", help="silence after an alarm was told")
    change.add_argument("--on", dest="enabled", action="store_true", default=None)
    change.add_argument("--off", dest="enabled", action="store_false", default=None)
    relay = add_act(acts, "relay", "show, name or forget the relay for alarms about the queue")
    relay.add_argument("--host", metavar="HOST[:PORT]", help="takes mail from this host without a login")
    relay.add_argument("--tls", choices=("none", "starttls", "tls"), default="starttls")
    relay.add_argument("--to", nargs="+", default=[], metavar="ADDRESS", help="told there (else the administrators)")
    relay.add_argument("--forget", action="store_true")
    add_act(acts, "test", "send a test through the relay")
    add_act(acts, "look", "measure now instead of within a minute")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    act = _ACTS[options.act]
    return opening.perform(options, lambda node: act(node, options))


async def _list(node: Node, options: argparse.Namespace) -> int:
    alarms = node.services.alarms.service
    found = await alarms.standing(CLI)
    if options.all:
        found += await alarms.history(CLI)
    units = {one.name: one.unit for one in await alarms.conditions(CLI)}
    rows = [_row(one, units.get(one.condition, "")) for one in found]
    lines = opening.table(("NUMBER", "CONDITION", "OF", "LEVEL", "VALUE", "WORST", "SINCE", "STATE"), rows)
    opening.show(options, [_document(one) for one in found], lines if rows else ["No alarm stands."])
    return 0


async def _ack(node: Node, options: argparse.Namespace) -> int:
    if not options.number.isascii() or not options.number.isdecimal():
        raise opening.CommandError(f"{options.number} is no number; alarm list shows them.")
    seen = await node.services.alarms.service.acknowledge(CLI, int(options.number))
    opening.show(options, _document(seen), [f"{seen.condition} is not told again until it gets worse."])
    return 0


async def _rules(node: Node, options: argparse.Namespace) -> int:
    found = await node.services.alarms.service.conditions(CLI)
    rows = [
        (
            one.name, one.unit, one.direction, str(one.warning), str(one.critical), str(one.quiet_minutes),
            "on" if one.enabled else "off",
        )
        for one in found
    ]  # fmt: skip
    head = ("CONDITION", "UNIT", "BAD", "WARNING", "CRITICAL", "QUIET", "STATE")
    opening.show(options, [_rule(one) for one in found], opening.table(head, rows))
    return 0


async def _set(node: Node, options: argparse.Namespace) -> int:
    made = await node.services.alarms.service.set_condition(
        CLI, options.condition, warning=options.warning, critical=options.critical, quiet_minutes=options.quiet,
        enabled=options.enabled,
    )  # fmt: skip
    state = "" if made.enabled else " (off)"
    text = f"{made.name}: warning {made.direction} {made.warning}, critical {made.direction} {made.critical} {made.unit}{state}"
    opening.show(options, _rule(made), [text])
    return 0


async def _relay(node: Node, options: argparse.Namespace) -> int:
    alarms = node.services.alarms.service
    if options.forget:
        await alarms.set_relay(CLI, None)
    elif options.host:
        host, port = _place(options.host)
        await alarms.set_relay(CLI, DirectRelay(host, port, options.tls, tuple(options.to)))
    kept = await alarms.relay(CLI)
    if kept is None:
        opening.show(options, None, ["No relay is named: alarms about the queue go through the queue."])
        return 0
    document = {"host": kept.host, "port": kept.port, "tls": kept.tls, "to": list(kept.to)}
    opening.show(
        options, document, [f"{kept.host}:{kept.port} ({kept.tls}) to {', '.join(kept.to) or 'administrators'}"]
    )
    return 0


def _place(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or text.endswith("]"):
        return text.strip("[]"), 25
    if not port.isascii() or not port.isdecimal():
        raise opening.CommandError(f"{text} is no HOST:PORT.")
    return host.strip("[]"), int(port)


async def _test(node: Node, options: argparse.Namespace) -> int:
    try:
        await node.services.alarms.service.try_relay(CLI)
    except MailError as error:
        why = error.public or error.detail
        raise opening.CommandError(f"The test did not get out: {why}. Look at: alarm relay") from None
    opening.show(options, {"sent": True}, ["The relay has taken the test."])
    return 0


async def _look(node: Node, options: argparse.Namespace) -> int:
    await node.services.alarms.service.look()
    options.all = False
    return await _list(node, options)


def _row(one: Alarm, unit: str) -> tuple[str, ...]:
    state = f"over {shown(one.ended_at)}" if not one.stands else "stands"
    if one.stands and one.acknowledged_at is not None:
        state = f"seen to by {one.acknowledged_by}"
    value = f"{one.value} {unit}"
    return (str(one.id), one.condition, one.subject or "-", one.level, value, str(one.peak), shown(one.since), state)


def _document(one: Alarm) -> dict[str, object]:
    return {
        "id": one.id, "condition": one.condition, "subject": one.subject, "level": one.level, "value": one.value,
        "peak": one.peak, "since": one.since, "toldAt": one.told_at, "acknowledgedAt": one.acknowledged_at,
        "acknowledgedBy": one.acknowledged_by, "endedAt": one.ended_at,
    }  # fmt: skip


def _rule(one: Condition) -> dict[str, object]:
    return {
        "condition": one.name, "unit": one.unit, "bad": one.direction, "warning": one.warning, "critical": one.critical,
        "quietMinutes": one.quiet_minutes, "enabled": one.enabled,
    }  # fmt: skip


_ACTS = {
    "list": _list, "ack": _ack, "rules": _rules, "set": _set, "relay": _relay, "test": _test, "look": _look,
}  # fmt: skip
