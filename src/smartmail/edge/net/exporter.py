"""The tls-exporter channel binding of a TLS 1.3 connection (RFC 9266), which Python's `ssl` does not hand out.

STRATEGIES  OpenSSL is asked directly, through the very library that `ssl` is linked with. The connection's handle is read
            out of the object that CPython keeps it in. That object's layout is no promise: before the handle is used, its
            neighbours must be what they are in the layouts known (no socket before it, our own context behind it).
FAILURE     b"": another layout, a library linked in without its names, no TLS 1.3. Logins are then not bound.
"""

import _ssl
import ctypes
import ssl
from typing import Any, Final

OCTETS: Final = 32
LABEL: Final = b"EXPORTER-Channel-Binding"

_WORD: Final = ctypes.sizeof(ctypes.c_void_p)
_HEAD: Final = object.__basicsize__


def _library() -> Any:
    """Return OpenSSL's function, None where it cannot be had."""
    try:
        export = ctypes.CDLL(_ssl.__file__).SSL_export_keying_material
    except (AttributeError, OSError):
        return None
    export.restype = ctypes.c_int
    size, text = ctypes.c_size_t, ctypes.c_char_p
    export.argtypes = [ctypes.c_void_p, text, size, text, size, text, size, ctypes.c_int]
    return export


_export: Final = _library()


def tls_exporter(connection: ssl.SSLObject) -> bytes:
    """Return the octets that this connection's two ends share and nobody else has; only after the handshake."""
    handle = _handle(connection)
    if _export is None or handle is None or connection.version() != "TLSv1.3":
        return b""
    octets = ctypes.create_string_buffer(OCTETS)
    # RFC 9266 §2: the context is there and empty.
    done = _export(handle, octets, OCTETS, LABEL, len(LABEL), b"", 0, 1)
    return octets.raw if done == 1 else b""


def _handle(connection: ssl.SSLObject) -> int | None:
    """Return the address of OpenSSL's SSL, None when the object does not look as expected."""
    inner = getattr(connection, "_sslobj", None)
    if inner is None or type(inner).__basicsize__ < _HEAD + 3 * _WORD:
        return None
    socket, handle, context = (ctypes.c_void_p * 3).from_address(id(inner) + _HEAD)
    return handle if socket is None and context == id(connection.context) else None
