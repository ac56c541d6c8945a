"""Says where mail goes: relayed domains, domains shared with another system, smarthosts, journals.

`route relay DOMAIN HOST…` passes all mail of a domain on to another system, the first host first (gateway mode).
`route other DOMAIN HOST…` shares a domain with another system: it gets what nobody here has, with --copy a copy of
everything. --network says where that system hands mail back from, so that nothing goes round. Whether somebody exists there
is asked at once (--verify ask), read from a list (`route known DOMAIN FILE`), or not known (none).
`route smarthost from|to DOMAIN HOST[:PORT]` sends all mail of a sender's domain, or to a recipient's domain, through a host;
`route smarthost to '*' HOST` all that has none of its own.
`route journal ADDRESS` gives every accepted message to an archive.
"""

import argparse
import sys
from pathlib import Path

from smartmail.app.cli import opening
from smartmail.app.cli.acting import CLI, acts_of, add_act, organizations
from smartmail.app.node import Node
from smartmail.domain.addressing import Smarthost, System

HELP = "where mail goes: relayed and shared domains, smarthosts, journals"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = acts_of(parser)
    relay = add_act(acts, "relay", "pass all mail of a domain on to another system", "DOMAIN")
    other = add_act(acts, "other", "share a domain with another system", "DOMAIN")
    for act in (relay, other):
        act.add_argument("hosts", metavar="HOST[:PORT]", nargs="*", help="the first one first; without any that ends")
        act.add_argument(
            "--verify", choices=("ask", "list", "none"), default="ask", help="how we know who is there (ask)"
        )
    other.add_argument(
        "--network", action="append", default=[], metavar="IP[/LEN]", help="where it hands mail back from"
    )
    other.add_argument("--copy", action="store_true", help="it gets a copy of everything (dual delivery)")
    other.add_argument("--only-copy", action="store_true", help="it does not get what nobody here has")
    known = add_act(acts, "known", "read who is in the other system of a domain", "FILE")
    known.epilog = "FILE has one address a line; - is standard input."
    smarthost = add_act(acts, "smarthost", "send mail of a sender's domain, or to a recipient's, through a host")
    smarthost.add_argument("direction", choices=("from", "to"))
    smarthost.add_argument("domain", metavar="DOMAIN")
    smarthost.add_argument("host", metavar="HOST[:PORT]", nargs="?", help="without it that ends")
    smarthost.add_argument("--user", default="", help="log in as; the password is read from standard input")
    smarthost.add_argument("--unverified", action="store_true", help="take any certificate")
    journal = add_act(acts, "journal", "give every accepted message to an archive")
    journal.add_argument("address", metavar="ADDRESS", nargs="?", help="without it that ends")
    journal.add_argument("--domain", default="", help="of this domain only")
    journal.add_argument("--organization", metavar="NAME", help="whose, where there are several")
    add_act(acts, "list", "show all of it")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    act = {
        "relay": _relay, "other": _other, "known": _known, "smarthost": _smarthost, "journal": _journal, "list": _list,
    }[options.act]  # fmt: skip
    return opening.perform(options, lambda node: act(node, options))


def _host(text: str, port: int) -> tuple[str, int]:
    """Return host and port of `host`, `host:port`, `[v6]` or `[v6]:port`."""
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        number = rest.removeprefix(":")
    elif text.count(":") > 1:
        host, number = text, ""
    else:
        host, _, number = text.partition(":")
    if not host or (number and not number.isdecimal()):
        raise opening.CommandError(f"{text} is no host: write host or host:port.")
    return host, int(number) if number else port


def _hosts(words: list[str]) -> tuple[tuple[str, int, int], ...]:
    return tuple((*_host(word, 25), 10 * (place + 1)) for place, word in enumerate(words))


async def _relay(node: Node, options: argparse.Namespace) -> int:
    system = System(_hosts(options.hosts), options.verify) if options.hosts else None
    await node.services.addressing.systems.set_relay(CLI, options.domain, system)
    told = f"is passed on to {', '.join(options.hosts)}" if system else "stays here"
    opening.show(options, {"domain": options.domain, "hosts": options.hosts}, [f"Mail of {options.domain} {told}."])
    return 0


async def _other(node: Node, options: argparse.Namespace) -> int:
    system = None
    if options.hosts:
        copy = options.copy or options.only_copy
        system = System(
            _hosts(options.hosts), options.verify, tuple(options.network), unknown=not options.only_copy, copy=copy
        )
    await node.services.addressing.systems.set_other(CLI, options.domain, system)
    told = f"is shared with {', '.join(options.hosts)}" if system else "is ours alone"
    opening.show(options, {"domain": options.domain, "hosts": options.hosts}, [f"{options.domain} {told}."])
    return 0


async def _known(node: Node, options: argparse.Namespace) -> int:
    text = sys.stdin.read() if options.file == "-" else _read(options.file)
    addresses = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    made = await node.services.addressing.stand_ins.put_known(CLI, addresses)
    opening.show(options, {"read": len(addresses), "new": made}, [f"{len(addresses)} addresses read, {made} are new."])
    return 0


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise opening.CommandError(f"{path} cannot be read: {error.strerror}.") from None


async def _smarthost(node: Node, options: argparse.Namespace) -> int:
    host = None
    password = ""
    if options.host:
        name, port = _host(options.host, 587)
        host = Smarthost(name, port, options.user, verify_tls=not options.unverified)
        password = sys.stdin.readline().rstrip("\n") if options.user else ""
    await node.services.addressing.systems.set_smarthost(CLI, options.direction, options.domain, host, password)
    told = f"goes through {options.host}" if host else "goes its own way"
    opening.show(
        options, {"direction": options.direction, "domain": options.domain, "host": options.host},
        [f"Mail {options.direction} {options.domain} {told}."],
    )  # fmt: skip
    return 0


async def _journal(node: Node, options: argparse.Namespace) -> int:
    found = await organizations(node, options.organization)
    if len(found) > 1:
        raise opening.CommandError("There are several organisations: name one with --organization.")
    await node.services.addressing.journals.set(
        CLI, address=options.address, domain=options.domain, organization_id=found[0].id
    )
    whose = options.domain or found[0].name
    told = f"is given to {options.address}" if options.address else "is not journaled"
    opening.show(options, {"of": whose, "address": options.address}, [f"Every accepted message of {whose} {told}."])
    return 0


async def _list(node: Node, options: argparse.Namespace) -> int:
    systems = node.services.addressing.systems
    document: list[dict[str, object]] = []
    for domain in await node.services.directory.domains():
        rules = await systems.rules(domain.name)
        for kind, system in (("relay", rules.relay), ("other", rules.other)):
            if system is not None:
                document.append({"of": domain.name, "kind": kind, "hosts": [f"{h}:{p}" for h, p, _ in system.hosts]})
    for name, host in (await systems.smarthosts()).items():
        document.append({"of": name, "kind": "smarthost", "hosts": [f"{host.host}:{host.port}"]})
    for name, address in (await node.services.addressing.journals.journals()).items():
        document.append({"of": name, "kind": "journal", "hosts": [address]})
    rows = [(str(one["of"]), str(one["kind"]), " ".join(map(str, one["hosts"]))) for one in document]  # type: ignore[call-overload]
    opening.show(options, document, opening.table(("OF", "KIND", "GOES TO"), rows))
    return 0
