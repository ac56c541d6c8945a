"""Shapes of our own Department methods: the tree of a company (조직도) and who is in a department."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct

from smartmail.proto.jmap.core import Answer, Arguments, Id


class DepartmentArguments(Arguments, frozen=True, kw_only=True):
    """`collation`: how departments stand that nobody put in an order."""

    collation: str | None = None


class DepartmentObject(Struct, frozen=True, rename="camel", kw_only=True):
    """A department; `parentId` null: it hangs at the top; `people`: how many are in it and in those below it."""

    id: str
    parent_id: str | None
    name: str
    depth: int
    people: int


class DepartmentAnswer(Answer, frozen=True, kw_only=True):
    """Department/query: the objects themselves, in the order of the tree; `own`: where the person sits, the primary seat
    first.
    """

    company: str
    own: Sequence[str]
    list: Sequence[DepartmentObject]


class PeopleArguments(Arguments, frozen=True, kw_only=True):
    """`below`: those of the departments below as well; `collation`: how names stand among people of one title."""

    id: Id
    below: bool = False
    collation: str | None = None
    position: Annotated[int, Meta(ge=0)] = 0
    limit: Annotated[int, Meta(ge=1, le=1000)] = 1000


class DepartmentPerson(Struct, frozen=True, rename="camel", kw_only=True):
    """Somebody in a department; `id` is that of the principal."""

    id: str
    name: str
    email: str
    department: str
    title: str


class PeopleAnswer(Answer, frozen=True, kw_only=True):
    """Department/people: the objects themselves; `total` counts all of them."""

    position: int
    total: int
    list: Sequence[DepartmentPerson]
