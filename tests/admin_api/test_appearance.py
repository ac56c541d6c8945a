"""How a company shows itself: set by who may, seen at sign-in, in both webs and in mail of the house."""

import base64
import email
import email.policy
from io import BytesIO

from PIL import Image
from tests.admin_api.admin_house import Client
from tests.jmap_server.jmap_house import Browser

from smartmail.formats.png import cleaned
from smartmail.service.kernel.notifications import Notices


def logo(colour: str = "red") -> bytes:
    out = BytesIO()
    Image.new("RGB", (40, 20), colour).save(out, "PNG", pnginfo=None)
    return out.getvalue()


def b64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


async def ask(client, path: str):
    """Ask for a path that is no part of the API."""
    return await Browser.ask(client, "GET", path)


async def test_a_look_is_set_and_seen(house, client):
    told = await client.do("PUT", "/appearances", {"name": "한빛소프트", "hue": 95, "logo": b64(logo() + b"trailing")})
    assert (told["name"], told["hue"], told["domain"]) == ("한빛소프트", 95, "")
    assert base64.b64decode(told["logo"]) == cleaned(logo())[0]
    assert (await client.get("/appearances"))["items"] == [told]
    seen = (await ask(client, "/appearance")).json
    assert seen["name"] == "한빛소프트" and seen["colours"] and seen["logo"]
    css = (await ask(client, "/appearance.css")).body.decode()
    assert told["light"]["--accent"] in css and told["dark"]["--accent"] in css
    picture = await ask(client, "/appearance.png")
    assert (picture.status, picture.headers["content-type"]) == (200, "image/png")
    assert picture.body == cleaned(logo())[0]


async def test_a_domain_goes_before_its_company(house, client):
    await client.do("PUT", "/appearances", {"name": "회사", "hue": 10, "logo": b64(logo())})
    await client.do("PUT", "/appearances", {"domain": "a.example", "name": "도메인", "logo": None})
    house.clock.go(10_000)
    seen = (await ask(client, "/appearance")).json
    assert seen["name"] == "도메인" and seen["colours"] and seen["logo"]
    # What is left out stays; what is taken away goes.
    again = await client.do("PUT", "/appearances", {"name": "회사", "hue": None})
    assert again["logo"] and again["hue"] is None
    assert (await client.do("PUT", "/appearances", {"name": "회사", "logo": ""}))["logo"] == ""
    await client.do("DELETE", "/appearances?domain=a.example", b"", 204)
    house.clock.go(10_000)
    assert (await ask(client, "/appearance")).json == {"name": "회사", "colours": "", "logo": "", "news": []}
    assert (await ask(client, "/appearance.png")).status == 404
    assert (await client.ask("DELETE", "/appearances?domain=a.example")).status == 404


async def test_before_the_sign_in_a_domain_tells_whose(house, client):
    await client.do("PUT", "/appearances", {"name": "A사"})
    stranger = Client(house.app)
    assert (await ask(stranger, "/appearance?for=a.example")).json["name"] == "A사"
    for other in ("", "?for=b.example", "?for=n.example", "?for=%00"):
        assert (await ask(stranger, f"/appearance{other}")).json == {"name": "", "colours": "", "logo": "", "news": []}
    webmail = Client(house.app, host="mail.test")
    assert (await ask(webmail, "/appearance?for=a.example")).json["name"] == "A사"


async def test_only_who_may_sets_a_look_and_only_a_good_one(house, client):
    kim, other = await house.client("kim@a.example"), await house.client("admin@b.example")
    assert (await kim.ask("PUT", "/appearances", {"name": "x"})).status == 403
    assert (await other.ask("PUT", "/appearances", {"domain": "a.example", "name": "x"})).status == 404
    assert (await client.ask("PUT", "/appearances", {"domain": "n.example", "name": "x"})).status == 404
    for bad in (
        {"hue": 360}, {"name": "x" * 61}, {"name": "a\nb"}, {"logo": "no base64!"}, {"logo": b64(b"<svg/>")},
        {"logo": b64(b"GIF89a")},
    ):  # fmt: skip
        assert (await client.ask("PUT", "/appearances", bad)).status == 400, bad
    assert (await other.get("/appearances"))["items"] == []


async def test_what_a_company_calls_itself_lies_sealed(house, client):
    await client.do("PUT", "/appearances", {"name": "비밀이름회사", "logo": b64(logo())})
    [row] = await house.store.appearances(house.accounts["kim@a.example"].organization_id)
    assert "비밀이름회사".encode() not in row.sealed and b"IHDR" not in row.sealed


async def test_mail_of_the_house_bears_the_name(house, client):
    queue, kim = house.services.queue, house.accounts["kim@a.example"]
    notices = Notices(house.store, queue._keyring, queue._blobs, house.services.hints, house.clock, "mx.test")

    async def sender() -> str:
        await notices.send(kim, "제목", "본문")
        entry, _ = list(await house.store.queue_entries(10))[-1]
        keys = await queue._keyring.queue(entry.organization_id)
        octets = await queue._blobs.read(
            entry.blob, entry.organization_id, keys.unwrap(entry.blob.id, entry.wrapped_key)
        )
        return email.message_from_bytes(octets, policy=email.policy.default)["from"].addresses[0].display_name

    assert await sender() != "한빛소프트"
    await client.do("PUT", "/appearances", {"name": "한빛소프트"})
    house.clock.go(10_000)
    assert await sender() == "한빛소프트"
