"""Main program of a YARA child: `python -m smartmail.app.children.yara_child PARENT`.

NAME        YARA child
PURPOSE     Compiles an administrator's rules and matches messages against them, one at a time: as they came, and every
            part decoded. Frames on stdin: the rules, then messages; on stdout: what became of each (adapters/scan/yara).
STATES      starting → compiling → waiting → working → waiting …
LIMITS      Memory, no files, no processes, no descriptors: set by itself before it hears anything. Seconds of a match by
            the library; wall time is its owner's business.
FAILURE     May die at any moment; its owner starts another. Without the library it says so and ends.
SECURITY    Holds no secret and can open nothing: rules may not include files.
"""

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

import msgspec

from smartmail.adapters import confinement
from smartmail.adapters.scan import yara
from smartmail.app.children.child_pipes import receive, take_pipes
from smartmail.formats.mime.entity import Entity
from smartmail.formats.mime.scanner import Scanner
from smartmail.formats.mime.transfer import decode_body

MEMORY_OCTETS: Final = 1 << 30
_PR_SET_PDEATHSIG = 1
_ENCODED: Final = frozenset({"base64", "quoted-printable", "x-uuencode", "uuencode"})


def command() -> tuple[str, ...]:
    """Return the command line of a child of this process."""
    return (sys.executable, "-P", "-m", "smartmail.app.children.yara_child", str(os.getpid()))


def main(arguments: list[str]) -> int:
    """Serve until the owner closes the pipe; return the exit code."""
    _end_with_parent(int(arguments[0]))
    source, target = take_pipes()
    try:
        import yara_x
    except ImportError:
        _send(target, yara.Heard(problem=yara.MISSING))
        return 0
    _give_up_rights()
    rules = receive(source)
    if rules is None:
        return 0
    compiled = _compiled(yara_x, rules, target)
    if compiled is None:
        return 0
    scanner = yara_x.Scanner(compiled)
    scanner.set_timeout(yara.SECONDS)
    while (message := receive(source)) is not None:
        _send(target, _matched(yara_x, scanner, message))
    return 0


def _compiled(library: Any, rules: bytes, target: int) -> Any:
    compiler = library.Compiler()
    compiler.enable_includes(False)
    try:
        compiler.add_source(rules.decode())
        made = compiler.build()
    except (library.CompileError, UnicodeDecodeError, ValueError) as error:
        _send(target, yara.Heard(problem=yara.WRONG, text=str(error)[:2000]))
        return None
    version = getattr(library, "__version__", "")
    _send(target, yara.Heard(count=sum(1 for _ in made), text=f"yara-x {version}".strip()))
    return made


def _matched(library: Any, scanner: Any, message: bytes) -> yara.Heard:
    found: dict[str, float | None] = {}
    try:
        for piece in _pieces(message):
            for rule in scanner.scan(piece).matching_rules:
                found[rule.identifier] = _score(rule.metadata)
    except (library.TimeoutError, library.ScanError) as error:
        return yara.Heard(problem="match", text=f"{type(error).__name__}: {error}"[:200])
    except MemoryError:
        return yara.Heard(problem="match", text="more memory than a scan may have")
    return yara.Heard(matches=tuple(found.items())[: yara.MAX_MATCHES])


def _score(metadata: Any) -> float | None:
    """Return a rule's `score`, None for one without: it names malware."""
    for name, value in metadata:
        if name == "score" and isinstance(value, int | float):
            return float(value)
    return None


def _pieces(message: bytes) -> Iterator[bytes]:
    """Yield the message, and every part that lies encoded in it, decoded: rules speak of files, not of base64."""
    yield message
    scanner = Scanner()
    scanner.feed(message)
    yield from _parts(message, scanner.finish())


def _parts(message: bytes, entity: Entity) -> Iterator[bytes]:
    if entity.encoding in _ENCODED and not entity.is_multipart:
        yield decode_body(message[entity.body_start : entity.body_end], entity.encoding)
    for child in entity.children:
        yield from _parts(message, child)


# --- pipes and limits -----------------------------------------------------------------------------------------------


def _send(target: int, heard: yara.Heard) -> None:
    octets = msgspec.msgpack.encode(heard)
    view = memoryview(len(octets).to_bytes(4, "big") + octets)
    while view:
        view = view[os.write(target, view) :]


def _end_with_parent(parent: int) -> None:
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _give_up_rights() -> None:
    with suppress(OSError):
        os.nice(10)
    confinement.confine_parser()  # before descriptors are at an end: Landlock needs one
    for limit, value in (
        (resource.RLIMIT_AS, MEMORY_OCTETS), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 0),
    ):  # fmt: skip
        with suppress(OSError, ValueError):
            resource.setrlimit(limit, (value, value))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
