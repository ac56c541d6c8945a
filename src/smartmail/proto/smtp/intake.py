"""One message on its way in: size, faults and how much was swallowed after a fault."""

from smartmail.proto.smtp import replies
from smartmail.proto.smtp.data import ChunkDecoder, DataDecoder
from smartmail.proto.smtp.reply import Reply


class Intake:
    """Content passes through `take`; the first fault found stops it and is told once by `news`.

    `size` counts as RFC 1870 §3 does: with line ends, without stuffed dots and the end of data.
    """

    __slots__ = ("_decoder", "_limit", "_told", "fault", "size", "swallowed")

    def __init__(self, decoder: DataDecoder | ChunkDecoder, limit: int) -> None:
        self._decoder = decoder
        self._limit = limit
        self._told = False
        self.fault: Reply | None = None
        self.size = 0
        self.swallowed = 0

    def take(self, data: bytes) -> bytes:
        """Take octets from the wire, return content for the driver."""
        content = self._decoder.feed(data)
        if self.fault is None:
            self.size += len(content)
            self._judge()
        if self.fault is None:
            return content
        self.swallowed += len(data)
        return b""

    def _judge(self) -> None:
        if self._decoder.bare:
            self.fault = replies.BARE_DATA
        elif self._limit and self.size > self._limit:
            self.fault = replies.TOO_LARGE

    def finish(self) -> None:
        """The last octet came (BDAT LAST)."""
        if isinstance(self._decoder, ChunkDecoder):
            self._decoder.finish()
        if self.fault is None:
            self._judge()

    def refuse(self, reply: Reply) -> None:
        """The driver cannot take more of it (a full disk); it knows, so there is no news."""
        self.fault = self.fault or reply
        self._told = True

    def news(self) -> Reply | None:
        """Return the fault when it is known for the first time."""
        if self.fault is None or self._told:
            return None
        self._told = True
        return self.fault
