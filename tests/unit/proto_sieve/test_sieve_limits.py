"""A run is stopped by counting, alike everywhere, and by the clock where counting is too slow."""

import pytest

from smartmail.proto import sieve
from smartmail.proto.sieve import INBOX, Envelope, Facts, Program, RunLimits, Store, WholeMessage

MESSAGE = WholeMessage.of(b"From: a@b.example\r\nSubject: hello\r\n\r\nbody\r\n")


def run(script: bytes, message: WholeMessage = MESSAGE, **options) -> sieve.Outcome:
    code, problems = sieve.compile_script(script)
    assert code is not None, problems
    return sieve.run_program(Program(code), message, Envelope("a@b.example", "c@d.example"), Facts(0), **options)


def test_the_same_script_costs_the_same():
    script = b'if header :matches "subject" "*l*" { keep; }\r\n' * 50
    assert {run(script).cost for _again in range(3)} == {run(script).cost}


def test_a_clock_that_says_it_is_late_ends_the_run():
    asked = []

    def is_late() -> bool:
        asked.append(1)
        return len(asked) > 3

    outcome = run(b'if header "subject" "x" { stop; }\r\n' * 5_000 + b"discard;", is_late=is_late)
    assert outcome.problem is not None
    assert outcome.problem.key == "steps"
    assert outcome.actions == (Store(INBOX, implicit=True),)
    assert len(asked) == 4


def test_a_short_script_does_not_ask_the_clock():
    def is_late() -> bool:
        raise AssertionError

    assert run(b"keep;", is_late=is_late).problem is None


@pytest.mark.parametrize(
    "message",
    [
        b"Subject: " + b"=?utf-8?b?7JiI?= " * 60_000 + b"\r\n\r\n",
        b"To: " + b'(<@,"((' * 140_000 + b"\r\n\r\n",
        b"".join(b"X-%d: a\r\n" % (number % 50) for number in range(50_000)) + b"\r\n",
        b"Content-Type: text/html\r\n\r\n" + b"<p><b a='c'>" * 900_000,
    ],
    ids=["encoded words", "broken addresses", "many fields", "html"],
)
def test_reading_a_hostile_message_again_and_again_is_paid_for(message):
    tests = b'if header "subject" "x" { stop; } if address "to" "x" { stop; } if header "x-5" "b" { stop; } if body "x" { stop; }'
    outcome = run(b'require "body";' + tests * 2_000, WholeMessage.of(message))
    assert outcome.cost > 50_000
    assert outcome.problem is None or outcome.problem.key == "steps"


def test_limits_are_what_the_caller_says():
    assert run(b"keep;" * 9, limits=RunLimits(steps=8)).problem is not None
    assert run(b"keep;" * 8, limits=RunLimits(steps=9)).problem is None
