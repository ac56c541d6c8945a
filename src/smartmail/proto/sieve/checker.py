"""From the tree to a program: every command and test is known, allowed by `require`, and has the right arguments.

What can be judged before a message comes is judged here (RFC 5228 §2.10.3), so that a person hears of a mistake when
the script is saved. With `ihave` what is unknown fails when it is reached (RFC 5463 §4).
"""

from collections.abc import Callable, Iterator, Sequence

from smartmail.proto.sieve import literals
from smartmail.proto.sieve.limits import PROBLEMS, REGEX_CHARACTERS
from smartmail.proto.sieve.parser import parse
from smartmail.proto.sieve.problems import Problem, SieveError, fail
from smartmail.proto.sieve.program import BODY_WORDS, Code, Include, Node, Text, Value
from smartmail.proto.sieve.registry import COMMANDS, EXTENSIONS, IMPLIED, TESTS, Arg, Spec, TagSpec
from smartmail.proto.sieve.strings import decode_characters, template
from smartmail.proto.sieve.syntax import Argument, Command, Number, Strings, Tag, Test

FAULT = "#fault"
"""Name of the node that stands for something unknown in a script with `ihave`."""


def compile_script(script: bytes) -> tuple[Code | None, tuple[Problem, ...]]:
    """Return the code of a script, or None and what is wrong with it. Raises nothing."""
    try:
        tree = parse(script)
    except SieveError as error:
        return None, (error.problem,)
    checker = _Checker()
    body = checker.script(tree)
    if checker.problems:
        return None, tuple(checker.problems)
    return checker.code(body), ()


class _Checker:
    """One walk over a tree."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._required: set[str] = set()
        self._includes: dict[Include, None] = {}
        self._uses: set[str] = set()
        self._regex = 0  # characters of all regular expressions
        self._loops: list[str] = []  # names of the foreverypart blocks that we are in

    def code(self, body: tuple[Node, ...]) -> Code:
        return Code(body, frozenset(self._required), tuple(self._includes), frozenset(self._uses))

    def script(self, commands: Sequence[Command]) -> tuple[Node, ...]:
        start = 0
        for command in commands:
            if command.name != "require":
                break
            start += 1
            self._guard(self._require, command)
        return self._block(commands[start:])

    def _guard(self, check: Callable[[Command], Node | None], command: Command) -> Node | None:
        """Run a check; a mistake is noted and the walk goes on."""
        try:
            return check(command)
        except SieveError as error:
            if len(self.problems) < PROBLEMS:
                self.problems.append(error.problem)
            return None

    # ── require ───────────────────────────────────────────────────────────────────────────────────────────────

    def _require(self, command: Command) -> None:
        spec = COMMANDS["require"]
        values, _tags = self._arguments(command, spec)
        _shape(command, spec)
        for name in values[0] if isinstance(values[0], tuple) else ():
            if name not in EXTENSIONS:
                raise fail("extension", command.at, name=name)
            self._enable(str(name))

    def _enable(self, name: str) -> None:
        self._required |= {name, *IMPLIED.get(name, ())}

    def _has(self, extension: str) -> bool:
        return not extension or extension in self._required

    # ── commands ──────────────────────────────────────────────────────────────────────────────────────────────

    def _block(self, commands: Sequence[Command]) -> tuple[Node, ...]:
        nodes: list[Node] = []
        index = 0
        while index < len(commands):
            command = commands[index]
            if command.name == "if":
                chain = [command, *_followers(commands, index + 1)]
                index += len(chain)
                nodes.append(self._chain(chain))
                continue
            index += 1
            node = self._guard(self._command, command)
            if node is not None:
                nodes.append(node)
        return tuple(nodes)

    def _chain(self, commands: Sequence[Command]) -> Node:
        found: list[tuple[Node | None, tuple[Node, ...]]] = []
        self._uses.add("if")
        for command in commands:
            test: list[Node] = []

            def check(command: Command, test: list[Node] = test) -> None:
                spec = COMMANDS[command.name]
                self._arguments(command, spec)
                _shape(command, spec)
                test += [self._test(one) for one in command.tests]

            self._guard(check, command)
            found.append((test[0] if test else None, self._block(command.block or ())))
        return Node("if", chain=tuple(found), at=commands[0].at)

    def _command(self, command: Command) -> Node:
        spec = COMMANDS.get(command.name)
        if spec is None or not self._has(spec.extension):
            return self._unknown(command.name, "command", spec, command.at)
        if command.name in {"require", "elsif", "else"}:
            key = "require-first" if command.name == "require" else "behind-if"
            raise fail(key, command.at, word=command.name)
        values, tags = self._arguments(command, spec)
        _shape(command, spec)
        self._uses |= {command.name, *(tags.keys() & {"list"})}
        node = Node(command.name, values, tags, at=command.at)
        self._special(node)
        if not spec.block:
            return node
        name = tags.get("name", "")
        self._loops.append(name if isinstance(name, str) else "")
        block = self._block(command.block or ())
        self._loops.pop()
        return Node(command.name, values, tags, block=block, at=command.at)

    def _unknown(self, name: str, kind: str, spec: Spec | None, at: tuple[int, int]) -> Node:
        error = (
            fail(f"unknown-{kind}", at, name=name)
            if spec is None
            else fail("require", at, word=name, extension=spec.extension)
        )
        if "ihave" not in self._required:
            raise error
        return Node(FAULT, fault=error.problem, at=at)

    def _special(self, node: Node) -> None:
        """Judge what tables cannot say."""
        if node.name == "include":
            self._include(node)
        elif node.name in {"break", "extracttext"} and not self._loops:
            raise fail("loop-only", node.at, word=node.name)
        elif node.name == "break" and node.tags.get("name", "") not in {"", *self._loops}:
            raise fail("loop-name", node.at)
        elif _names_variable(node) and not self._has("variables"):
            raise fail("require", node.at, word=node.name, extension="variables")
        literals.judge(node, self._has)

    def _include(self, node: Node) -> None:
        name = node.values[0]
        if not isinstance(name, str):
            raise fail("constant", node.at, word=node.name)
        self._includes[Include("global" if "global" in node.tags else "personal", name)] = None

    # ── tests ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _test(self, test: Test) -> Node:
        spec = TESTS.get(test.name)
        if spec is None or not self._has(spec.extension):
            return self._unknown(test.name, "test", spec, test.at)
        values, tags = self._arguments(test, spec)
        _shape(test, spec)
        self._uses.add(test.name)
        self._uses |= tags.keys() & {*BODY_WORDS, "list"}
        node = Node(test.name, values, tags, tuple(self._test(one) for one in test.tests), at=test.at)
        if test.name == "ihave":
            self._ihave(node)
        if "regex" in tags:
            self._count_regex(node)
        literals.judge_test(node, self._has)
        return node

    def _count_regex(self, node: Node) -> None:
        patterns = node.values[-1] if isinstance(node.values[-1], tuple) else ()
        self._regex += sum(len(one) for one in patterns if isinstance(one, str))
        if self._regex > REGEX_CHARACTERS:
            raise fail("regex-size", node.at, limit=REGEX_CHARACTERS)

    def _ihave(self, node: Node) -> None:
        """RFC 5463 §3: what the test names may be used behind it as if it had been required."""
        names = node.values[0] if isinstance(node.values[0], tuple) else ()
        if any(not isinstance(name, str) for name in names):
            raise fail("constant", node.at, word=node.name)
        if all(name in EXTENSIONS for name in names):
            for name in names:
                self._enable(str(name))

    # ── arguments ─────────────────────────────────────────────────────────────────────────────────────────────

    def _arguments(self, node: Command | Test, spec: Spec) -> tuple[tuple[Value, ...], dict[str, Value]]:
        tags: dict[str, Value] = {}
        rest: list[Argument] = []
        groups: dict[str, str] = {}
        source = iter(node.arguments)
        for argument in source:
            if not isinstance(argument, Tag):
                rest.append(argument)
                continue
            if rest:
                # RFC 5228 §2.6.2: tagged arguments stand before positional ones.
                raise fail("tag-late", argument.at, tag=argument.name)
            found = self._tag_spec(node, spec, argument)
            if argument.name in tags:
                raise fail("tag-twice", argument.at, tag=argument.name)
            other = groups.setdefault(found.group or f":{argument.name}", argument.name)
            if other != argument.name:
                raise fail("tags-exclude", argument.at, tag=argument.name, other=other)
            tags[argument.name] = self._tag_value(argument, found, source)
        if spec.needs and not tags.keys() & set(spec.needs):
            raise fail("needs-one-of", node.at, word=node.name, tags=", ".join(f":{one}" for one in spec.needs))
        return self._values(node, spec, rest), tags

    def _tag_spec(self, node: Command | Test, spec: Spec, tag: Tag) -> TagSpec:
        found = spec.tags.get(tag.name)
        if found is None:
            raise fail("no-tag", tag.at, word=node.name, tag=tag.name)
        if not self._has(found.extension):
            raise fail("require", tag.at, word=f":{tag.name}", extension=found.extension)
        return found

    def _tag_value(self, tag: Tag, spec: TagSpec, source: Iterator[Argument]) -> Value:
        if spec.value is Arg.NONE:
            return True
        argument = next(source, None)
        if argument is None or isinstance(argument, Tag):
            raise fail(spec.value.value, tag.at, word=f":{tag.name}")
        return self._value(argument, spec.value, f":{tag.name}")

    def _values(self, node: Command | Test, spec: Spec, given: list[Argument]) -> tuple[Value, ...]:
        wanted = spec.values
        if spec.leading is not None and len(given) == len(wanted) + 1:
            wanted = (spec.leading, *wanted)
        elif spec.trailing is not None and len(given) == len(wanted) + 1:
            wanted = (*wanted, spec.trailing)
        if len(given) != len(wanted):
            raise fail("arguments", node.at, word=node.name, wanted=len(wanted), given=len(given))
        return tuple(self._value(one, kind, node.name) for one, kind in zip(given, wanted, strict=True))

    def _value(self, argument: Argument, kind: Arg, owner: str) -> Value:
        if isinstance(argument, Number) and kind is Arg.NUMBER:
            return argument.value
        if (
            isinstance(argument, Strings)
            and kind in {Arg.STRING, Arg.STRINGS}
            and not (kind is Arg.STRING and not argument.single)
        ):
            texts = tuple(self._text(value, argument) for value in argument.values)
            return texts[0] if kind is Arg.STRING else texts
        raise fail(kind.value, argument.at, word=owner)

    def _text(self, value: str, argument: Strings) -> Text:
        if "encoded-character" in self._required:
            value = decode_characters(value, argument.at)
        return template(value, argument.at) if "variables" in self._required else value


def _names_variable(node: Node) -> bool:
    if node.name in {"setflag", "addflag", "removeflag"}:
        return len(node.values) > 1
    return node.name in {"global", "extracttext"}


def _followers(commands: Sequence[Command], start: int) -> list[Command]:
    """Return the elsif and else commands that belong to an if."""
    found: list[Command] = []
    for command in commands[start:]:
        if command.name not in {"elsif", "else"}:
            break
        found.append(command)
        if command.name == "else":
            break
    return found


def _shape(node: Command | Test, spec: Spec) -> None:
    """Judge tests and block: how many, and whether any may be there."""
    if isinstance(node, Command) and (node.block is not None) != spec.block:
        raise fail("block" if spec.block else "no-block", node.at, word=node.name)
    if spec.tests < 0:
        if not node.listed:
            raise fail("test-list", node.at, word=node.name)
    elif len(node.tests) != spec.tests or node.listed:
        raise fail("one-test" if spec.tests else "no-test", node.at, word=node.name)
