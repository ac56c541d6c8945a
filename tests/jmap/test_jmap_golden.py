"""Golden pairs: each file holds a request, what the handlers must be given and answer, and the response."""

import json
from pathlib import Path

import msgspec
import pytest

from smartmail.proto.jmap import core, emails, mailboxes, submissions
from smartmail.proto.jmap.dispatch import Method, process
from smartmail.proto.jmap.envelope import encode_response, parse_request
from smartmail.proto.jmap.errors import MethodError, RequestError
from smartmail.proto.jmap.limits import Limits
from smartmail.proto.jmap.session import CORE, MAIL, SUBMISSION

FILES = sorted(Path(__file__).parent.glob("*.json"))
SHAPES = {
    "Mailbox/get": (MAIL, core.GetArguments),
    "Mailbox/changes": (MAIL, core.ChangesArguments),
    "Mailbox/query": (MAIL, mailboxes.MailboxQueryArguments),
    "Thread/get": (MAIL, core.GetArguments),
    "Email/get": (MAIL, core.GetArguments),
    "Email/query": (MAIL, emails.EmailQueryArguments),
    "Email/set": (MAIL, core.SetArguments),
    "Identity/get": (SUBMISSION, core.GetArguments),
    "EmailSubmission/set": (SUBMISSION, submissions.SubmissionSetArguments),
}
LIMITS = Limits(max_calls_in_request=9, max_size_request=65536)


class Script:
    """Plays the services: one step after the other, each with the arguments that must arrive."""

    def __init__(self, steps):
        self.steps = list(steps)

    async def __call__(self, call, arguments):
        step = self.steps.pop(0)
        assert call.name == step["name"]
        assert msgspec.to_builtins(arguments) == step["arguments"]
        for reference, expected in step.get("resolves", {}).items():
            assert call.created_ids.resolve(reference) == expected
        call.created_ids.update(step.get("creates", {}))
        if "error" in step:
            kind, extra = step["error"]
            raise MethodError(kind, **extra)
        return [tuple(pair) for pair in step["answers"]] if "answers" in step else step["answer"]


def fail(method, error):
    raise AssertionError(method) from error


@pytest.mark.parametrize("path", [p for p in FILES if p.stem != "request-errors"], ids=lambda p: p.stem)
async def test_golden_pair(path):
    pair = json.loads(path.read_text(encoding="utf-8"))
    script = Script(pair["handlers"])
    dispatch = {name: Method(using, shape, script) for name, (using, shape) in SHAPES.items()}
    request = parse_request(json.dumps(pair["request"]).encode(), LIMITS, {CORE, MAIL, SUBMISSION})
    responses, created = await process(request, dispatch, None, on_failure=fail)
    assert script.steps == []
    assert json.loads(encode_response(responses, "75128aab4b1b", created)) == pair["response"]


_REFUSED = json.loads((Path(__file__).parent / "request-errors.json").read_text())["refused"]


@pytest.mark.parametrize("case", _REFUSED, ids=range(len(_REFUSED)))
def test_refused_request(case):
    body = case["repeat"][0] * case["repeat"][1] if "repeat" in case else case["body"]
    with pytest.raises(RequestError) as caught:
        parse_request(body.encode(), LIMITS, {CORE, MAIL})
    problem = caught.value.problem()
    assert problem.pop("detail")
    assert problem == case["problem"]
