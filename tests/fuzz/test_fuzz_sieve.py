"""Invariant: any octets as a script compile or give problems with a place, and what compiles runs on any message."""

import random
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.sieve.case_file import read_cases

from smartmail.app import catalogues
from smartmail.base.i18n import LANGUAGES
from smartmail.proto import sieve
from smartmail.proto.sieve import Envelope, Facts, Include, Program, RunLimits, WholeMessage
from smartmail.proto.sieve.limits import PROBLEMS
from smartmail.proto.sieve.registry import COMMANDS, EXTENSIONS, TESTS

catalogues.load()
CASES = [case for path in (Path(__file__).parents[1] / "sieve" / "cases").glob("*.txt") for case in read_cases(path)]
SEEDS = [case.script.encode("utf-8", "surrogateescape") for case in CASES if len(case.script) < 4_000]
MESSAGES = sorted({case.message.encode("utf-8", "surrogateescape") for case in CASES})
TAGS = sorted({f":{tag}" for spec in (*COMMANDS.values(), *TESTS.values()) for tag in spec.tags})
WORDS = [
    *COMMANDS, *TESTS, *TAGS, *(f'"{name}"' for name in EXTENSIONS), ";", "{", "}", "(", ")", "[", "]", ",", '"', "\\",
    '"${1}"', '"${hex:24}"', '"${a}"', '"*?*"', '"(.*)+"', '"a@b.example"', '"mailto:a@b.example"', '"subject"', '"INBOX"',
    "0", "1", "5K", "99999999999999999999", "text:\r\n.x\r\n.\r\n", "#", "/*", "*/", "\r\n", "한글", '"한글"', "\0",
]  # fmt: skip
ALL = ('require ["' + '", "'.join(EXTENSIONS) + '"];\r\n').encode()
LIMITS = RunLimits(steps=20_000)


def judge(script: bytes, message: bytes = MESSAGES[0]) -> sieve.Outcome | None:
    """The whole way of a script; raises for whatever breaks the invariant."""
    code, problems = sieve.compile_script(script)
    assert (code is None) == bool(problems)
    assert len(problems) <= PROBLEMS
    lines = script.count(b"\n") + 2
    for problem in problems:
        assert problem.key in {"script-size"} or (0 < problem.line <= lines and problem.column > 0), problem
        for language in LANGUAGES:
            assert problem.sentence(language).isprintable()
    if code is None:
        return None
    program = Program(code, {Include("personal", "x"): code})
    outcome = sieve.run_program(
        program, WholeMessage.of(message), Envelope("kim@b.example", "p+x@a.example"), Facts(1_800_000_000, 540),
        limits=LIMITS,
    )  # fmt: skip
    problem = outcome.problem
    assert problem is None or problem.key != "internal", (script, problem)
    # One test may cost a message's worth of steps above the limit, not more.
    assert outcome.cost <= LIMITS.steps * 3
    for language in LANGUAGES if problem is not None else ():
        assert problem.sentence(language).isprintable()
    if problem is not None:
        assert outcome.actions == (sieve.Store(sieve.INBOX, implicit=True),)
    return outcome


@given(st.binary(max_size=400), st.sampled_from(MESSAGES))
@settings(max_examples=300, deadline=None)
def test_any_octets(script, message):
    judge(script, message)


@given(st.lists(st.sampled_from(WORDS), max_size=40), st.sampled_from(MESSAGES), st.booleans())
@settings(max_examples=600, deadline=None)
def test_words_in_any_order(words, message, everything):
    judge((ALL if everything else b"") + " ".join(words).encode(), message)


@given(st.integers(0, 2**32), st.sampled_from(SEEDS), st.sampled_from(MESSAGES))
@settings(max_examples=1_500, deadline=None)
def test_scripts_with_a_few_octets_changed(seed, script, message):
    dice = random.Random(seed)
    octets = bytearray(script)
    for _change in range(dice.randint(1, 4)):
        at = dice.randrange(len(octets) + 1)
        match dice.randrange(4):
            case 0:
                octets[at:at] = bytes([dice.randrange(256)])
            case 1:
                del octets[at : at + dice.randint(1, 8)]
            case 2:
                octets[at:at] = f" {dice.choice(WORDS)} ".encode()
            case _:
                other = dice.choice(SEEDS)
                octets[at:at] = other[dice.randrange(len(other) + 1) :][:80]
    judge(bytes(octets), message)


@given(st.binary(max_size=1_000), st.sampled_from(SEEDS))
@settings(max_examples=400, deadline=None)
def test_any_octets_as_a_message(message, script):
    judge(script, message)


@given(st.sampled_from(SEEDS))
@settings(max_examples=300, deadline=None)
def test_what_is_written_reads_the_same(script):
    try:
        tree = sieve.parse(script)
    except sieve.SieveError:
        return
    written = sieve.write(tree).encode()
    assert sieve.parse(written) == tree
    assert sieve.write(sieve.parse(written)).encode() == written


def test_deep_and_long_scripts_end():
    for script in (
        b"if not " * 50_000, b"if true {" * 50_000, b"if allof(" * 20_000, b"[" * 100_000, b'"' + b"\\" * 200_000,
        b"/*" * 100_000, b"#" * 200_000, b"text:\r\n" * 30_000, b"keep;" * 50_000, b"a" * 250_000, b"9" * 250_000,
        b"if true {keep;}" * 15_000, b'redirect "' + b"a@" * 100_000 + b'";', b"${hex:" * 40_000,
    ):  # fmt: skip
        judge(script)


def test_patterns_that_others_run_for_ever():
    subject = b"Subject: " + b"a" * 50_000 + b"\r\n\r\n"
    for tests in (
        b'header :matches "subject" "' + b"*a" * 400 + b'*b"',
        b'header :matches "subject" "' + b"?*" * 400 + b'b"',
        b'header :regex "subject" "(a*)*(a*)*(a*)*b"',
        b'header :regex "subject" "(((a{1,50}){1,50}){1,50})b"',
        b'header :contains "subject" "' + b"a" * 4_000 + b'b"',
    ):
        judge(b'require "regex"; if ' + tests + b" { discard; }", subject)
