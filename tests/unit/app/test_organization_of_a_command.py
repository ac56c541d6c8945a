"""Which organization a command means: the one that is named, or the only one."""

from types import SimpleNamespace

import pytest

from smartmail.app.cli.acting import the_organization
from smartmail.app.cli.opening import CommandError


def node(*names):
    async def organizations():
        return [SimpleNamespace(name=name) for name in names]

    return SimpleNamespace(services=SimpleNamespace(directory=SimpleNamespace(organizations=organizations)))


@pytest.mark.parametrize(("known", "name"), [(("Acme",), None), (("Acme", "Beta"), "Acme")])
async def test_one_is_meant(known, name):
    assert (await the_organization(node(*known), name)).name == "Acme"


@pytest.mark.parametrize(
    ("known", "name", "text"),
    [
        (("Acme", "Beta"), None, "There are several organisations: name one with --organization NAME."),
        (("Acme",), "Gamma", "There is no organisation Gamma."),
        ((), None, "There is no organisation."),
    ],
)
async def test_what_is_meant_by_nothing_is_said(known, name, text):
    with pytest.raises(CommandError, match=text):
        await the_organization(node(*known), name)
