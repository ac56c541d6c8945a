"""`./smartmail account factors|reset-factors|forget-devices` and `./smartmail agreement`."""

import asyncio
import json

import pytest
from tests.flows.factor_house import app_of, page

from smartmail.app.cli import main
from smartmail.app.node import open_node
from smartmail.app.settings import load
from smartmail.domain.principal import Origin
from smartmail.service.flow.directory import NewPerson

LOGIN, PASSWORD = "kim@a.example", "correct horse"


@pytest.fixture
def smartmail(tmp_path, capsys):
    """Run a command in a data directory with somebody who has an authenticator app."""
    where = tmp_path / "data"

    def run(*words: str):
        code = main([*words, "--data", str(where)])
        out, err = capsys.readouterr()
        return code, out, err

    async def begin():
        async with open_node(load(str(where)), first_start=True) as node:
            services = node.services
            organization = await services.provisioning.organization("test")
            await services.directory.add_domain("a.example", organization)
            await services.provisioning.person(NewPerson(LOGIN, "kim"), PASSWORD)
            signed = await services.factors.sign_in(LOGIN, PASSWORD, page())
            actor = await services.auth.session(signed.token, Origin("web", "192.0.2.7", 5, tls=True))
            token, shown = await services.enrolment.begin(actor, "totp", PASSWORD, page())
            totp = app_of(shown["address"])
            code = {"code": totp.code(node.clock.now() // 30_000)}
            await services.enrolment.finish(actor, token, "totp", "phone", code, page())
            await services.auth.settle()

    asyncio.run(begin())
    return run


def test_factors_are_shown_and_reset_with_a_reason(smartmail):
    code, out, _ = smartmail("account", "factors", LOGIN)
    assert code == 0 and "totp" in out and "phone" in out and "recovery codes  10" in out
    code, _, err = smartmail("account", "reset-factors", LOGIN, "--reason", "lost")
    assert code != 0 and "say why" in err
    code, out, _ = smartmail("account", "reset-factors", LOGIN, "--reason", "phone lost, seen in person")
    assert code == 0 and "waits        no" in out
    assert json.loads(smartmail("account", "factors", LOGIN, "--json")[1])["factors"] == []
    assert json.loads(smartmail("account", "forget-devices", LOGIN, "--json")[1]) == {"ended": 1}


def test_texts_are_published_and_who_agreed_is_told(smartmail, tmp_path):
    (tmp_path / "ko.txt").write_text("개인정보 처리방침", "utf-8")
    publish = ("agreement", "publish", "privacy", "--texts")
    place = f"ko=@{tmp_path / 'ko.txt'}"
    for version in (1, 2):
        assert json.loads(smartmail(*publish, place, "--json")[1]) == {"version": version}
    (tmp_path / "cp949.txt").write_bytes("개인정보".encode("cp949"))
    for wrong in ("ko", f"ko=@{tmp_path / 'none.txt'}", f"ko=@{tmp_path / 'cp949.txt'}"):
        with pytest.raises(SystemExit):
            smartmail(*publish, wrong)
    listed = json.loads(smartmail("agreement", "list", "--json")[1])["items"]
    assert [(one["name"], one["version"], one["text"]) for one in listed] == [
        ("privacy", 1, "개인정보 처리방침"), ("privacy", 2, "개인정보 처리방침"),
    ]  # fmt: skip
    assert json.loads(smartmail("agreement", "given", "--json")[1])["items"] == []
