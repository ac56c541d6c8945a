"""Updates without a network: versions, vendor key, check, apply, back, make.

`update check` says whether a bundle is what the vendor signed, and unpacks nothing. `update apply` puts it next to what runs
and lets it run: the server ends its sessions and comes back as the new version; where that is not ready within two minutes
the old one runs again by itself. `update back` goes back at any time: mail of the meantime stays. `update make` and
`update key` are for who makes bundles.
"""

import argparse
import base64
import os
import time
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from smartmail.app.cli import opening
from smartmail.app.cli.acting import CLI, acts_of, add_act
from smartmail.app.cli.operations import running
from smartmail.app.node import Node
from smartmail.formats.update_bundle import BundleError
from smartmail.service.operations.updates import Checked

HELP = "signed updates without a network: check, apply, back"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = acts_of(parser)
    running.add_acts(acts, "update")
    add_act(acts, "check", "check a bundle, or the folder of a package that was unpacked", "FILE")
    apply = add_act(acts, "apply", "install a bundle and let it run", "FILE")
    apply.add_argument("--no-way-back", action="store_true", help="also one after which only a backup leads back")
    add_act(acts, "back", "let the version before run again")
    key = add_act(acts, "key", "make a vendor's key pair; prints the public key", "FILE")
    key.set_defaults(json=False)
    make = add_act(acts, "make", "make a bundle of this tree", "FILE")
    make.add_argument("--signing-key", required=True, metavar="FILE", help="the vendor's private key (PEM)")
    make.add_argument("--id", required=True, metavar="ID", help="such as 1.4.0")
    make.add_argument("--wheels", metavar="DIR", help="the packages of requirements.lock, for hosts without them")
    make.add_argument("--fixes", nargs="+", default=[], metavar="CVE")
    make.add_argument("--notes", default="", metavar="TEXT")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    if options.act in {"key", "make"}:
        try:
            return _key(options) if options.act == "key" else _make(options)
        except (opening.CommandError, BundleError, OSError, ValueError) as error:
            opening.complain(str(error))
            return opening.FAILED
    act = {"check": _check, "apply": _apply, "back": _back}.get(options.act)
    if act is None:
        return running.run(options)
    # What root installs stays root's: the launcher runs nothing else as root.
    return opening.perform(options, lambda node: act(node, options), as_owner=False)


def _key(options: argparse.Namespace) -> int:
    key = Ed25519PrivateKey.generate()
    octets = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    descriptor = os.open(options.file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(octets)
    print(base64.b64encode(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode())
    return 0


def _make(options: argparse.Namespace) -> int:
    from smartmail.app.papers.updating import make_bundle

    key = load_pem_private_key(Path(options.signing_key).read_bytes(), None)
    if not isinstance(key, Ed25519PrivateKey):
        raise opening.CommandError(f"{options.signing_key} is no Ed25519 key.")
    made = make_bundle(
        Path(options.file), key, version_id=options.id, version=options.id, made_at=int(time.time() * 1000),
        wheels=Path(options.wheels) if options.wheels else None, fixes=options.fixes, notes=options.notes,
    )  # fmt: skip
    size = sum(one.size for one in made.files)
    opening.show(
        options, {"id": made.id, "files": len(made.files)}, [f"{options.file}: {len(made.files)} files, {size:,} B"]
    )
    return 0


async def _check(node: Node, options: argparse.Namespace) -> int:
    checked = await node.services.updates.check(CLI, options.file)
    opening.show(options, _document(checked), _lines(checked))
    return 0


async def _apply(node: Node, options: argparse.Namespace) -> int:
    checked = await node.services.updates.apply(CLI, options.file, no_way_back=options.no_way_back)
    lines = [*_lines(checked), "It is chosen: a server that runs switches to it now, else the next start does."]
    opening.show(options, _document(checked), lines)
    return 0


async def _back(node: Node, options: argparse.Namespace) -> int:
    before = await node.services.updates.back(CLI)
    opening.show(options, {"chosen": before}, [f"{before or 'The version that was installed'} runs again in a moment."])
    return 0


def _lines(checked: Checked) -> list[str]:
    one = checked.manifest
    lines = [f"{one.id} ({one.version}), {len(one.files)} files: signed by the vendor, nothing was changed."]
    if one.fixes:
        lines.append(f"fixes: {' '.join(one.fixes)}")
    if one.notes:
        lines.append(one.notes)
    lines.append("There is a way back." if checked.way_back else "There is NO way back but by a backup.")
    return lines


def _document(checked: Checked) -> dict[str, object]:
    one = checked.manifest
    return {
        "id": one.id, "version": one.version, "fixes": list(one.fixes), "schema": one.schema, "wayBack": checked.way_back,
        "files": len(one.files),
    }  # fmt: skip
