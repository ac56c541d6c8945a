"""A receiver that takes everything: prints the time and the Subject of each message, for benchmarks of senders.

    python tests/bench/smtp_sink.py PORT [DELAY_MS]

DELAY_MS stands before every reply, as the way to a far host does.
"""

import asyncio
import sys
import time

_REPLIES = {
    b"EHLO": b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 0\r\n",
    b"MAIL": b"250 2.1.0 ok\r\n",
    b"RCPT": b"250 2.1.5 ok\r\n",
    b"RSET": b"250 2.0.0 ok\r\n",
    b"QUIT": b"221 2.0.0 bye\r\n",
    b"DATA": b"354 go\r\n",
}


class Sink(asyncio.Protocol):
    """One connection. Replies to what came together go out together."""

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self._buffer = b""
        self._in_data = False
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._say(b"220 sink ESMTP\r\n")

    def _say(self, octets: bytes) -> None:
        if self._delay:
            asyncio.get_running_loop().call_later(self._delay, self._transport.write, octets)
        else:
            self._transport.write(octets)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        out = []
        while (reply := self._next()) is not None:
            out.append(reply)
        if out:
            self._say(b"".join(out))

    def _next(self) -> bytes | None:
        if self._in_data:
            end = self._buffer.find(b"\r\n.\r\n")
            if end < 0:
                return None
            message, self._buffer = self._buffer[:end], self._buffer[end + 5 :]
            self._in_data = False
            at = message.find(b"Subject: ")
            subject = message[at + 9 : message.find(b"\r\n", at)].decode("ascii", "replace")
            sys.stdout.write(f"{time.monotonic():.6f} {subject}\n")
            return b"250 2.0.0 taken\r\n"
        line, found, rest = self._buffer.partition(b"\r\n")
        if not found:
            return None
        self._buffer = rest
        verb = line[:4].upper()
        self._in_data = verb == b"DATA"
        return _REPLIES.get(verb, b"500 5.5.1 what\r\n")


async def main() -> None:
    delay = float(sys.argv[2]) / 1000 if len(sys.argv) > 2 else 0.0
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Sink(delay), "127.0.0.1", int(sys.argv[1]), backlog=1024)
    sys.stdout.write("ready\n")
    while True:
        sys.stdout.flush()
        await asyncio.sleep(0.02)
    server.close()


if __name__ == "__main__":
    asyncio.run(main())
