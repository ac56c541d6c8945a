"""Says how safe the way to other mail systems must be: partners, exceptions with an end, authorities.

`tls DOMAIN` demands proven TLS for mail to a domain: what cannot go so comes back to its sender (or waits, with --defer).
`report FILE` shows what another system says of its TLS sessions with us.
`exception HOST:PORT --until DATE` lets one old host speak TLS 1.0 and 1.1 until that day; with --inward an old machine that
comes to that port of ours. `list` shows all of it.
"""

import argparse
from datetime import UTC, datetime, timedelta
from pathlib import Path

from smartmail.app.cli import opening
from smartmail.app.cli.tls_reports import show_report
from smartmail.app.node import Node
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.principal import Actor, Origin
from smartmail.domain.transport import VERSIONS, PartnerRule, TlsException

HELP = "secure transport to partners; exceptions with an end date"

_CLI = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    tls = _act(acts, "tls", "demand proven TLS for a domain")
    tls.add_argument("domain", metavar="DOMAIN", help="the partner's domain; .example.com means all domains below it")
    tls.add_argument("--minimum", choices=VERSIONS, default="1.2", help="least version of TLS (1.2)")
    tls.add_argument(
        "--name", action="append", default=[], metavar="NAME",
        help="name that the certificate must carry instead of the host's; may be *.example.com; may be repeated",
    )  # fmt: skip
    tls.add_argument("--defer", action="store_true", help="try again later instead of returning the message at once")
    tls.add_argument("--remove", action="store_true", help="take the rule back")
    exception = _act(acts, "exception", "let one host speak old TLS until a day")
    exception.add_argument("host", metavar="HOST[:PORT]", help="name or address; port 25 unless given")
    exception.add_argument("--until", metavar="YYYY-MM-DD", help="last day (UTC)")
    exception.add_argument("--inward", action="store_true", help="a host or network that comes to this port of ours")
    exception.add_argument("--remove", action="store_true", help="take the exception back")
    authorities = _act(acts, "authorities", "trust certificate authorities beside the system's")
    authorities.add_argument("file", metavar="FILE", nargs="?", help="PEM file; without one none is trusted any more")
    _act(acts, "list", "show rules, exceptions and authorities")
    text = "show a TLS report that another system sent about our domains"
    report = acts.add_parser("report", help=text, description=text)
    report.add_argument("file", metavar="FILE", help="the mail, or its attachment, packed or not")
    report.add_argument("--json", action="store_true", help="print the result as one JSON document")


def _act(acts: "argparse._SubParsersAction[argparse.ArgumentParser]", act: str, text: str) -> argparse.ArgumentParser:
    parser = acts.add_parser(act, help=text, description=text)
    opening.add_arguments(parser)
    return parser


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    if options.act == "report":
        return show_report(options)
    act = {"tls": _tls, "exception": _exception, "authorities": _authorities, "list": _list}[options.act]
    return opening.perform(options, lambda node: act(node, options))


async def _tls(node: Node, options: argparse.Namespace) -> int:
    rules = node.services.transport.rules
    if options.remove:
        await rules.drop_partner(_CLI, options.domain)
        opening.show(options, {"domain": options.domain, "rule": None}, [f"No rule for {options.domain} any more."])
        return 0
    wanted = PartnerRule(options.domain, options.minimum, tuple(options.name), options.defer)
    rule = await rules.set_partner(_CLI, wanted)
    opening.show(
        options,
        _document(rule),
        [f"Mail to {rule.domain} goes over proven TLS {rule.minimum} or later, {_else(rule)}."],
    )
    return 0


def _else(rule: PartnerRule) -> str:
    return "or waits" if rule.defer else "or comes back to its sender"


def _document(rule: PartnerRule) -> dict[str, object]:
    return {
        "domain": rule.domain,
        "minimum": rule.minimum,
        "names": list(rule.names),
        "otherwise": "defer" if rule.defer else "bounce",
    }


async def _exception(node: Node, options: argparse.Namespace) -> int:
    host, port = _place(options.host)
    rules = node.services.transport.rules
    if options.remove:
        await (rules.drop_inward if options.inward else rules.drop_exception)(_CLI, host, port)
        opening.show(
            options, {"host": host, "port": port, "until": None}, [f"No exception for {host}:{port} any more."]
        )
        return 0
    if options.until is None:
        raise opening.CommandError("An exception ends: --until YYYY-MM-DD.")
    put = rules.set_inward if options.inward else rules.set_exception
    made = await put(_CLI, TlsException(host, port, _end_of(options.until)))
    way = f"{made.host} may come to port {made.port} with" if options.inward else f"{made.host}:{made.port} may speak"
    opening.show(
        options, {"host": made.host, "port": made.port, "until": options.until},
        [f"{way} TLS 1.0 and 1.1 until {options.until}."],
    )  # fmt: skip
    return 0


def _place(text: str) -> tuple[str, int]:
    """Return host and port; an IPv6 address with a port stands in brackets."""
    if text.startswith("["):
        host, _bracket, rest = text[1:].partition("]")
        return host, _port(rest.removeprefix(":"))
    if text.count(":") > 1:
        return text, 25
    host, _colon, port = text.partition(":")
    return host, _port(port)


def _port(text: str) -> int:
    if not text:
        return 25
    if not text.isascii() or not text.isdigit():
        raise opening.CommandError(f"{text} is no port.")
    return int(text)


def _end_of(day: str) -> int:
    """Return the end of a day in milliseconds."""
    try:
        return int((datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC) + timedelta(days=1)).timestamp()) * 1000
    except ValueError:
        raise opening.CommandError(f"{day} is no day: YYYY-MM-DD.") from None


async def _authorities(node: Node, options: argparse.Namespace) -> int:
    pem = _read(options.file) if options.file else ""
    await node.services.transport.rules.set_authorities(_CLI, pem)
    count = pem.count("-----BEGIN CERTIFICATE-----")
    opening.show(options, {"authorities": count}, [f"{count} authorities are trusted beside the system's."])
    return 0


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="ascii")
    except (OSError, ValueError) as error:
        raise opening.CommandError(f"{path} cannot be read: {error}") from None


async def _list(node: Node, options: argparse.Namespace) -> int:
    rules = node.services.transport.rules
    partners, exceptions, inward = await rules.partners(), await rules.exceptions(), await rules.inward()
    count = (await rules.authorities()).count("-----BEGIN CERTIFICATE-----")
    now = node.clock.now()
    ways = [
        (one.domain, one.minimum, " ".join(one.names) or "host's", "wait" if one.defer else "return")
        for one in partners
    ]
    hosts = [
        (f"{one.host}:{one.port}", _day(one.until), "in force" if one.until > now else "ended") for one in exceptions
    ]
    hosts += [
        (f"{one.host} → :{one.port}", _day(one.until), "in force" if one.until > now else "ended") for one in inward
    ]
    lines = opening.table(("PARTNER", "TLS", "NAMES", "OTHERWISE"), ways)
    lines += [
        "",
        *opening.table(("EXCEPTION", "UNTIL", "STATE"), hosts),
        "",
        f"authorities beside the system's: {count}",
    ]
    document = {
        "partners": [_document(one) for one in partners],
        "exceptions": [{"host": one.host, "port": one.port, "until": _day(one.until), "ended": one.until <= now} for one in exceptions],
        "inward": [{"host": one.host, "port": one.port, "until": _day(one.until), "ended": one.until <= now} for one in inward],
        "authorities": count,
    }  # fmt: skip
    opening.show(options, document, lines)
    return 0


def _day(until: int) -> str:
    return f"{datetime.fromtimestamp(until / 1000 - 1, UTC):%Y-%m-%d}"
