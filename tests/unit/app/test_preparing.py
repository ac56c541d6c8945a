"""What a node's first start needs, made in a forked process: what comes back of it (app.preparing)."""

import json

import pytest

from smartmail.app.process_tree.template import Template
from smartmail.app.serving import preparing
from smartmail.app.worker_context import CannotStartError, CannotStartYetError, Prepared


def told(**said: object) -> bytes:
    return json.dumps(said).encode()


def test_the_link_and_the_notes_come_back():
    assert preparing._result(told(link="https://a/setup#x", notes=["one", "two"]), 0) == Prepared(
        "https://a/setup#x", ("one", "two")
    )
    assert preparing._result(told(link=None, notes=[]), 0) == Prepared()


def test_what_keeps_it_from_starting_comes_back_with_whether_it_may_pass():
    with pytest.raises(CannotStartError, match="the wrong key") as caught:
        preparing._result(told(error="the wrong key", passes=False), 0)
    assert not isinstance(caught.value, CannotStartYetError)
    with pytest.raises(CannotStartYetError, match="no space"):
        preparing._result(told(error="no space", passes=True), 0)


def test_one_that_was_killed_is_tried_again_and_a_fault_is_not_taken_for_success():
    with pytest.raises(CannotStartYetError, match="signal 9"):
        preparing._result(b"", -9)
    with pytest.raises(SystemExit) as caught:
        preparing._result(b"", 1)
    assert caught.value.code == 1


def test_a_template_that_is_not_wanted_is_never_due_and_forks_nothing():
    template = Template("a:b", wanted=False)
    assert not template.is_due(1e9)
    assert not template.wait_ready()
    assert template.fork("edge-1", 2, 2, ()) is None
    assert template.close() == 0


def test_pauses_between_templates_grow():
    template, pauses = Template("a:b"), []
    for _ in range(12):
        template.ended(100.0)
        pauses.append(template.restart_at - 100.0)
    assert pauses == sorted(pauses)
    assert pauses[0] == 0.25
    assert pauses[-1] == 300.0
