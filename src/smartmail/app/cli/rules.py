"""Rules against spam by signed file: show, check, apply, back, make.

`rules check` says what a pack would change, and changes nothing. `rules apply` puts it in force in every process within
seconds, without a restart; `rules back` goes back to what was before, at once. The key is the vendor's that is pinned with
`update trust`. `rules make` is for who makes packs, out of a JSON file.
"""

import argparse
import time
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from smartmail.app.cli import opening
from smartmail.app.cli.acting import acts_of, add_act
from smartmail.app.cli.operations import running
from smartmail.formats.rule_pack import RulePack, RulePackError, sign

HELP = "rules against spam by signed file: show, check, apply, back"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = acts_of(parser)
    running.add_acts(acts, "rules")
    make = add_act(acts, "make", "make a pack out of a JSON file", "SOURCE", "FILE")
    make.add_argument("--signing-key", required=True, metavar="FILE", help="the vendor's private key (PEM)")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    if options.act != "make":
        return running.run(options)
    try:
        return _make(options)
    except (opening.CommandError, RulePackError, msgspec.MsgspecError, OSError, ValueError) as error:
        opening.complain(str(error))
        return opening.FAILED


def _make(options: argparse.Namespace) -> int:
    key = load_pem_private_key(Path(options.signing_key).read_bytes(), None)
    if not isinstance(key, Ed25519PrivateKey):
        raise opening.CommandError(f"{options.signing_key} is no Ed25519 key.")
    source = msgspec.json.decode(Path(options.source).read_bytes())
    if not isinstance(source, dict):
        raise opening.CommandError(f"{options.source} is no JSON object.")
    source.setdefault("madeAt", int(time.time() * 1000))
    file = sign(msgspec.convert(source, RulePack), key)
    Path(options.file).write_bytes(file)
    opening.show(options, {"octets": len(file)}, [f"{options.file}: {len(file):,} octets"])
    return 0
