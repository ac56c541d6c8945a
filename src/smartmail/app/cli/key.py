"""The master key: which it is, a recovery kit of shares on paper, and the key back from shares.

`kit` writes one sheet a share (a page to print and the same as text) into a new folder: print them, give each to another
person, delete the folder. Any NEED of them give the key back, fewer tell nothing.
`rehearse` shows that shares give this installation's key, without writing anything. Do it once, before you need it.
`recover` writes the key's file anew. Both read shares from files, or from what is typed: one share after the other, an empty
line between them.

The running servers rotate the master key (`rotate`) and the keys of organizations and accounts (`change`, `set-schedule`), and
re-encrypt messages (`re-encrypt`), while mail flows. After a rotation of the master key make a new kit: copies of the old key
file and old kits are void. `content-access` asks that two persons may read somebody's messages for a time.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from smartmail.adapters.keys import master
from smartmail.adapters.keys.master import MasterKey, MasterKeyError
from smartmail.app import catalogues
from smartmail.app.cli import opening, settings_options
from smartmail.app.cli.acting import CLI, acts_of, add_act
from smartmail.app.cli.operations import running
from smartmail.app.node import Node
from smartmail.app.recovery import recovery_kit
from smartmail.app.recovery.recovery_kit import Sheet
from smartmail.app.settings import Settings, SettingsError, passphrase
from smartmail.base.i18n import LANGUAGES
from smartmail.formats.shares import ShareError

HELP = "encryption keys: rotation, re-encryption, recovery kit on paper, content access"
MAX_SHARE_OCTETS = 65_536


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = acts_of(parser)
    add_act(acts, "show", "which key this installation is sealed under")
    kit = add_act(acts, "kit", "make a recovery kit")
    kit.add_argument("--shares", type=int, default=5, metavar="N", help="how many shares (5)")
    kit.add_argument("--need", type=int, default=3, metavar="M", help="how many of them give the key (3)")
    kit.add_argument("--to", required=True, metavar="DIR", help="new folder for the sheets; delete it after printing")
    kit.add_argument("--language", choices=LANGUAGES, default="ko", help="of the sheets (ko)")
    for name, text in (("rehearse", "show that shares give the key"), ("recover", "write the key's file from shares")):
        act = add_act(acts, name, text)
        act.add_argument("files", metavar="FILE", nargs="*", help="shares as text; typed when none is named")
    add_act(acts, "protect", "put the key's file under the passphrase that the node file names (key_passphrase)")
    running.add_acts(acts, "key")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    catalogues.load()
    if options.act == "kit":
        return opening.perform(options, lambda node: _kit(node, options))
    by_hand = {"show": _show, "rehearse": _rehearse, "recover": _recover, "protect": _protect}
    if options.act not in by_hand:
        return running.run(options)
    try:
        return by_hand[options.act](options, settings_options.read(options))
    except SettingsError as error:
        opening.complain(str(error))
        return opening.CANNOT_START
    except (opening.CommandError, ShareError, MasterKeyError) as error:
        opening.complain(str(error))
        return opening.FAILED


def _show(options: argparse.Namespace, settings: Settings) -> int:
    key = _load(settings)
    if key is None:
        raise opening.CommandError(f"There is no key at {settings.key_file}. ./smartmail key recover writes it anew.")
    document = {"id": key.identity.id, "file": settings.key_file}
    opening.show(options, document, [f"master key {key.identity.id} in {settings.key_file}"])
    return 0


async def _kit(node: Node, options: argparse.Namespace) -> int:
    key, folder = master.load(node.settings.key_file, passphrase(node.settings)), Path(options.to)
    day = datetime.fromtimestamp(node.clock.now() / 1000).strftime("%Y-%m-%d")  # noqa: DTZ006 -- the place's own day
    try:
        sheets = recovery_kit.make(
            key, options.need, options.shares, day=day, name=node.settings.file.names.mail, language=options.language
        )
    except ValueError as error:
        raise opening.CommandError(f"--need and --shares: {error}.") from None
    # The record first: a kit that nobody knows of must not exist.
    kit = sheets[0].share.kit.hex()
    await node.services.keys.kits.note_made(CLI, key.identity.id, kit, options.need, options.shares)
    _put(folder, sheets)
    document = {"kit": sheets[0].share.kit.hex(), "shares": options.shares, "need": options.need, "folder": str(folder)}
    lines = [
        f"{options.shares} sheets lie in {folder}; any {options.need} of them give the master key.",
        "Print them, give each to another person, then delete the folder. Then rehearse: ./smartmail key rehearse",
    ]
    opening.show(options, document, lines)
    return 0


def _put(folder: Path, sheets: Sequence[Sheet]) -> None:
    """Write the sheets into a new folder. Raises CommandError."""
    try:
        folder.mkdir(mode=0o700)
        for sheet in sheets:
            for name, octets in (("html", sheet.page), ("txt", sheet.text.encode())):
                _write(folder / f"share-{sheet.share.number}.{name}", octets)
    except OSError as error:
        raise opening.CommandError(f"{folder}: {error.strerror}. Name a folder that is not there yet.") from None


def _write(path: Path, octets: bytes) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(octets)


def _rehearse(options: argparse.Namespace, settings: Settings) -> int:
    found, present = recovery_kit.key_of(_typed(options)), _load(settings)
    if present is not None and present.identity != found.identity:
        raise opening.CommandError(
            f"These shares give key {found.identity.id}; this installation has {present.identity.id}. Make a new kit."
        )
    document = {"id": found.identity.id, "same": present is not None}
    words = (
        "the key of this installation"
        if present is not None
        else "a whole key; there is no key file to compare it with"
    )
    opening.show(options, document, [f"The shares are right: they give {words} ({found.identity.id})."])
    return 0


def _recover(options: argparse.Namespace, settings: Settings) -> int:
    if os.path.exists(settings.key_file):
        raise opening.CommandError(
            f"{settings.key_file} is there. It is never replaced; rehearse shows if shares fit it."
        )
    found = recovery_kit.key_of(_typed(options))
    try:
        master.save(settings.key_file, found, passphrase(settings))
    except OSError as error:
        raise opening.CommandError(f"{settings.key_file}: {error.strerror}.") from None
    document = {"id": found.identity.id, "file": settings.key_file}
    opening.show(options, document, [f"Master key {found.identity.id} is back in {settings.key_file}."])
    return 0


def _protect(options: argparse.Namespace, settings: Settings) -> int:
    words = passphrase(settings)
    if not words:
        raise opening.CommandError('Say first in the node file where the passphrase is: key_passphrase = "file:PATH".')
    key = _load(settings)
    if key is None:
        raise opening.CommandError(f"There is no key at {settings.key_file}.")
    if not master.is_protected(settings.key_file):
        master.replace(settings.key_file, key, words)
    document = {"id": key.identity.id, "file": settings.key_file, "protected": True}
    opening.show(
        options, document, [f"Master key {key.identity.id} lies under the passphrase. Keep copies of both, apart."]
    )
    return 0


def _load(settings: Settings) -> MasterKey | None:
    try:
        return master.load(settings.key_file, passphrase(settings))
    except FileNotFoundError:
        return None


def _typed(options: argparse.Namespace) -> list[str]:
    """Return shares: of files, whose other lines are passed over, or typed with an empty line after each."""
    if options.files:
        return [
            _share_in(opening.octets_of(name, MAX_SHARE_OCTETS).decode("utf-8", "replace")) for name in options.files
        ]
    if sys.stdin.isatty():
        print("Type one share after the other, an empty line after each, and end with Ctrl-D.")
    return [part for part in sys.stdin.read(16 * MAX_SHARE_OCTETS).split("\n\n") if part.strip()]


def _share_in(text: str) -> str:
    """Return the lines of a sheet that are the share itself."""
    lines = [line for line in text.splitlines() if line.strip()[:1].isdigit() and line.strip()[1:2] == ":"]
    return "\n".join(lines) if lines else text
