"""How an operation is said on the command line: noun, verb, arguments, fixed values."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from msgspec import inspect

from smartmail.app.cli.operations.fields import Field, fields_of, opened
from smartmail.edge.httpd.admin.operation import Operation


@dataclass(frozen=True)
class Command:
    """One command of one operation. `arguments` are names of fields without an option, `fixed` values,
    `options` what else may be given with these.
    """

    noun: str
    verb: str
    operation: Operation
    arguments: tuple[str, ...] = ()
    fixed: dict[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        """Return the name of the object that says what the command is about (`marks`), "" where there is none."""
        fields = fields_of(self.operation.body)
        return next((one.name for one in fields if one.required and isinstance(one.kind, inspect.StructType)), "")

    @cached_property
    def query(self) -> tuple[Field, ...]:
        """Return the fields of the query that may be given."""
        return self._offered(self.operation.query)

    @cached_property
    def body(self) -> tuple[Field, ...]:
        """Return the fields of the body that may be given."""
        return self._offered(self.operation.body)

    def _offered(self, kind: object) -> tuple[Field, ...]:
        # What is fixed is a word for one change: the other fields belong to the command that takes them all.
        named = {*self.arguments, *self.options}
        free = [one for one in fields_of(kind) if one.name not in self.fixed]
        return opened([one for one in free if not self.fixed or one.required or one.name in named])


def commands_of(operation: Operation) -> Iterator[Command]:
    """Yield the commands of an operation."""
    for text in operation.commands:
        noun, verb, *rest = text.split()
        fixed = dict(word.split("=", 1) for word in rest if "=" in word)
        options = tuple(word.removeprefix("--") for word in rest if word.startswith("--"))
        arguments = tuple(word for word in rest if "=" not in word and not word.startswith("--"))
        yield Command(noun, verb, operation, arguments, fixed, options)


def commands_under(noun: str, operations: Sequence[Operation]) -> dict[str, Command]:
    """Return the commands of a noun by verb. Raises ValueError: one is there twice."""
    found: dict[str, Command] = {}
    for operation in operations:
        for one in commands_of(operation):
            if one.noun == noun:
                if one.verb in found:
                    raise ValueError(f"two operations are {noun} {one.verb}")
                found[one.verb] = one
    return found
