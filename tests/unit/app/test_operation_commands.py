"""Commands that are made of operations: how fields are declared and read, how answers are shown, completion, help."""

import argparse
import base64
import io
import re
from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import UNSET, Meta, UnsetType

from smartmail.app import cli
from smartmail.app.cli import completion
from smartmail.app.cli.acting import CLI
from smartmail.app.cli.operations.calling import Local
from smartmail.app.cli.operations.fields import declare, fields_of, given, moment, opened
from smartmail.app.cli.operations.rendering import lines_of
from smartmail.app.cli.operations.words import commands_of
from smartmail.edge.httpd.admin.operation import Operation
from smartmail.edge.httpd.admin.shapes import Count, Input, Output, Page, Time
from smartmail.edge.httpd.admin.table import OPERATIONS


class Whole(Input, frozen=True):
    """One field of each kind."""

    name: str
    kind: Literal["a", "b"] = "a"
    count: Annotated[int, Meta(ge=1, le=9, description="How many.")] = 3
    enabled: bool | None = None
    until: Time | None = None
    to: list[str] = []  # noqa: RUF012 -- msgspec copies it
    facts: dict[str, str] = {}  # noqa: RUF012 -- the same


class Membership(Input, frozen=True):
    department: str
    duty: str = ""


class Patch(Input, frozen=True):
    """What a type says of a field: a size that may be removed, a password, a file, objects, texts from files."""

    password: str
    quota: Annotated[int, Meta(extra={"unit": "bytes"})] | UnsetType | None = UNSET
    memberships: list[Membership] | UnsetType = UNSET
    logo: Annotated[str, Meta(extra={"names": "file"})] | UnsetType = UNSET
    texts: dict[str, str] | UnsetType = UNSET


class Inner(Input, frozen=True):
    host: str
    port: int = 25


class Part(Output, frozen=True):
    address: str
    reply: Inner | None = None


class Shown(Output, frozen=True):
    id: str
    quiet_minutes: Count
    until: Time | None
    tags: list[str]
    enabled: bool


class Mail(Output, frozen=True):
    recipients: list[Part]


def read(*words: str, kind: type[Input] = Whole) -> dict[str, object]:
    parser = argparse.ArgumentParser()
    for one in fields_of(kind):
        declare(parser, one, f"body.{one.name}", "" if one.name == "name" else f"--{one.words}")
    return given(fields_of(kind), vars(parser.parse_args(words)), "body")


def test_what_is_typed_becomes_the_json_of_the_api():
    assert read("x") == {"name": "x"}
    words = ("x", "--kind", "b", "--count", "5", "--no-enabled", "--to", "p", "q", "--facts", "a=1", "b=2=3")
    assert read(*words) == {
        "name": "x", "kind": "b", "count": 5, "enabled": False, "to": ["p", "q"], "facts": {"a": "1", "b": "2=3"},
    }  # fmt: skip
    for bad in (("x", "--kind", "c"), ("x", "--until", "soon"), ("x", "--facts", "a"), ("x", "--count", "many"), ()):
        with pytest.raises(SystemExit):
            read(*bad)


def test_a_field_is_read_as_its_type_says(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("secret words\nsecond line\n"))
    (tmp_path / "logo").write_bytes(b"\x89PNG")
    (tmp_path / "text").write_text("동의", "utf-8")
    words = ("--quota", "2G", "--memberships", "S1/Head", '{"department": "a/b"}', "--logo", f"{tmp_path}/logo")
    # A password that nobody typed is asked for.
    assert read(*words, "--texts", f"ko=@{tmp_path}/text", "en=yes", kind=Patch) == {
        "password": "secret words", "quota": 2 << 30, "memberships": [{"department": "S1", "duty": "Head"}, {"department": "a/b"}],
        "logo": base64.b64encode(b"\x89PNG").decode(), "texts": {"ko": "동의", "en": "yes"},
    }  # fmt: skip
    assert read("--quota", "none", "--logo", "", kind=Patch) == {"password": "second line", "quota": None, "logo": ""}
    for bad in (("--password", "typed"), ("--quota", "2 monkeys"), ("--texts", "ko=@/nowhere"), ("--logo", "/nowhere")):
        with pytest.raises(SystemExit):
            read(*bad, kind=Patch)


class Nested(Input, frozen=True):
    """Objects in an object: what the act is about, one that may be left out, one that null removes."""

    marks: Whole
    window: Inner | None = None
    hosts: list[Inner] = []  # noqa: RUF012 -- msgspec copies it
    relay: Inner | UnsetType | None = UNSET
    alias: str | UnsetType | None = UNSET
    condition: dict[str, Any] | None = None


def read_nested(*words: str) -> dict[str, object]:
    parser, fields = argparse.ArgumentParser(), opened(fields_of(Nested))
    for one in fields:
        declare(parser, one, f"body.{one.path}", f"--{one.words}")
    return given(fields, vars(parser.parse_args(words)), "body")


def test_fields_of_objects_are_options_of_their_own():
    assert read_nested("--name", "x", "--window-host", "a", "--window-port", "1", "--relay-host", "b") == {
        "marks": {"name": "x"}, "window": {"host": "a", "port": 1}, "relay": {"host": "b"},
    }  # fmt: skip
    assert read_nested("--hosts", "a", "b/26", '{"host": "c"}') == {
        "hosts": [{"host": "a"}, {"host": "b", "port": 26}, {"host": "c"}]
    }
    assert read_nested("--relay", "none", "--alias", "none") == {"relay": None, "alias": None}
    assert read_nested("--condition", '{"fact": "asn", "in": [1]}') == {"condition": {"fact": "asn", "in": [1]}}
    for bad in (("--relay", "x"), ("--hosts", "a/many"), ("--condition", "{")):
        with pytest.raises(SystemExit):
            read_nested(*bad)


def test_times_are_days_moments_or_spans_from_now_on():
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", moment("7d"))
    assert moment("2021-03-31T18:00+09:00") == "2021-03-31T09:00:00Z"
    # A day that something ends on is meant whole.
    assert str(read("x", "--until", "2021-03-31")["until"]) == moment("2021-04-01")
    assert moment("2021-03-31", "Asia/Seoul") == "2021-03-30T15:00:00Z"
    assert moment("7d", back=True) < moment("1m", back=True) < moment("0m") < moment("1m")
    with pytest.raises(argparse.ArgumentTypeError):
        moment("2021-13-01")


def test_answers_are_tables_or_lines():
    thing = {"id": "1", "quietMinutes": 5, "until": None, "tags": ["a", "b"], "enabled": True}
    head, row = lines_of(Page[Shown], (), {"items": [thing], "next": None})
    assert (head.split(), row.split()) == (
        ["ID", "QUIET", "MINUTES", "UNTIL", "TAGS", "ENABLED"],
        ["1", "5", "-", "a,", "b", "yes"],
    )
    assert lines_of(Page[Shown], ("enabled", "id"), {"items": [thing], "next": None})[0].split() == ["ENABLED", "ID"]
    assert lines_of(Page[Shown], (), {"items": [], "next": None}) == ["There are none."]
    recipients = {"recipients": [{"address": "a@b.test", "reply": {"host": "mx", "port": 25}}, {"address": "c@d.test"}]}
    assert lines_of(Page[Mail], ("recipients",), {"items": [recipients], "next": None})[1] == "a@b.test, c@d.test"
    assert [line.split() for line in lines_of(Mail, (), recipients)][2:] == [
        ["address", "a@b.test"], [], ["reply:"], ["host", "mx"], ["port", "25"], [], ["address", "c@d.test"],
    ]  # fmt: skip
    assert "quiet minutes  5" in lines_of(Shown, (), thing)
    assert lines_of(None, (), None) == ["Done."]


def test_what_others_wrote_makes_no_lines_of_its_own():
    thing = {"id": "1\n2 forged\x1b[2J", "quietMinutes": 5, "until": None, "tags": [], "enabled": True}
    assert len(lines_of(Page[Shown], (), {"items": [thing], "next": None})) == 2
    assert "\x1b" not in "".join(lines_of(Shown, (), thing))


def test_a_command_may_stand_for_fixed_values():
    async def nothing(_call: object) -> None: ...

    operation = Operation(
        "PATCH", "/x/{id}", "X.", nothing, body=Whole, commands=("x set name", "x pause kind=b name --count")
    )
    change, pause = commands_of(operation)
    assert [one.name for one in change.body] == ["name", "kind", "count", "enabled", "until", "to", "facts"]
    assert ([one.name for one in pause.body], pause.fixed) == (["name", "count"], {"kind": "b"})


@pytest.mark.parametrize(
    "command",
    [one for operation in OPERATIONS for one in commands_of(operation)],
    ids=lambda one: f"{one.noun} {one.verb}",
)
def test_words_of_a_command_are_fields_of_its_operation(command):
    known = {one.name for kind in (command.operation.query, command.operation.body) for one in fields_of(kind)}
    assert {*command.arguments, *command.options, *command.fixed} <= known
    assert command.operation.summary
    shown = command.operation.columns
    if shown:
        item = fields_of(command.operation.answer)[0].kind.item_type.cls
        assert set(shown) <= {one.name for one in fields_of(item)}


def test_every_command_has_its_help(capsys):
    for words in (["help", "alarm", "set"], ["alarm", "set", "--help"]):
        with pytest.raises(SystemExit) as ended:
            cli.main(words)
        assert ended.value.code == 0
        assert "--quiet-minutes" in capsys.readouterr().out
    assert cli.main(["--version"]) == 0
    assert re.fullmatch(r"SmartMail \d+\.\d+\.\d+\n", capsys.readouterr().out)


def test_a_wrong_line_ends_with_the_code_of_sysexits_and_says_how_to_go_on(capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["alarm", "set"])
    assert ended.value.code == 64
    assert "./smartmail alarm set --help" in capsys.readouterr().err
    assert cli.main(["nothing"]) == 64


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_made_of_the_same_tree(shell, capsys):
    assert cli.main(["completion", shell]) == 0
    text = capsys.readouterr().out
    for word in ("alarm", "acknowledge", "--quiet-minutes", "check-store"):
        assert word in text


def test_options_of_a_command_without_verbs_are_completed():
    words = completion.tree()
    assert "--port-base" in words["serve"]
    assert '"serve "*)' in completion.bash(words)
    assert "acknowledge" in words["alarm"]
    assert "--quiet-minutes" in words["alarm set"]


class Ruled(Output, frozen=True):
    rule: Shown
    value: Any
    why: str


def test_an_object_in_a_row_is_shown_by_its_fields():
    thing = {"id": "1", "quietMinutes": 5, "until": None, "tags": [], "enabled": True}
    document = {"items": [{"rule": thing, "value": [1], "why": "decides"}], "next": None}
    assert lines_of(Page[Ruled], ("id", "enabled", "value", "why"), document)[1].split() == ["1", "yes", "1", "decides"]


class Valued(Input, frozen=True):
    value: bool | int | str | list[str]


def test_what_may_be_said_as_text_is_typed_as_text():
    parser = argparse.ArgumentParser()
    [value] = fields_of(Valued)
    declare(parser, value, "body.value", "")
    assert given([value], vars(parser.parse_args(["off"])), "body") == {"value": "off"}


class Pages:
    """Three pages, the border of which is in both; the last says the same again."""

    def __init__(self) -> None:
        self.answers = [([1, 2], "7"), ([2, 3], "8"), ([3], "8")]

    async def perform(self, _actor, _operation, _path, _request, answer, _language) -> None:
        items, following = self.answers.pop(0)
        await answer.whole(200, msgspec.json.encode({"items": items, "next": following}))


async def test_what_two_pages_have_is_told_once_and_a_page_that_leads_nowhere_ends():
    operation = Operation("GET", "/things", "Things.", Pages().perform, paged=True)
    whole = await Local(Pages(), CLI, "en").whole(operation, {}, {}, 0)
    assert msgspec.json.decode(whole)["items"] == [1, 2, 3]
