"""The built web apps: hashed files for ever, the page itself asked for anew each time.

Files are read once at start; nothing outside the build is ever served.
"""

import gzip
import mimetypes
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from smartmail.edge.httpd.plain_pages import language_of
from smartmail.edge.httpd.security import COOKIE
from smartmail.edge.httpd.wire import Answer, Request

_IMMUTABLE = "public, max-age=31536000, immutable"
_WORDS = re.compile(r"/assets/(ko|en|ja|zh-Hans|zh-Hant)-[\w-]{8}\.js")
"""The first words of a language, as the bundler names them."""
_OUTSIDE = re.compile(r"/assets/outside-[\w-]{8}\.(js|css)")
"""The screens of who is not in, as the bundler names them (`web/webmail/vite.config.ts`)."""
_AHEAD = {"js": "rel=modulepreload", "css": "rel=preload; as=style; crossorigin"}
_TYPES = {".js": "text/javascript; charset=utf-8", ".mjs": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".html": "text/html; charset=utf-8",
          ".svg": "image/svg+xml", ".webmanifest": "application/manifest+json", ".json": "application/json"}  # fmt: skip


NOT_BUILT = (
    b"The webmail has not been built yet. Start the server with ./smartmail serve, which builds it, "
    b"or run: npm --prefix web run build\n"
)


@dataclass(frozen=True, slots=True)
class _Asset:
    octets: bytes
    packed: bytes
    content_type: str
    cache: str


class Assets:
    """One app's files. Paths that are no file get the page: the app routes itself."""

    def __init__(self, root: Path, session: str = "") -> None:
        """Read the files. `session`: where the app asks who is signed in."""
        self._session = session
        self._files: dict[str, _Asset] = {}
        if root.is_dir():
            for path in sorted(root.rglob("*")):
                name = path.relative_to(root).as_posix()
                # Names with a dot in front are the bundler's own notes.
                if path.is_file() and not any(part.startswith(".") for part in name.split("/")):
                    self._files[f"/{name}"] = _load(path, name)

        found = (_WORDS.fullmatch(name) for name in self._files)
        self._words = {match[1]: match[0] for match in found if match}
        self._outside = [f"<{name}>; {_AHEAD[match[1]]}" for name in self._files if (match := _OUTSIDE.fullmatch(name))]

    @property
    def built(self) -> bool:
        """Say whether the app was built."""
        return "/index.html" in self._files

    async def serve(self, request: Request, answer: Answer) -> None:
        """Answer a GET with a file or the page."""
        if not self.built:
            await answer.whole(503, NOT_BUILT, "text/plain; charset=utf-8", [("retry-after", "60")])
            return
        asset = self._files.get(request.path) or self._page(request.path)
        if asset is None:
            await answer.whole(404, b"not found\n", "text/plain; charset=utf-8")
            return
        headers = [("cache-control", asset.cache), ("vary", "accept-encoding, accept-language, cookie")]
        if asset is self._files["/index.html"]:
            headers += [("link", one) for one in self._ahead(request)]
        if asset.packed and "gzip" in request.header("accept-encoding"):
            await answer.whole(200, asset.packed, asset.content_type, [*headers, ("content-encoding", "gzip")])
        else:
            await answer.whole(200, asset.octets, asset.content_type, headers)

    def _ahead(self, request: Request) -> Iterator[str]:
        """Yield what the page asks for as soon as its script runs, so that it is on its way before (RFC 8288 §3)."""
        if words := self._words.get(language_of(request.header("accept-language"))):
            yield f"<{words}>; rel=modulepreload"
        if not request.cookie(COOKIE):
            yield from self._outside
        elif self._session:
            yield f"<{self._session}>; rel=preload; as=fetch; crossorigin"

    def _page(self, path: str) -> _Asset | None:
        """Return the page for a route of the app: `/setup` has its own, all else without a dot the main one."""
        if "." in path.rsplit("/", 1)[-1]:
            return None
        return self._files.get(f"{path.rstrip('/')}.html") or self._files.get("/index.html")


def _load(path: Path, name: str) -> _Asset:
    octets = path.read_bytes()
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    packed = gzip.compress(octets, 9, mtime=0) if kind.startswith(("text/", "application/j", "image/svg")) else b""
    cache = _IMMUTABLE if name.startswith("assets/") else "no-cache"
    return _Asset(octets, packed, kind, cache)
