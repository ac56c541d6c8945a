"""rspamd by HTTP: `POST /checkv2` (rspamd's protocol documentation), for those who want its judgement beside ours."""

from collections.abc import AsyncIterator
from typing import Any, Final

import httpcore
import msgspec

from smartmail.adapters.scan.connecting import host_and_port
from smartmail.ports.scan import EngineInfo, Octets, ScanAction, ScanEnvelope, ScanFailed, ScanVerdict

PORT: Final = 11333
MAX_ANSWER: Final = 1 << 20
_ACTIONS: Final[dict[str, ScanAction]] = {
    "no action": "", "greylist": "", "add header": "junk", "rewrite subject": "junk", "soft reject": "defer", "reject": "reject",
}  # fmt: skip


class Rspamd:
    """Implements Scanner. Connections are kept."""

    def __init__(self, address: str) -> None:
        address = address.removeprefix("http://").rstrip("/")
        self._path = address if address.startswith("/") else None
        host, port = ("localhost", PORT) if self._path else host_and_port(address, PORT)
        self._url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        self._pool = httpcore.AsyncConnectionPool(max_connections=16, keepalive_expiry=30.0, uds=self._path)

    async def scan(self, size: int, octets: Octets, envelope: ScanEnvelope) -> ScanVerdict:
        """Return the verdict. Raises ScanFailed."""
        headers = [(b"Content-Length", str(size).encode())]
        for name, value in (("From", envelope.sender), ("IP", envelope.address), ("Helo", envelope.helo)):
            headers += [(name.encode(), _value(value))] if value else []
        headers += [(b"Rcpt", _value(one)) for one in envelope.recipients[:100]]
        found = await self._ask("POST", "/checkv2", headers, octets())
        if not isinstance(found, dict) or not isinstance(found.get("score"), int | float):
            raise ScanFailed("no verdict in the answer")
        return _verdict(found)

    async def info(self) -> EngineInfo:
        """Ask whether it lives. Raises ScanFailed."""
        found = await self._ask("GET", "/ping", [], None)
        return EngineInfo(f"rspamd ({str(found).strip()[:40]})")

    async def _ask(
        self, method: str, path: str, headers: list[tuple[bytes, bytes]], body: AsyncIterator[bytes] | None
    ) -> Any:
        try:
            async with self._pool.stream(
                method, self._url + path, headers=[(b"Host", b"rspamd"), *headers], content=body,
                extensions={"timeout": {"connect": 3.0, "read": 30.0, "write": 30.0, "pool": 10.0}},
            ) as answer:  # fmt: skip
                kept = bytearray()
                async for piece in answer.aiter_stream():
                    kept += piece
                    if len(kept) > MAX_ANSWER:
                        raise ScanFailed("too long an answer")
                if answer.status != 200:
                    raise ScanFailed(f"HTTP {answer.status}")
        except (
            httpcore.NetworkError,
            httpcore.TimeoutException,
            httpcore.ProtocolError,
            httpcore.UnsupportedProtocol,
            OSError,
        ) as error:
            raise ScanFailed(type(error).__name__) from error
        if method == "GET":
            return bytes(kept[:100]).decode("utf-8", "replace")
        try:
            return msgspec.json.decode(kept)
        except (msgspec.MsgspecError, ValueError) as error:
            raise ScanFailed("no JSON") from error


def _value(text: str) -> bytes:
    return "".join(one for one in text if one.isprintable()).encode("utf-8", "replace")[:500]


def _verdict(found: dict[str, Any]) -> ScanVerdict:
    symbols = found.get("symbols")
    told = []
    for name, facts in symbols.items() if isinstance(symbols, dict) else ():
        score = facts.get("score") if isinstance(facts, dict) else None
        if isinstance(name, str) and isinstance(score, int | float) and score:
            told.append((name[:60], float(score)))
    told.sort(key=lambda one: -abs(one[1]))
    action = _ACTIONS.get(str(found.get("action", "")), "")
    return ScanVerdict(action=action, score=float(found["score"]), symbols=tuple(told[:20]))
