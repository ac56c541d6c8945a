"""From tokens to the tree (RFC 5228 §8.2). Knows the grammar only: commands and tests are looked at by the checker."""

from collections.abc import Iterator

from smartmail.proto.sieve.lexer import Kind, Token, decode, tokens
from smartmail.proto.sieve.limits import NESTING
from smartmail.proto.sieve.problems import SieveError, fail
from smartmail.proto.sieve.syntax import Argument, Command, Number, Script, Strings, Tag, Test


def parse(script: bytes) -> Script:
    """Return the tree of a script. Raises SieveError."""
    return _Parser(tokens(decode(script))).script()


class _Parser:
    """Recursive descent with one token of look-ahead; depth is bounded by NESTING."""

    def __init__(self, source: Iterator[Token]) -> None:
        self._source = source
        self._next = next(source)
        self._depth = 0

    def script(self) -> Script:
        commands = []
        while self._next.kind is not Kind.END:
            commands.append(self._command())
        return tuple(commands)

    def _take(self) -> Token:
        token = self._next
        self._next = next(self._source, token)
        return token

    def _takes(self, mark: str) -> bool:
        if self._next.kind is Kind.MARK and self._next.text == mark:
            self._take()
            return True
        return False

    def _unexpected(self, wanted: str) -> SieveError:
        """Return the error for a token that cannot stand here; `wanted` is a kind of thing or a mark."""
        token = self._next
        if token.kind is Kind.END:
            return fail("ends", token.at)
        if len(wanted) == 1:
            return fail("expected-mark", token.at, mark=wanted, found=_found(token))
        return fail(f"expected-{wanted}", token.at, found=_found(token))

    def _enter(self, token: Token) -> None:
        self._depth += 1
        if self._depth > NESTING:
            raise fail("nesting", token.at, limit=NESTING)

    def _command(self) -> Command:
        if self._next.kind is not Kind.IDENTIFIER:
            raise self._unexpected("command")
        name = self._take()
        arguments = self._arguments()
        tests, listed = self._tests()
        block = None
        if self._takes("{"):
            block = self._block(name)
        elif not self._takes(";"):
            raise self._unexpected(";")
        return Command(name.text, arguments, tests, listed, block, name.at)

    def _block(self, name: Token) -> tuple[Command, ...]:
        self._enter(name)
        commands = []
        while not self._takes("}"):
            commands.append(self._command())
        self._depth -= 1
        return tuple(commands)

    def _tests(self) -> tuple[tuple[Test, ...], bool]:
        if self._next.kind is Kind.IDENTIFIER:
            return (self._test(),), False
        if self._next.kind is Kind.MARK and self._next.text == "(":
            return self._test_list(), True
        return (), False

    def _test_list(self) -> tuple[Test, ...]:
        self._take()
        tests = [self._test()]
        while self._takes(","):
            tests.append(self._test())
        if not self._takes(")"):
            raise self._unexpected(")")
        return tuple(tests)

    def _test(self) -> Test:
        if self._next.kind is not Kind.IDENTIFIER:
            raise self._unexpected("test")
        name = self._take()
        self._enter(name)
        arguments = self._arguments()
        tests, listed = self._tests()
        self._depth -= 1
        return Test(name.text, arguments, tests, listed, name.at)

    def _arguments(self) -> tuple[Argument, ...]:
        found: list[Argument] = []
        while True:
            token = self._next
            if token.kind is Kind.NUMBER:
                found.append(Number(token.number, token.at))
            elif token.kind is Kind.TAG:
                found.append(Tag(token.text, token.at))
            elif token.kind is Kind.STRING:
                found.append(Strings((token.text,), single=True, at=token.at))
            elif token.kind is Kind.MARK and token.text == "[":
                found.append(self._string_list())
                continue
            else:
                return tuple(found)
            self._take()

    def _string_list(self) -> Strings:
        opening = self._take()
        values = [self._string()]
        while self._takes(","):
            values.append(self._string())
        if not self._takes("]"):
            raise self._unexpected("]")
        return Strings(tuple(values), single=False, at=opening.at)

    def _string(self) -> str:
        if self._next.kind is not Kind.STRING:
            raise self._unexpected("string")
        return self._take().text


def _found(token: Token) -> str:
    """Return a token about as the script writes it."""
    return {Kind.TAG: f":{token.text}", Kind.STRING: f'"{token.text}"'}.get(token.kind, token.text)
