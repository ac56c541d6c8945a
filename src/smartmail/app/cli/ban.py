"""Addresses and networks that guess passwords, try unknown recipients or break the protocol are shut out for a time.

`release` lets one in again at once, on every node; `allow` makes an exception with an end, with --partner also from
greylisting. `settings` shows what defence works with, `set NAME VALUE` changes one of them.
"""

import argparse

import msgspec

from smartmail.app.cli import opening
from smartmail.app.cli.acting import CLI, acts_of, add_act
from smartmail.app.cli.operations import running
from smartmail.app.node import Node

HELP = "addresses that are shut out: why, until when; release, exceptions"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = acts_of(parser)
    running.add_acts(acts, "ban")
    add_act(acts, "settings", "show the settings of defence")
    add_act(acts, "set", "change a setting of defence", "NAME", "VALUE")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    if options.act not in {"settings", "set"}:
        return running.run(options)
    return opening.perform(options, lambda node: _settings(node, options))


async def _settings(node: Node, options: argparse.Namespace) -> int:
    await node.services.defence.ready()
    settings = node.services.defence.settings
    if options.act == "set":
        settings = await node.services.defence.set(CLI, options.name, options.value)
    document = msgspec.to_builtins(settings)
    opening.show(options, document, [f"{name:<22} {value}" for name, value in document.items()])
    return 0
