"""A screen on which Korean is typed as people do: an X server, a window manager, ibus with the Hangul engine.

Keys are pressed at the X server; the input method turns them into syllables in whatever window has the focus.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.e2e.engines import program

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Iterator

_READY_S = 120.0
# The two-set layout: what stands on the keys of a Korean keyboard.
HANGUL = "gksrmf"
"""한글"""
KIM = "rla"
"""김"""
_INITIALS = ("r", "R", "s", "e", "E", "f", "a", "q", "Q", "t", "T", "d", "w", "W", "c", "z", "x", "v", "g")
_VOWELS = (
    "k", "o", "i", "O", "j", "p", "u", "P", "h", "hk", "ho", "hl", "y", "n", "nj", "np", "nl", "b", "m", "ml", "l",
)  # fmt: skip
_FINALS = (
    "", "r", "R", "rt", "s", "sw", "sg", "e", "f", "fr", "fa", "fq", "ft", "fx", "fv", "fg", "a", "q", "qt", "t", "T",
    "d", "w", "c", "z", "x", "v", "g",
)  # fmt: skip
_CONSONANTS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_FIRST_SYLLABLE = ord("가")


def on_keys(text: str) -> str:
    """The keys of whole syllables and of consonants that stand by themselves."""
    keys = []
    for sign in text:
        if sign in _CONSONANTS:
            keys.append(_INITIALS[_CONSONANTS.index(sign)])
            continue
        rest, final = divmod(ord(sign) - _FIRST_SYLLABLE, len(_FINALS))
        initial, vowel = divmod(rest, len(_VOWELS))
        keys.append(_INITIALS[initial] + _VOWELS[vowel] + _FINALS[final])
    return "".join(keys)


@dataclass(frozen=True)
class KoreanScreen:
    """A screen with its keyboard. `environment` is what a browser on it is started with."""

    environment: dict[str, str]

    def press(self, *keys: str) -> None:
        """Press keys one after the other, as fast as somebody who types well."""
        self._run("xdotool", "key", "--delay", "60", *keys)

    def type(self, letters: str) -> None:
        """Press the keys of these letters."""
        self.press(*letters)

    def switch(self) -> None:
        """Between Latin and Hangul, as the keyboard of a Korean desktop is set."""
        self.press("shift+space")

    def touch(self) -> None:
        """Press the mouse in the middle of the screen."""
        self._run("xdotool", "mousemove", "800", "500", "click", "1")

    def _run(self, *words: str) -> str:
        done = subprocess.run(
            [program(words[0]), *words[1:]],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        return done.stdout


@contextlib.contextmanager
def korean_screen(home: pathlib.Path, display: str) -> Iterator[KoreanScreen]:
    """Make a display type Korean; everything that was started ends with it."""
    runtime = home / "runtime"
    runtime.mkdir(mode=0o700, parents=True)
    environment = {
        **os.environ, "DISPLAY": display, "HOME": str(home), "XDG_RUNTIME_DIR": str(runtime), "XDG_CONFIG_HOME": str(home / "config"),
        "GTK_IM_MODULE": "ibus", "XMODIFIERS": "@im=ibus", "GDK_BACKEND": "x11", "LANGUAGE": "ko", "NO_AT_BRIDGE": "1",
    }  # fmt: skip
    environment.pop("WAYLAND_DISPLAY", None)
    with contextlib.ExitStack() as stack:
        bus = _started(
            stack, environment, "dbus-daemon", "--session", "--nofork", "--print-address", stdout=subprocess.PIPE
        )
        assert bus.stdout is not None
        environment["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().strip()
        # Escape leaves Hangul on, as it does on Windows: what it does to a page is then seen with Hangul on.
        for key, value in (("hangul-keyboard", "'2'"), ("off-keys", "''")):
            setting = ["set", "org.freedesktop.ibus.engine.hangul", key, value]
            subprocess.run([program("gsettings"), *setting], env=environment, check=True, timeout=120)
        _started(stack, environment, "matchbox-window-manager", "-use_titlebar", "no")
        _started(stack, environment, "ibus-daemon", "--xim", "--replace", "--panel=disable")
        _until_hangul(environment)
        yield KoreanScreen(environment)


def _until_hangul(environment: dict[str, str]) -> None:
    """The daemon needs a moment until it knows its engines."""
    deadline = time.monotonic() + _READY_S
    while True:
        subprocess.run(
            [program("ibus"), "engine", "hangul"], env=environment, capture_output=True, timeout=120, check=False
        )
        asked = subprocess.run(
            [program("ibus"), "engine"], env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        if asked.stdout.strip() == "hangul":
            return
        assert time.monotonic() < deadline, asked.stderr
        time.sleep(0.2)


def _started(
    stack: contextlib.ExitStack, environment: dict[str, str], name: str, *words: str, stdout: int = subprocess.DEVNULL
) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [program(name), *words], env=environment, stdout=stdout, stderr=subprocess.DEVNULL, text=True
    )

    def end() -> None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
            return
        process.kill()
        process.wait()

    stack.callback(end)
    return process
