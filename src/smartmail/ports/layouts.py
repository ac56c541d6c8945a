"""What documents look like and what is in them: hostile octets, read in killable children (adapters.extraction)."""

from typing import Protocol

from smartmail.formats.body_view import BodyTask, BodyView
from smartmail.formats.layout.inside import Opened
from smartmail.formats.layout.model import Layout, View


class LayoutReader(Protocol):
    """Reads files for the eyes. Never raises for what the octets hold; raises Unavailable when no child can be started."""

    async def layout_of(self, media_type: str, name: str, octets: bytes) -> Layout | None:
        """Return what a file looks like; None for what has no layout here. One that was cut off says why."""
        ...

    async def file_inside(self, media_type: str, name: str, octets: bytes, path: tuple[int, ...]) -> Opened | None:
        """Return the file inside that a path of numbers leads to; None where there is none that can be opened."""
        ...

    async def view_of(self, media_type: str, name: str, octets: bytes, mark: str, first: int) -> View | None:
        """Return what may be seen of a file by somebody who does not get it, from page `first` on, with `mark` burnt into its
        pictures; None for what has neither pages nor a layout.
        """
        ...


class BodyReader(Protocol):
    """Reads text parts of messages for the eyes."""

    async def body_of(self, task: BodyTask, octets: bytes) -> BodyView | None:
        """Return a part as safe HTML; None for one that took more than it may. Cancelling it ends the child's work.

        Never raises for what the octets hold; raises Unavailable when no child can be started.
        """
        ...
