"""Options by which every command that opens a node finds it."""

import argparse
import ipaddress

from smartmail.app.roles import ROLES
from smartmail.app.settings import DEFAULT_PORT_BASE, Settings, load

_ALL = ("0.0.0.0", "::")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add --data, --config and --key."""
    parser.add_argument("--data", default="data", metavar="DIR", help="everything durable lies below it (./data)")
    parser.add_argument("--config", metavar="FILE", help="node file (DIR/node.toml)")
    parser.add_argument("--key", metavar="FILE", help="master key; keep it apart from the data (DIR.key)")


def add_serve_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of a node that serves."""
    add_arguments(parser)
    parser.add_argument(
        "--port-base",
        type=int,
        metavar="N",
        help=f"SMTP listens on N+25, IMAP on N+143, HTTPS on N+443 … ({DEFAULT_PORT_BASE}; 0 for the standard ports)",
    )
    parser.add_argument(
        "--listen", type=addresses, metavar="A,B", help="listen on these addresses, or on all (this machine alone)"
    )
    parser.add_argument("--roles", type=_roles, metavar="A,B", help=f"only these of: {', '.join(ROLES)}")
    parser.add_argument("--processes", type=int, metavar="N", help="processes for the edge roles (2)")
    parser.add_argument("--demo", action="store_true", help="seed a small company with mail and print its accounts")
    parser.add_argument(
        "--bench", action="store_true", help="seed the accounts of the load tools; loopback unlimited, mail uninspected"
    )


def read(options: argparse.Namespace) -> Settings:
    """Return the settings that the options choose. Raises SettingsError."""
    return load(
        options.data,
        config=options.config,
        key_file=options.key,
        port_base=getattr(options, "port_base", None),
        addresses=getattr(options, "listen", None),
        roles=getattr(options, "roles", None),
        processes=getattr(options, "processes", None),
        demo=getattr(options, "demo", False),
        bench=getattr(options, "bench", False),
    )


def addresses(text: str) -> tuple[str, ...]:
    """Return the addresses that an option names; `all` are those of both families. Raises ArgumentTypeError."""
    found: list[str] = []
    for one in (each.strip() for each in text.split(",")):
        try:
            found += _ALL if one == "all" else [str(ipaddress.ip_address(one))]
        except ValueError:
            raise argparse.ArgumentTypeError(
                f"{one!r} is no address: write all, or addresses of this machine"
            ) from None
    return tuple(found)


def _roles(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())
