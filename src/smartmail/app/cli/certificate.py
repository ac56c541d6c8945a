"""Certificates of the TLS doors: brought by file, or fetched and renewed by ACME. They take effect in seconds; no
connection is dropped.

    certificate add chain.pem key.pem        certificate list        certificate remove ID
    certificate add server.pfx --password-file F
    certificate acme --directory URL --contact MAIL     an account at an authority; you agree to its terms
    certificate fetch mail.example.com mx.example.com   from now on fetched and renewed; port 80 must reach us
    certificate forget mail.example.com                 not renewed any more

Each name that a client asks for (SNI) gets the certificate that lasts longest for it; any other, the node's own.
"""

import argparse
import time

from smartmail.app.cli import opening
from smartmail.app.node import Node
from smartmail.domain.certificate import CertificateRow
from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.principal import Actor, Origin
from smartmail.service.flow.certificates.pem import MAX_OCTETS

HELP = "certificates of the TLS doors, ACME"

_CLI = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))
_DAY_MS = 86_400_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    add = _act(acts, "add", "serve a certificate from files")
    add.add_argument("chain", metavar="CHAIN", help="PEM with the certificate and those above it, or a .pfx/.p12 file")
    add.add_argument("private_key", metavar="KEY", nargs="?", help="PEM with the private key")
    add.add_argument("--password-file", metavar="F", help="file with the key's password")
    _act(acts, "list", "show certificates, and how fetching goes")
    _act(acts, "remove", "serve a certificate no more").add_argument("id", metavar="ID", help="its first characters do")
    acme = _act(acts, "acme", "make an account at an authority")
    acme.add_argument("--directory", metavar="URL", required=True, help="the authority's ACME directory")
    acme.add_argument("--contact", metavar="MAIL", default="", help="where the authority may write to")
    acme.add_argument("--key-id", metavar="ID", default="", help="external account: the key's name")
    acme.add_argument("--mac-key-file", metavar="F", help="external account: file with the key in base64url")
    _act(acts, "fetch", "fetch and renew a certificate for these names").add_argument(
        "names", nargs="+", metavar="NAME"
    )
    _act(acts, "forget", "renew it no more").add_argument("name", metavar="NAME", help="the first of its names")


def _act(acts: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, text: str) -> argparse.ArgumentParser:
    act = acts.add_parser(name, help=text, description=text)
    opening.add_arguments(act)
    return act


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    acts = {"add": _add, "list": _list, "remove": _remove, "acme": _acme, "fetch": _fetch, "forget": _forget}
    return opening.perform(options, lambda node: acts[options.act](node, options))


async def _add(node: Node, options: argparse.Namespace) -> int:
    chain = opening.octets_of(options.chain, MAX_OCTETS)
    password = opening.octets_of(options.password_file, MAX_OCTETS).decode().strip() if options.password_file else ""
    if options.private_key is None:
        row = await node.services.certificates.add_pfx(_CLI, chain, password)
    else:
        row = await node.services.certificates.add_pem(
            _CLI, chain, opening.octets_of(options.private_key, MAX_OCTETS), password
        )
    opening.show(options, _document(row), [f"Served for {', '.join(row.names)} until {_day(row.until)}."])
    return 0


async def _list(node: Node, options: argparse.Namespace) -> int:
    rows = await node.services.certificates.rows()
    managed = await node.services.acme.managed()
    now = node.clock.now()
    lines = [
        f"{row.id[:12]}  {_day(row.until)}  {(row.until - now) // _DAY_MS:>5} days  {row.source:<6}  {', '.join(row.names)}"
        for row in rows
    ]
    for one in managed:
        state = (
            f"failed {one.failures}×, again {_minute(one.next_at)}: {one.error}" if one.failures else "renewed by ACME"
        )
        lines.append(f"{'':12}  {one.names[0]}: {state}")
    document = {
        "certificates": [_document(row) for row in rows],
        "managed": [{"names": one.names, "failures": one.failures, "error": one.error} for one in managed],
    }
    opening.show(options, document, lines or ["Only the node's own certificate is served."])
    return 0


async def _remove(node: Node, options: argparse.Namespace) -> int:
    found = [row for row in await node.services.certificates.rows() if row.id.startswith(options.id.lower())]
    if len(found) != 1:
        raise opening.CommandError("No certificate, or several, have that id. ./smartmail certificate list shows them.")
    row = await node.services.certificates.remove(_CLI, found[0].id)
    opening.show(options, _document(row), [f"{', '.join(row.names)}: the node's own certificate is served again."])
    return 0


async def _acme(node: Node, options: argparse.Namespace) -> int:
    mac = opening.octets_of(options.mac_key_file, MAX_OCTETS).decode().strip() if options.mac_key_file else ""
    url = await node.services.acme.set_up(_CLI, options.directory, options.contact, key_id=options.key_id, mac_key=mac)
    opening.show(options, {"account": url}, [f"Account {url} is made. Next: ./smartmail certificate fetch NAME …"])
    return 0


async def _fetch(node: Node, options: argparse.Namespace) -> int:
    status = await node.services.acme.manage(_CLI, options.names)
    fetched = await node.services.acme.renew()
    found = next((one for one in await node.services.acme.managed() if one.names == status.names), status)
    if found.failures:
        raise opening.CommandError(f"{found.names[0]}: {found.error}. It is tried again by itself.")
    text = "is fetched and served" if fetched else "is served already"
    opening.show(options, {"names": found.names}, [f"A certificate for {', '.join(found.names)} {text}."])
    return 0


async def _forget(node: Node, options: argparse.Namespace) -> int:
    try:
        await node.services.acme.forget(_CLI, options.name)
    except NotFound:
        raise opening.CommandError(f"{options.name} is not fetched by ACME.") from None
    opening.show(options, {"name": options.name}, [f"{options.name} is renewed no more; its certificate is served on."])
    return 0


def _document(row: CertificateRow) -> dict[str, object]:
    return {"id": row.id, "names": row.names, "issuer": row.issuer, "until": row.until, "source": row.source}


def _day(milliseconds: int) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(milliseconds / 1000))


def _minute(milliseconds: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(milliseconds / 1000))
