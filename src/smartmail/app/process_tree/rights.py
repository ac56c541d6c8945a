"""As whom a node runs: what a node that was started as root gives up once its ports are bound, and what every node gives up.

NAME       rights
PURPOSE    Choose the account, hand it what it must read and write, become it, and say plainly where that cannot be.
STRATEGIES The setting `user`, else who owns the data directory, else the account `smartmail`. Whether that account can reach
           program and data is tried by a child that has become it, before anything is given up. The guard of the launcher
           stays root: it parses nothing, and starts a supervisor anew that binds the ports again (docs/adr/0075).
FAILURE    An account that was set and cannot serve: CannotStartError with what to do. One that was only found: the node stays
           root, without capabilities but those that its files need, and says why.
SECURITY   Whoever has taken the account over must not become root at the next start. Files that have a second name are never
           handed over: the account could have linked what is root's there. The node file stays root's, and what only it names is
           believed, and handed over, while it is root's alone. Versions of the program that run as root are root's
           (tools/launcher/versions.py); the account says only which of them came up.
"""

import os
import pwd
import stat
import sys
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

import smartmail
from smartmail.adapters import confinement
from smartmail.adapters.confinement import CAP_DAC_OVERRIDE, CAP_FOWNER, Account
from smartmail.adapters.keys import master
from smartmail.app.installation import ROOT
from smartmail.app.process_tree.supervisor import VERSIONS
from smartmail.app.settings import Settings, SettingsError, passphrase, secret
from smartmail.app.worker_context import CannotStartError

OWN_ACCOUNT = "smartmail"
STAY_ROOT = "root"
_SHARED = frozenset(
    ("/", "/bin", "/etc", "/home", "/lib", "/mnt", "/opt", "/root", "/srv", "/tmp", "/usr", "/usr/local", "/var", "/var/lib")  # noqa: S108 -- nothing is made there
)  # fmt: skip
"""Directories that are no node's own: nothing in them is handed over."""
_READ, _ENTER, _WRITE = os.R_OK, os.R_OK | os.X_OK, os.R_OK | os.W_OK | os.X_OK


@dataclass(frozen=True, slots=True)
class Need:
    """A path that an account must reach, and how (os.access)."""

    path: str
    mode: int


def give_up(settings: Settings) -> str:
    """Give up what a node does not need; return a line for the administrator, "" where there is nothing to say.

    For the supervisor, after its ports are bound, before it has threads or children. Raises CannotStartError.
    """
    if not hasattr(os, "geteuid"):
        return ""
    try:
        said = _as_root(settings) if os.geteuid() == 0 else ""
        if os.geteuid():
            # A service manager may have given some, for the ports.
            confinement.drop_capabilities()
        confinement.confine()
    except OSError as error:
        raise CannotStartError(f"Rights of root cannot be given up: {error.strerror}.") from error
    return said


def work_as_owner(directory: str) -> None:
    """Let files that a command of root makes belong to who owns the data directory, so that its server can read them."""
    with suppress(OSError):
        status = os.stat(directory)
        if os.geteuid() == 0 and status.st_uid:
            confinement.make_files_as(Account(status.st_uid, status.st_gid, ""))


def _as_root(settings: Settings) -> str:
    named = settings.file.user if _is_roots(settings.config_file) else ""
    account = _account(settings.directory, named)
    hindrance = _hindrance(settings, account) if account is not None else ""
    if account is not None and not hindrance:
        confinement.become(account)
        os.environ["HOME"] = settings.directory
        return f"It runs as {account.name or account.uid}."
    if hindrance and named:
        raise CannotStartError(f"{hindrance} Let {named} reach it, or take the setting `user` away.")
    kept = {CAP_DAC_OVERRIDE, CAP_FOWNER} if _needs_others_files(settings) else set()
    confinement.drop_capabilities(kept)
    if named == STAY_ROOT:
        return ""
    why = hindrance or f"There is no account for it: useradd --system {OWN_ACCOUNT}"
    return f"It runs as root without capabilities{', but over files of others' if kept else ''}. {why}"


def _needs_others_files(settings: Settings) -> bool:
    """Whether something of the node belongs to another than root, which root without capabilities could not reach."""
    file = settings.file
    named = [settings.directory, os.path.dirname(settings.key_file), settings.key_file, settings.config_file]
    named += [settings.volume_path, file.anchors, file.backup.directory, file.backup.sandbox]
    named += [file.tls.certificate, file.tls.key, file.tls.client_authority]
    for one in named:
        with suppress(OSError):
            if one and os.stat(one).st_uid:
                return True
    return _is_closed(_socket_directory(settings))


def _socket_directory(settings: Settings) -> str:
    """Return where the database's Unix socket lies, "" where it is reached otherwise (`?host=/path`, as libpq has it)."""
    if settings.uses_sqlite:
        return ""
    with suppress(SettingsError, ValueError):
        parts = urlsplit(secret(settings.file.database.url))
        host = parse_qs(parts.query).get("host", [parts.hostname or ""])[0]
        return unquote(host) if unquote(host).startswith("/") else ""
    return ""


def _is_closed(directory: str) -> bool:
    """Whether a directory, or one above it, lets only others in."""
    while len(directory) > 1:
        with suppress(OSError):
            status = os.stat(directory)
            if status.st_uid and not status.st_mode & stat.S_IXOTH:
                return True
        directory = os.path.dirname(directory)
    return False


def _is_roots(path: str | None) -> bool:
    """Whether nobody but root could have written a file: the account owns the data directory, and could exchange files there."""
    if path is None:
        return False
    status = os.stat(path)
    return status.st_uid == 0 and status.st_nlink == 1 and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _account(directory: str, named: str) -> Account | None:
    """Return whom a node of root becomes. Raises CannotStartError: the one that was set does not exist."""
    if named == STAY_ROOT:
        return None
    owner = os.stat(directory)
    try:
        if not named and owner.st_uid:
            return _entry(pwd.getpwuid(owner.st_uid))
        found = pwd.getpwnam(named or OWN_ACCOUNT)
    except KeyError:
        if named:
            raise CannotStartError(f"There is no account {named}: useradd --system {named}") from None
        return Account(owner.st_uid, owner.st_gid, "") if owner.st_uid else None
    return _entry(found) if found.pw_uid else None


def _entry(found: pwd.struct_passwd) -> Account:
    return Account(found.pw_uid, found.pw_gid, found.pw_name)


def _hindrance(settings: Settings, account: Account) -> str:
    """Hand over to an account what is the node's; return what it cannot reach all the same, "" where nothing is missing."""
    # First: an update that root has just applied is closed to all others, and the program may be that one.
    _share_versions(os.path.join(settings.directory, VERSIONS), account)
    missing = _unreachable(account, [*_program(), *_around(settings)])
    if missing is None:
        _make_key(settings)
        for place in _own(settings):
            hand_over(place, account, besides={settings.config_file, os.path.join(settings.directory, VERSIONS)})
        inside = [settings.config_file] if settings.config_file and _is_inside(settings) else []
        for file in inside:
            _let_read(file, account)
        own = [Need(one, _WRITE if os.path.isdir(one) else _READ) for one in (*_own(settings), *inside)]
        missing = _unreachable(account, own)
    if missing is None:
        return ""
    how = "write" if missing.mode & os.W_OK else "read"
    return f"The account {account.name or account.uid} may not {how} {missing.path}."


def _program() -> list[Need]:
    places = [sys.executable, os.path.dirname(smartmail.__file__), *(one for one in sys.path if os.path.exists(one))]
    return [Need(str(ROOT), _ENTER), *(Need(one, _ENTER if os.path.isdir(one) else _READ) for one in places)]


def _own(settings: Settings) -> list[str]:
    """Return what is this node's alone."""
    file = settings.file
    named = [settings.directory, f"{settings.directory}.key"]
    if _is_roots(settings.config_file):
        named += [settings.key_file, file.anchors, file.backup.directory, file.backup.sandbox]
        named += [] if file.volume.s3 else [settings.volume_path]
    return [one for one in dict.fromkeys(named) if one and one not in _SHARED and os.path.lexists(one)]


def _around(settings: Settings) -> list[Need]:
    """Return what the node must reach and does not own."""
    file = settings.file
    # A key is replaced by a new file beside the old one.
    needs = [Need(os.path.dirname(settings.key_file), _WRITE), Need(os.path.dirname(settings.directory), os.X_OK)]
    named = [file.tls.certificate, file.tls.key, file.tls.client_authority, file.outgoing.authorities]
    named += [one.removeprefix("file:") for one in (file.database.url, file.key_passphrase) if one.startswith("file:")]
    named += [settings.config_file or ""] if not _is_inside(settings) else []
    return needs + [Need(one, _READ) for one in named if one]


def _is_inside(settings: Settings) -> bool:
    """Whether the node file lies in the data directory."""
    return settings.config_file is not None and os.path.dirname(settings.config_file) == settings.directory


def _make_key(settings: Settings) -> None:
    """Make the master key of a first start while we may write beside the data directory. (What is wrong with it is told later.)"""
    first = settings.uses_sqlite and not os.path.exists(os.path.join(settings.directory, "smartmail.db"))
    if first and not os.path.exists(settings.key_file):
        with suppress(OSError, master.MasterKeyError):
            master.load_or_create(
                settings.key_file, settings.directory, first_start=True, passphrase=passphrase(settings)
            )


def hand_over(place: str, account: Account, besides: Collection[str | None] = ()) -> None:
    """Let what is root's at a place, and below it, belong to an account, but for some paths. Links are not followed; what cannot
    be handed over is left.
    """
    _give(place, None, account)
    for folder, folders, files, descriptor in os.fwalk(place, follow_symlinks=False):
        folders[:] = [one for one in folders if os.path.join(folder, one) not in besides]
        for name in (*folders, *files):
            if os.path.join(folder, name) not in besides:
                _give(name, descriptor, account)


def _share_versions(folder: str, account: Account) -> None:
    """Let an account read versions of the program, and note which of them came up."""
    with suppress(OSError):
        os.makedirs(folder, exist_ok=True)
        for name in ("", *os.listdir(folder)):
            place = os.path.join(folder, name)
            if os.stat(place, follow_symlinks=False).st_uid == 0:
                os.chmod(place, 0o755 if os.path.isdir(place) else 0o644)
        healthy = os.path.join(folder, "healthy")
        os.close(os.open(healthy, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644))
        _give(healthy, None, account)


def _let_read(file: str, account: Account) -> None:
    """Let an account read a file that stays root's."""
    with suppress(OSError):
        status = os.stat(file, follow_symlinks=False)
        if status.st_uid == 0 and status.st_nlink == 1 and stat.S_ISREG(status.st_mode):
            os.chown(file, 0, account.gid, follow_symlinks=False)
            os.chmod(file, (status.st_mode & 0o744) | stat.S_IRGRP)


def _give(name: str, folder: int | None, account: Account) -> None:
    with suppress(OSError):
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
        is_named_twice = not stat.S_ISDIR(status.st_mode) and status.st_nlink > 1
        if status.st_uid == 0 and not is_named_twice:
            os.chown(name, account.uid, account.gid, dir_fd=folder, follow_symlinks=False)


def _unreachable(account: Account, needs: Sequence[Need]) -> Need | None:
    """Return the first path that an account may not reach so, by a child that has become it."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.write(write, str(_first_missing(account, needs)).encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as told:
        at = int(told.read() or b"0")
    os.waitpid(child, 0)
    return needs[at] if at >= 0 else None


def _first_missing(account: Account, needs: Iterable[Need]) -> int:
    with suppress(OSError):
        confinement.become(account)
        return next((at for at, one in enumerate(needs) if not os.access(one.path, one.mode)), -1)
    return 0
