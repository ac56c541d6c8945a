"""What attached files could do: what the filter calls. The implementation parses hostile octets in killable children."""

from typing import Protocol

from smartmail.formats.file_names import FileSign


class Dissector(Protocol):
    """Opens files and tells what is in them."""

    async def signs_of(self, media_type: str, name: str, octets: bytes) -> tuple[FileSign, ...]:
        """Return the signs of a file. One that its child could not bear has the sign `unbounded`. Raises Unavailable when
        no child can be started.
        """
        ...


class NoDissector:
    """Opens nothing: for processes without children."""

    async def signs_of(self, media_type: str, name: str, octets: bytes) -> tuple[FileSign, ...]:
        """Return nothing."""
        return ()
