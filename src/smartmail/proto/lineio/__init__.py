"""Lines and literals out of a byte stream, with limits."""

from smartmail.proto.lineio.buffer import LineBuffer, LineFault
from smartmail.proto.lineio.errors import LocalProtocolError

__all__ = ["LineBuffer", "LineFault", "LocalProtocolError"]
