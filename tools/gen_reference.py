"""Writes docs/reference/: settings, log events, errors, roles and commands, out of the code that defines them.

With --check nothing is written, and a page that is stale or belongs to nothing any more fails.
"""

import argparse
import inspect
import json
import sys
from pathlib import Path
from typing import Any

import msgspec

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "docs" / "reference"
sys.path.insert(0, str(ROOT / "src"))
sys.path.insert(0, str(ROOT / "tools"))

import gen_admin_api  # noqa: E402

from smartmail.app import catalogues, cli, roles, settings  # noqa: E402
from smartmail.base.events import EVENTS  # noqa: E402
from smartmail.base.i18n import translate  # noqa: E402
from smartmail.domain.errors import CATALOGUE  # noqa: E402
from smartmail.domain.policy import LEVELS, Value  # noqa: E402
from smartmail.edge.httpd import errors as http  # noqa: E402
from smartmail.edge.httpd.jmap import errors as jmap  # noqa: E402
from smartmail.edge.httpd.jmap import identities, methods  # noqa: E402
from smartmail.edge.httpd.jmap import sieve_scripts as scripts  # noqa: E402
from smartmail.edge.imapd import errors as imap  # noqa: E402
from smartmail.edge.smtpd import errors as smtp  # noqa: E402
from smartmail.policy.knobs import KNOBS  # noqa: E402
from smartmail.policy.presets import PRESETS  # noqa: E402
from smartmail.proto.jmap import emails, mailboxes, mdn, push_objects, quotas, submissions  # noqa: E402
from smartmail.proto.jmap.errors import METHOD_ERRORS, SET_ERRORS  # noqa: E402
from smartmail.proto.jmap.limits import Limits  # noqa: E402
from smartmail.proto.jmap.searching import (  # noqa: E402
    OwnEmailFilter,
    OwnQueryAnswer,
    OwnSearchSnippet,
    OwnSnippetAnswer,
)
from smartmail.proto.jmap.session import OWN  # noqa: E402
from smartmail.service.kernel import states  # noqa: E402

NOTE = "Made by `tools/gen_reference.py`; do not edit."
# What each role does, for administrators; a test demands a line for each.
ROLES = {
    "edge-mx": "takes mail from other systems (SMTP) and from programs of this site (LMTP)",
    "edge-submit": "takes mail that accounts send",
    "edge-imap": "mail clients",
    "edge-pop": "mail programs that fetch mail from the inbox (POP3)",
    "edge-sieve": "mail programs that keep filter rules (ManageSieve)",
    "edge-web": "webmail, JMAP, set-up; `http` only leads to `https`",
    "delivery": "brings queued mail into accounts of this system",
    "relay": "brings queued mail to other systems, signs it and reports what failed",
    "jobs": "clean-up: compaction, expiry, what deletion left behind",
}


def pages() -> dict[str, str]:
    """Return file name → text of every page."""
    return {
        "README.md": overview(),
        "settings.md": node_file(),
        "events.md": log_events(),
        "errors.md": error_table(),
        "roles.md": role_table(),
        "commands.md": commands(),
        "jmap.md": jmap_methods(),
        "policy.md": policy(),
        **gen_admin_api.pages(NOTE),
    }


def page(title: str, *blocks: str) -> str:
    """Return a page: its title, the note, and blocks apart by blank lines."""
    return "\n\n".join([f"# {title}", NOTE, *blocks]) + "\n"


def table(head: tuple[str, ...], rows) -> str:
    """Return a table; cells may hold any text."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(cell(value) for value in line) + " |" for line in lines)


def cell(value: Any) -> str:
    return " ".join(str(value).split()).replace("|", "\\|")


def code(value: Any) -> str:
    return f"`{value}`" if str(value) else ""


def overview() -> str:
    names = {
        "settings.md": "settings of the node file · 노드 파일 설정",
        "commands.md": "commands · 명령",
        "roles.md": "roles and listeners · 역할과 리스너",
        "events.md": "log events · 로그 이벤트",
        "policy.md": "policy: what can be set, and presets · 정책 항목과 기본 구성",
        "jmap.md": "JMAP methods, limits and errors · JMAP 메서드·한도·오류",
        "admin-api.md": "admin API: requests and permissions · 관리 API: 요청과 권한",
        "errors.md": "errors and what each protocol answers · 오류와 프로토콜별 응답",
    }
    return page("Reference", "\n".join(f"- [{text}]({name})" for name, text in names.items()))


# Settings


def node_file() -> str:
    intro = (
        "The node file is `node.toml` in the data directory (or `--config FILE`), in TOML. Everything may be left out. "
        "Relative paths are meant from where the file lies.\n\n"
        "노드 파일은 데이터 폴더의 `node.toml`(또는 `--config FILE`)이며 TOML 형식입니다. 모두 생략할 수 있고, "
        "상대 경로는 노드 파일의 위치를 기준으로 합니다."
    )
    blocks, head = [intro], ("key", "type", "default", "meaning", "뜻")
    for name, kind in tables(settings.NodeFile):
        blocks += [f"## [{name}]" if name else "## Top level", inspect.getdoc(kind), table(head, fields(kind))]
    return page("Settings of the node file", *blocks)


def tables(kind: type, name: str = ""):
    """Yield (dotted name, type) of a table and of those in it."""
    yield name, kind
    for field in msgspec.inspect.type_info(kind).fields:
        inner = struct_of(field.type)
        if inner is not None:
            yield from tables(inner, f"{name}.{field.encode_name}".strip("."))


def struct_of(kind: Any) -> type | None:
    """Return the table that a field holds, None where it holds a value."""
    if isinstance(kind, msgspec.inspect.Metadata):
        return struct_of(kind.type)
    kinds = kind.types if isinstance(kind, msgspec.inspect.UnionType) else (kind,)
    return next((one.cls for one in kinds if isinstance(one, msgspec.inspect.StructType)), None)


def fields(kind: type):
    """Yield a row for each setting of a table."""
    help_of = helps(kind)
    for field in msgspec.inspect.type_info(kind).fields:
        if struct_of(field.type) is None:
            en, ko = help_of[field.encode_name]
            yield code(field.encode_name), kind_name(field.type), code(default_of(field)), en, ko


def helps(kind: type) -> dict[str, tuple[str, str]]:
    """Return field → (English, Korean) help, as the annotations carry it."""
    found = {}
    for name, hint in inspect.get_annotations(kind).items():
        metas = [one for one in getattr(hint, "__metadata__", ()) if isinstance(one, msgspec.Meta)]
        if metas:
            found[name] = (metas[0].description or "", (metas[0].extra or {}).get("ko", ""))
    return found


def kind_name(kind: Any) -> str:
    """Return the type of a setting in the words of TOML."""
    if isinstance(kind, msgspec.inspect.Metadata):
        return kind_name(kind.type)
    if isinstance(kind, msgspec.inspect.UnionType):
        return kind_name(next(one for one in kind.types if not isinstance(one, msgspec.inspect.NoneType)))
    if isinstance(kind, msgspec.inspect.IntType):
        bounds = [str(one) for one in (kind.ge, kind.le) if one is not None]
        return f"integer {'–'.join(bounds)}" if bounds else "integer"
    names = {
        msgspec.inspect.StrType: "string",
        msgspec.inspect.BoolType: "boolean",
        msgspec.inspect.VarTupleType: "array of strings",
        msgspec.inspect.DictType: "table of integers",
    }
    return names[type(kind)]


def default_of(field: Any) -> str:
    if field.default is not msgspec.NODEFAULT:
        return toml(field.default)
    return toml(field.default_factory()) if field.default_factory is not msgspec.NODEFAULT else ""


def toml(value: Any) -> str:
    """Return a value as TOML writes it; nothing for None."""
    if value is None or value == {}:
        return ""
    if isinstance(value, tuple):
        return "[" + ", ".join(toml(one) for one in value) + "]"
    return {True: "true", False: "false"}.get(value, str(value)) if not isinstance(value, str) else f'"{value}"'


# Policy


def policy() -> str:
    catalogues.load()
    intro = (
        "What `./smartmail policy set` takes. *Levels* may set a knob; the stricter of two equals holds. *Presets* start "
        "from these values; what they do not name keeps its default.\n\n"
        "`./smartmail policy set`으로 정하는 항목입니다. 같은 세기의 두 값이 다르면 더 엄격한 값이 적용됩니다."
    )
    head = ("knob", "name", "이름", "values", "default", "levels", "meaning", "뜻")
    names = sorted(PRESETS["finance"])
    presets = table(
        ("knob", *PRESETS, "why", "사유"),
        ((code(name), *(preset_value(one, name) for one in PRESETS), *reasons(name)) for name in names),
    )
    return page("Policy", intro, table(head, map(knob_row, KNOBS.values())), "## Presets", presets)


def typed(value: Value) -> str:
    """Return a value of a setting as it is typed."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return " ".join(value) or "none"
    return value if isinstance(value, str) else json.dumps(value)


def knob_row(knob: Any) -> tuple[str, ...]:
    levels = "all" if knob.levels == LEVELS else ", ".join(knob.levels)
    names = (translate(language, knob.title_key) for language in ("en", "ko"))
    texts = (translate(language, knob.help_key) for language in ("en", "ko"))
    return code(knob.name), *names, knob.kind.describe(), code(typed(knob.default)), levels, *texts


def preset_value(preset: str, name: str) -> str:
    return code(typed(PRESETS[preset][name].value)) if name in PRESETS[preset] else ""


def reasons(name: str) -> tuple[str, ...]:
    key = PRESETS["finance"][name].reason
    return tuple(translate(language, key) for language in ("en", "ko"))


# Events, errors, roles


def log_events() -> str:
    intro = (
        "Each line of the log is one JSON object with `at` (UTC), `level`, `event`, `process` and facts of the event: "
        "ids, addresses, counts, codes; never a subject, a name or content."
    )
    rows = ((code(name), event.level, event.help) for name, event in sorted(EVENTS.items()))
    return page("Log events", intro, table(("event", "level", "meaning"), rows))


def error_table() -> str:
    intro = (
        "Services raise errors of one closed set. Each protocol has one table from code to answer. *Temporary* means "
        "that trying again may help; *fault* says whose it is."
    )
    head = ("code", "meaning", "temporary", "fault", "SMTP", "IMAP", "JMAP call", "JMAP object", "HTTP")
    return page("Errors", intro, table(head, map(error_row, CATALOGUE)))


def error_row(error: Any) -> tuple[str, ...]:
    reply, (status, response, _) = smtp.TABLE[error.code], imap.TABLE[error.code]
    answer = f"{status.name} [{response.decode()}]" if response else status.name
    return (
        code(error.code),
        inspect.getdoc(error),
        "yes" if error.temporary else "no",
        error.blame,
        code(f"{reply.code} {reply.enhanced}"),
        code(answer),
        code(jmap.METHOD[error.code]),
        code(jmap.OBJECT[error.code]),
        code(http.STATUS[error.code]),
    )


def role_table() -> str:
    rows = (
        (code(name), ", ".join(code(one) for one in listeners), ROLES[name]) for name, listeners in roles.ROLES.items()
    )
    ports = (
        (code(name), code(offset), code(settings.DEFAULT_PORT_BASE + offset), served(name))
        for name, offset in roles.PORTS.items()
    )
    plan = (
        (code(process.name), ", ".join(code(role) for role in process.roles))
        for process in roles.plan(tuple(roles.ROLES), settings.NodeFile().processes)
    )
    return page(
        "Roles and listeners",
        "A node runs all roles unless `roles` in the node file or `--roles` names some.",
        table(("role", "listeners", "work"), rows),
        "## Listeners",
        table(("listener", "offset from the port base", "port by default", "role"), ports),
        "## Processes by default",
        table(("process", "roles"), plan),
    )


def served(listener: str) -> str:
    return ", ".join(code(role) for role, listeners in roles.ROLES.items() if listener in listeners) or "not served yet"


# JMAP


JMAP_TYPES = {
    "Mailbox": mailboxes.MAILBOX_PROPERTIES,
    "Thread": mailboxes.THREAD_PROPERTIES,
    "Email": (*emails.EMAIL_PROPERTIES, "header:…"),
    "EmailBodyPart": (*emails.PART_PROPERTIES, "header:…"),
    "SearchSnippet": emails.SearchSnippet.__struct_encode_fields__,
    "Identity": identities.TYPE.properties,
    "EmailSubmission": submissions.SUBMISSION_PROPERTIES,
    "VacationResponse": submissions.VACATION_PROPERTIES,
    "SieveScript": scripts.TYPE.properties,
    "MDN": mdn.Mdn.__struct_encode_fields__,
    "Quota": quotas.QUOTA_PROPERTIES,
    "PushSubscription": ("url", "keys", *push_objects.PUSH_PROPERTIES),
}

OWN_SEARCH = {
    "a condition": OwnEmailFilter,
    "the answer of `Email/query`": OwnQueryAnswer,
    "`SearchSnippet`": OwnSearchSnippet,
    "the answer of `SearchSnippet/get`": OwnSnippetAnswer,
}


def jmap_methods() -> str:
    """Return the page of JMAP: methods by capability, limits, errors, types that are pushed."""
    intro = (
        "Methods by the capability that `using` must name. Arguments in addition to `accountId`; those of a standard method "
        "(RFC 8620 §5) mean what they mean there. A method that is missing here does not exist (`unknownMethod`)."
    )
    blocks = [intro]
    for capability in dict.fromkeys(row[1] for row in methods._TABLE):  # noqa: SLF001
        rows = [row for row in methods._TABLE if row[1] == capability]  # noqa: SLF001
        blocks += [f"## `{capability}`", table(("method", "arguments", "what it does"), map(jmap_row, rows))]
    limits = ((code(name), code(value)) for name, value in Limits().capability().items())
    return page(
        "JMAP",
        *blocks,
        "## Types",
        table(("type", "properties"), ((code(name), ", ".join(map(code, one))) for name, one in JMAP_TYPES.items())),
        f"## Searching with `{OWN}`",
        "In addition to RFC 8621: conditions of the filter of `Email/query` and `SearchSnippet/get`, and what their answers add.",
        table(("where", "properties", "what they mean"), map(own_search, OWN_SEARCH.items())),
        "## Limits (`urn:ietf:params:jmap:core`)",
        table(("limit", "value"), limits),
        "## Errors",
        "Of a call: " + ", ".join(code(name) for name in sorted(METHOD_ERRORS)) + ".",
        "Of one object: " + ", ".join(code(name) for name in sorted(SET_ERRORS)) + ".",
        "## Types that are pushed",
        ", ".join(code(name) for name in sorted(states.NAMES)) + ".",
    )


def own_search(item: tuple[str, Any]) -> tuple[str, str, str]:
    name, shape = item
    inherited = shape.__base__.__struct_encode_fields__
    own = (one for one in shape.__struct_encode_fields__ if one not in inherited)
    return name, ", ".join(map(code, own)), " ".join((inspect.getdoc(shape) or "").split())


def jmap_row(row: tuple[str, str, Any]) -> tuple[str, str, str]:
    name, _, handler = row
    arguments = (one for one in methods.METHODS[name].shape.__struct_encode_fields__ if one != "accountId")
    doc = (inspect.getdoc(handler) or "").partition("\n\n")[0]
    # A method that comes out of the description of its type does what the standard says of all such methods.
    told = doc.split("Raises")[0].removeprefix(name).strip(" :;.,") if doc.startswith(name) else ""
    return code(name), ", ".join(map(code, arguments)), told


# Commands


def commands() -> str:
    """Return the page of all commands; made from their parsers, as argparse prints differ between versions."""
    blocks = [
        (
            "`./smartmail COMMAND [options]`; `./smartmail COMMAND --help` tells the same. `--json` has the shapes of the admin API"
            " where a command is one of its operations. Only the answer goes to standard output, messages to standard error."
        ),
        prose(cli.exits.__doc__ or ""),
    ]
    for name in cli.COMMANDS:
        if cli._exists(name):  # noqa: SLF001
            module = cli._module(name)  # noqa: SLF001
            parser = argparse.ArgumentParser(prog=f"./smartmail {name}", description=module.__doc__, add_help=False)
            module.add_arguments(parser)
            blocks += [f"## {name}", *command(parser)]
    return page("Commands", *blocks)


def command(parser: argparse.ArgumentParser):
    """Yield the blocks of one command, then of its acts."""
    yield prose(parser.description or "")
    own, acts = [], []
    for action in parser._actions:  # noqa: SLF001
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            acts += action.choices.items()
        elif not isinstance(action, argparse._HelpAction):  # noqa: SLF001
            own.append(action)
    if own:
        yield table(("option", "meaning"), map(option, own))
    for _, act in acts:
        yield f"### {act.prog.removeprefix('./smartmail ')}"
        yield from command(act) if act.description != parser.description else list(command(act))[1:]


def prose(text: str) -> str:
    """Return a docstring; lines that are set in columns stay as they are."""
    blocks = inspect.cleandoc(text).split("\n\n")
    return "\n\n".join(
        f"```\n{block}\n```" if block[:1] in "-. " or "  " in block.strip() else block for block in blocks
    )


def option(action: argparse.Action) -> tuple[str, str]:
    value = action.metavar or ("{" + ",".join(map(str, action.choices)) + "}" if action.choices else "")
    if not action.option_strings:
        return code(value or action.dest.upper()), action.help or ""
    flags = ", ".join(action.option_strings)
    return code(f"{flags} {value if action.nargs != 0 else ''}".strip()), action.help or ""


def main() -> int:
    """Write or check; 0 when all pages are as they should be."""
    made = pages()
    stale = [name for name, text in made.items() if not same(PAGES / name, text)]
    lost = [path.name for path in sorted(PAGES.glob("*")) if path.name not in made]
    if "--check" in sys.argv[1:]:
        for name in stale + lost:
            print(f"docs/reference/{name} is stale: run tools/gen_reference.py")
        return 1 if stale or lost else 0
    PAGES.mkdir(parents=True, exist_ok=True)
    for name in stale:
        (PAGES / name).write_text(made[name], encoding="utf-8")
        print(f"docs/reference/{name}")
    for name in lost:
        (PAGES / name).unlink()
    return 0


def same(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main())
