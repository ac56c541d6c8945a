"""Closed catalogues are closed: errors in every protocol, log events, languages; headers of engines and roles."""

import ast
import json
import re
import string

import pytest
from tests.unit.house.tree import SOURCE, sources, tool

from smartmail.app.roles import ROLES
from smartmail.base.events import EVENTS
from smartmail.base.i18n import FALLBACK, LANGUAGES
from smartmail.domain import errors
from smartmail.edge.httpd.errors import STATUS
from smartmail.edge.httpd.errors import problem as http_problem
from smartmail.edge.httpd.jmap.errors import METHOD, OBJECT
from smartmail.edge.imapd.errors import TABLE as IMAP
from smartmail.edge.imapd.errors import answer_of
from smartmail.edge.pop3d.errors import TABLE as POP3
from smartmail.edge.sieved.errors import TABLE as SIEVE
from smartmail.edge.smtpd.errors import TABLE as SMTP
from smartmail.edge.smtpd.errors import reply_of
from smartmail.proto.jmap.errors import METHOD_ERRORS, SET_ERRORS

CODES = {error.code for error in errors.CATALOGUE}
CATALOGUES = {language: json.loads((SOURCE / "app" / "catalogues" / f"{language}.json").read_text()) for language in LANGUAGES}  # fmt: skip
SECRET = "SELECT secret FROM inside"


# Errors


def test_every_error_of_the_module_is_in_the_catalogue():
    kinds = {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.MailError)}
    finer = {kind for kind in kinds - set(errors.CATALOGUE) if kind.__base__ in errors.CATALOGUE}
    assert kinds - finer - {errors.MailError} == set(errors.CATALOGUE)
    assert [kind for kind in finer if kind.code != kind.__base__.code] == []
    assert len(CODES) == len(errors.CATALOGUE), "two errors share a code"


@pytest.mark.parametrize(
    "table",
    [SMTP, IMAP, POP3, SIEVE, STATUS, METHOD, OBJECT],
    ids=["smtp", "imap", "pop3", "sieve", "http", "call", "object"],
)
def test_every_error_has_an_answer_in_every_protocol(table):
    assert table.keys() == CODES


@pytest.mark.parametrize("error", errors.CATALOGUE, ids=lambda error: error.code)
def test_temporary_errors_are_temporary_on_the_wire(error):
    """A sender that is told 5yz gives up (RFC 5321 §4.2.1); a client that is told 4xx by HTTP does not try again."""
    reply = SMTP[error.code]
    if error.temporary:
        assert reply.code < 500
        assert STATUS[error.code] >= 500 or STATUS[error.code] == 429
    assert reply.enhanced.startswith(str(reply.code)[0])
    assert METHOD[error.code] in METHOD_ERRORS
    assert OBJECT[error.code] in SET_ERRORS


@pytest.mark.parametrize("error", errors.CATALOGUE, ids=lambda error: error.code)
def test_details_never_reach_a_peer(error):
    """`detail` is for the log; every protocol has words of its own when there is no public text."""
    raised = error(detail=SECRET)
    answers = [repr(reply_of(raised)), repr(answer_of(raised)), repr(http_problem(raised))]
    assert not [answer for answer in answers if SECRET in answer]
    assert SECRET not in str(raised)


# Log events


def calls():
    """Yield (call, place) of every log.event(…) in the package."""
    for path, text in sources():
        if "log.event(" in text:
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "log.event":
                    yield node, f"{path.relative_to(SOURCE)}:{node.lineno}"


def spoken():
    """Return every event that the package speaks of outside the catalogue, those that it computes included."""
    others = [text for path, text in sources() if path != SOURCE / "base" / "events.py"]
    return {name for name in EVENTS if any(f'"{name}"' in text for text in others)}


def test_every_logged_event_is_in_the_catalogue():
    named = {place: call.args[0].value for call, place in calls() if isinstance(call.args[0], ast.Constant)}
    assert len(named) > 20
    assert {place: name for place, name in named.items() if name not in EVENTS} == {}


def test_every_event_of_the_catalogue_is_logged():
    assert EVENTS.keys() - spoken() == set()


def test_event_names_are_dotted_and_explained():
    for name, event in EVENTS.items():
        assert re.fullmatch(r"[a-z]+(\.[a-z_]+)+", name), name
        assert event.help.endswith("."), name


@pytest.mark.parametrize(
    ("refused", "why"),
    [
        ({"at", "level", "event", "process"}, "would overwrite what every line has"),
        (
            {"subject", "body", "name", "text", "content", "password"},
            "is what a person wrote (docs/adr/0004-sealing.md)",
        ),
    ],
)
def test_fields_of_the_log_are_harmless(refused, why):
    for call, place in calls():
        assert not refused & {keyword.arg for keyword in call.keywords}, f"{place}: {why}"


# Languages


def places(text):
    return sorted(field for _, field, _, _ in string.Formatter().parse(text) if field is not None)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_text_with_the_same_places(language):
    mine, theirs = CATALOGUES[language], CATALOGUES[FALLBACK]
    assert mine.keys() == theirs.keys()
    assert {key: places(text) for key, text in mine.items()} == {key: places(text) for key, text in theirs.items()}
    assert all(text.strip() for text in mine.values())


def test_no_text_is_left_in_english_elsewhere():
    for language in set(LANGUAGES) - {FALLBACK}:
        same = [key for key, text in CATALOGUES[language].items() if text == CATALOGUES[FALLBACK][key]]
        assert same == [], language


def test_every_text_that_code_asks_for_exists():
    asked = set()
    for _, text in sources():
        asked |= set(re.findall(r"translate\(\s*[^,()]+,\s*\"([^\"{}]+)\"", text))
    assert asked
    assert asked - CATALOGUES[FALLBACK].keys() == set()


# Headers of engines and roles

# Those of a worker over queues may describe QUEUES instead of STATES.
SECTIONS = ("NAME", "PURPOSE", "STATES", "LIMITS", "FAILURE", "SECURITY")
ENGINES = {
    "proto/smtp/server.py", "proto/smtp/client.py", "proto/imap/engine.py", "proto/pop3/engine.py",
    "proto/managesieve/engine.py", "proto/sieve/interpreter.py",
    "proto/jmap/__init__.py", "proto/mailauth/dkim.py", "formats/mime/scanner.py", "formats/seal.py",
}  # fmt: skip
# Node role → the module that plays it.
PARTS = {
    "edge-mx": "edge/smtpd/session.py",
    "edge-submit": "edge/smtpd/session.py",
    "edge-imap": "edge/imapd/session.py",
    "edge-pop": "edge/pop3d/session.py",
    "edge-sieve": "edge/sieved/session.py",
    "edge-web": "edge/httpd/app.py",
    "delivery": "edge/relay/agent.py",
    "relay": "edge/relay/agent.py",
    "jobs": "edge/jobs/loops.py",
    "supervisor": "app/process_tree/supervisor.py",
}


def sections(module):
    text = ast.get_docstring(ast.parse((SOURCE / module).read_text())) or ""
    text = text.replace("QUEUES", "STATES")
    return {name for name in (*SECTIONS, "STANDARDS") if re.search(rf"^\s*{name}\b", text, re.MULTILINE)}


def test_every_role_has_a_module_and_a_line_in_the_reference():
    assert PARTS.keys() == {*ROLES, "supervisor"}
    assert tool("gen_reference").ROLES.keys() == ROLES.keys()


@pytest.mark.parametrize("module", sorted(ENGINES | set(PARTS.values())))
def test_header_of_an_engine_or_role_has_its_sections(module):
    missing = set(SECTIONS) - sections(module)
    assert not missing, f"{module} does not say its {', '.join(sorted(missing))}"


@pytest.mark.parametrize("module", sorted(ENGINES | {part for part in PARTS.values() if part.startswith("edge/")} - {"edge/jobs/loops.py"}))  # fmt: skip
def test_what_speaks_a_standard_names_it(module):
    assert "STANDARDS" in sections(module)


def test_every_package_says_what_it_is_for():
    for path in SOURCE.rglob("__init__.py"):
        assert ast.get_docstring(ast.parse(path.read_text())), path
