"""Main program of a parsing child: `python -m smartmail.app.children.parsing_child PARENT`.

NAME        parsing child
PURPOSE     Reads the text, the looks or the signs of danger out of one hostile file or text part at a time, given on stdin, told on stdout (adapters/extraction/wire).
STATES      starting → waiting → working → waiting …
LIMITS      Memory, processor seconds of each file, no new descriptors, no files, no processes: set by itself before it
            hears anything. Wall time is its owner's business.
FAILURE     May die at any moment; its owner starts another.
SECURITY    Holds no secret: it is started with an empty environment and two pipes, and after its start it can open
            neither files nor sockets (no descriptor is left for it, and Landlock and seccomp refuse them). Ends with its parent.
"""

import codecs
import ctypes
import gc
import os
import re
import resource
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import msgspec

from smartmail.adapters import confinement
from smartmail.adapters.extraction import wire
from smartmail.app.children.child_pipes import receive, take_pipes
from smartmail.formats import charset, file_names, file_signs, picture_codes, portrait
from smartmail.formats.body_view import BodyTask, body_view
from smartmail.formats.extract import pdf
from smartmail.formats.extract.out import DEFAULT_LIMITS, THOROUGH_LIMITS, Extracted
from smartmail.formats.extract.reading import extract
from smartmail.formats.layout import views
from smartmail.formats.layout.inside import opened
from smartmail.formats.layout.reading import layout

MEMORY_OCTETS: Final = 1 << 30
"""Address space. A child that waits takes 100 MiB of it; a file of 100 MiB and its text once more fit well."""
_TIRED_KIB: Final = 400 << 10  # resident; beyond, a fresh child is cheaper than the memory this one keeps
_PATIENCE: Final = 0.8  # of the time limits: then the extractors stop by themselves and what they have counts
_NICENESS: Final = 10
# One pixel: reading it loads what the picture library would load at its first picture.
_PICTURE: Final = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010800000000"
    "3a7e9b550000000a49444154789c636800000082008177cd72b60000000049454e44ae426082"
)
_PR_SET_PDEATHSIG = 1


def command() -> tuple[str, ...]:
    """Return the command line of a child of this process."""
    return (sys.executable, "-P", "-m", "smartmail.app.children.parsing_child", str(os.getpid()))


def environment() -> dict[str, str]:
    """Return all that a child gets of our environment: where its modules lie."""
    return {
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "PYTHONDONTWRITEBYTECODE": "1",
        "LANG": "C.UTF-8",
        "MALLOC_ARENA_MAX": "1",
    }


def main(arguments: list[str]) -> int:
    """Serve until the owner closes the pipe; return the exit code."""
    _end_with_parent(int(arguments[0]))
    source, target = take_pipes()
    peak = _Peak()
    _preload()
    _give_up_rights()
    _send(target, wire.READY)
    while (head := receive(source)) is not None:
        octets = receive(source)
        if octets is None:
            break
        _send(target, wire.encode(_work(wire.decode_task(head), octets, peak)))
    return 0


def _work(task: wire.Task, octets: bytes, peak: "_Peak") -> wire.Answer:
    _limit_processor(task.cpu_s)
    if task.signs:
        return _signs(task, octets, peak)
    if task.body is not None:
        return _body(task.body, octets, peak)
    if task.portrait:
        return _portrait(octets, peak)
    if task.layout or task.inside or task.view:
        return _layout(task, octets, peak)
    limits = msgspec.structs.replace(THOROUGH_LIMITS if task.thorough else DEFAULT_LIMITS, chars=task.chars)
    fault, tired, found = "", False, None
    try:
        found = extract(octets, task.media_type, task.name, limits=limits, expired=_timer(task))
    except MemoryError:
        found, tired = Extracted("", truncated=True, problem="limits"), True
    except Exception as error:
        # A fault of ours: the file counts as damaged, and the log shall say where.
        found, fault = Extracted("", truncated=True, problem="damaged"), _where(error)
    tired = tired or peak.kib() > _TIRED_KIB
    if found is None:
        return wire.Answer(has_text=False, tired=tired)
    parts = () if task.thorough else found.parts
    return wire.Answer(True, found.text, parts, found.truncated, found.problem or "", tired, fault, files=found.files)


def _signs(task: wire.Task, octets: bytes, peak: "_Peak") -> wire.Answer:
    fault, tired = "", False
    signs: tuple[file_names.FileSign, ...] = (file_names.FileSign("unbounded", task.name),)
    try:
        signs = file_signs.dissect(octets, task.media_type, task.name, expired=_timer(task))
    except MemoryError:
        tired = True
    except Exception as error:
        signs, fault = (), _where(error)
    return wire.Answer(has_text=False, tired=tired or peak.kib() > _TIRED_KIB, fault=fault, signs=signs)


def _body(task: BodyTask, octets: bytes, peak: "_Peak") -> wire.Answer:
    fault, tired, shown = "", False, None
    try:
        shown = body_view(task, octets)
    except MemoryError:
        tired = True
    except Exception as error:
        fault = _where(error)
    return wire.Answer(has_text=False, tired=tired or peak.kib() > _TIRED_KIB, fault=fault, body=shown)


def _portrait(octets: bytes, peak: "_Peak") -> wire.Answer:
    fault, made = "", None
    try:
        made = portrait.portrait(octets)
    except Exception as error:
        fault = _where(error)
    return wire.Answer(has_text=False, tired=peak.kib() > _TIRED_KIB, fault=fault, pictures=made or ())


def _layout(task: wire.Task, octets: bytes, peak: "_Peak") -> wire.Answer:
    fault, tired, found, inner, shown = "", False, None, None, None
    try:
        if task.view:
            shown = views.view(
                octets, task.media_type, task.name, mark=task.mark, first=task.first, expired=_timer(task)
            )
        elif task.inside:
            inner = opened(octets, task.media_type, task.name, task.inside, expired=_timer(task))
        else:
            found = layout(octets, task.media_type, task.name, expired=_timer(task))
    except MemoryError:
        tired = True
    except Exception as error:
        # A fault of ours: the text of the file may still be read.
        fault = _where(error)
    tired = tired or peak.kib() > _TIRED_KIB
    return wire.Answer(has_text=False, tired=tired, fault=fault, layout=found, opened=inner, view=shown)


def _timer(task: wire.Task) -> Callable[[], bool]:
    """Say when a good part of the time is used up, by whichever clock comes first."""
    processor_end = time.process_time() + task.cpu_s * _PATIENCE
    wall_end = time.monotonic() + task.wall_s * _PATIENCE
    return lambda: time.process_time() > processor_end or time.monotonic() > wall_end


def _where(error: BaseException) -> str:
    trace, place = error.__traceback__, ""
    while trace is not None:
        place = f"{os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(error).__name__} {place}"


# --- pipes ----------------------------------------------------------------------------------------------------------


def _send(target: int, payload: bytes) -> None:
    view = memoryview(wire.frame(payload))
    while view:
        view = view[os.write(target, view) :]


# --- rights and limits ----------------------------------------------------------------------------------------------


def _end_with_parent(parent: int) -> None:
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole group; the pipe tells us
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)


def _preload() -> None:
    """Load everything that would be opened later: there will be no descriptors for it."""
    pdf.preload()
    picture_codes.preload()
    for codec in (*charset.CODECS, "latin_1", "ascii", "utf_16_le", "utf_16_be"):
        codecs.lookup(codec)
        codecs.getincrementaldecoder(codec)
    for sample in (b"", b"<p>x</p>", b"{\\rtf1 x}", b"%PDF-1.4\n", b"PK\x05\x06" + bytes(18)):
        extract(sample, "text/html" if sample.startswith(b"<") else "")
        file_signs.dissect(sample)
        layout(sample)
    for kind in ("text/html", "text/plain"):
        body_view(BodyTask(kind, "quoted-printable", "utf-8"), b"<p style='color:red'>x")
    picture_codes.codes_in(_PICTURE)
    portrait.preload()
    views.preload()
    gc.collect()
    gc.freeze()


def _give_up_rights() -> None:
    with suppress(OSError):
        os.nice(_NICENESS)
    confinement.confine_parser()  # before descriptors are at an end: Landlock needs one
    for limit, value in (
        (resource.RLIMIT_AS, MEMORY_OCTETS),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        with suppress(OSError, ValueError):
            resource.setrlimit(limit, (value, value))


class _Peak:
    """The most memory that this process has held. Made while there are still descriptors to be had.

    Not ru_maxrss: Linux carries that of the parent over into the child, and a parent may be large.
    """

    def __init__(self) -> None:
        try:
            self._status: int | None = os.open("/proc/self/status", os.O_RDONLY)
        except OSError:
            self._status = None

    def kib(self) -> int:
        """Return it in KiB."""
        if self._status is not None:
            found = re.search(rb"VmHWM:\s*([0-9]+) kB", os.pread(self._status, 8192, 0))
            if found is not None:
                return int(found[1])
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _limit_processor(seconds: float) -> None:
    """Let the kernel end this process after `seconds` more of the processor, whatever it is doing."""
    used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CPU, (int(used + seconds) + 1, resource.RLIM_INFINITY))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
