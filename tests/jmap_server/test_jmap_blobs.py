"""Upload and download."""

import base64

import pytest
from tests.jmap_server.jmap_house import Browser, mail, open_house

from smartmail.proto.jmap.limits import Limits


async def test_upload_and_download(house, browser):
    octets = bytes(range(256)) * 10_000
    reply = await browser.ask("POST", f"/jmap/upload/{browser.account}/", octets, {"content-type": "Image/PNG; x=y"})
    assert reply.status == 201
    made = reply.json
    assert made == {"accountId": browser.account, "blobId": made["blobId"], "type": "image/png", "size": len(octets)}
    url = f"/jmap/download/{browser.account}/{made['blobId']}/%EA%B7%B8%EB%A6%BC%2F..%2Fa%22.png"
    reply = await browser.ask("GET", f"{url}?accept=image/png")
    assert (reply.status, reply.body) == (200, octets)
    assert reply.headers["content-type"] == "image/png" and reply.headers["content-length"] == str(len(octets))
    assert reply.headers["content-disposition"] == (
        "attachment; filename=\"___.._a_.png\"; filename*=UTF-8''%EA%B7%B8%EB%A6%BC_.._a%22.png"
    )
    assert reply.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["cross-origin-resource-policy"] == "same-origin"
    head = await browser.ask("HEAD", url)
    assert head.body == b"" and head.headers["content-length"] == str(len(octets))
    assert (await browser.ask("GET", url, headers={"if-none-match": reply.headers["etag"]})).status == 304


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("text/html", "application/octet-stream"),
        ("image/svg+xml", "application/octet-stream"),
        ("application/xhtml+xml", "application/octet-stream"),
        ("text/javascript", "application/octet-stream"),
        ("application/vnd.x+xml", "application/octet-stream"),
        ("text/plain\r\nX-Evil: 1", "application/octet-stream"),
        ("", "application/octet-stream"),
        ("TEXT/plain; charset=euc-kr", "text/plain"),
        ("application/pdf", "application/pdf"),
        ("application/vnd.openxmlformats-officedocument.wordprocessingml.document",) * 2,
    ],
)
async def test_only_harmless_types_are_told(browser, asked, told):
    from urllib.parse import quote

    blob = (await browser.ask("POST", f"/jmap/upload/{browser.account}/", b"x")).json["blobId"]
    reply = await browser.ask("GET", f"/jmap/download/{browser.account}/{blob}/x?accept={quote(asked)}")
    assert reply.headers["content-type"] == told and "x-evil" not in reply.headers
    assert reply.headers["content-disposition"].startswith("attachment")


async def test_parts_are_decoded_in_pieces(house, browser, kim):
    content = bytes(range(256)) * 9000
    text = base64.encodebytes(content).decode()
    number = await house.deliver(
        kim, mail(body=text, Content_Type="application/zip", Content_Transfer_Encoding="base64")
    )
    [email] = (await browser.call("Email/get", ids=[f"e{number}"], properties=["attachments", "blobId"]))["list"]
    part = email["attachments"][0]
    reply = await browser.ask("GET", f"/jmap/download/{browser.account}/{part['blobId']}/a.zip")
    assert reply.body == content and "content-length" not in reply.headers
    assert reply.headers["cache-control"] == "private, no-store"
    whole = await browser.ask("GET", f"/jmap/download/{browser.account}/{email['blobId']}/a.eml?accept=message/rfc822")
    assert whole.body.endswith(text.replace("\n", "\r\n").encode() + b"\r\n")


async def test_quoted_printable_part(house, browser, kim):
    number = await house.deliver(
        kim, mail(body="caf=C3=A9 =\nend", Content_Type="text/csv", Content_Transfer_Encoding="quoted-printable")
    )
    [email] = (await browser.call("Email/get", ids=[f"e{number}"], properties=["bodyStructure"]))["list"]
    reply = await browser.ask("GET", f"/jmap/download/{browser.account}/{email['bodyStructure']['blobId']}/a.csv")
    assert reply.body.decode() == "café end\r\n" and reply.headers["content-length"] == str(len(reply.body))


async def test_foreign_and_false_ids(house, browser):
    other = await house.browser("choi@a.example")
    blob = (await other.ask("POST", f"/jmap/upload/{other.account}/", b"secret")).json["blobId"]
    for account, name in (
        (browser.account, blob), (other.account, blob), ("a999", blob), (browser.account, "0" * 32), (browser.account, "x"),
        (browser.account, blob + "-0-3-n"), (browser.account, blob + "-9-3-n"),
    ):  # fmt: skip
        reply = await browser.ask("GET", f"/jmap/download/{account}/{name}/x")
        assert reply.status == 404 and b"secret" not in reply.body, (account, name)
    assert (await other.ask("GET", f"/jmap/download/{other.account}/{blob}-2-999-n/x")).body == b"cret"
    assert (await browser.ask("POST", f"/jmap/upload/{other.account}/", b"x")).status == 404


async def test_upload_needs_our_page(house, browser):
    foreign = Browser(house.app, cookie=browser.cookie, account=browser.account, page=False)
    url = f"/jmap/upload/{browser.account}/"
    assert (await foreign.ask("POST", url, b"x")).status == 403
    assert (await foreign.ask("POST", url, b"x", {"x-smartmail": "1", "origin": "https://evil.test"})).status == 403
    assert (await foreign.ask("POST", url, b"x", {"x-smartmail": "1", "origin": "https://mail.test"})).status == 201
    bearer = Browser(house.app, page=False)
    token = browser.cookie.partition("=")[2]
    assert (await bearer.ask("POST", url, b"x", {"authorization": f"Bearer {token}"})).status == 201


async def test_upload_limits(tmp_path):
    async with open_house(
        tmp_path, limits=Limits(max_size_upload=1000, max_size_request=500, max_concurrent_upload=0)
    ) as house:
        await house.person("kim@a.example")
        browser = await house.browser("kim@a.example")
        url = f"/jmap/upload/{browser.account}/"
        reply = await browser.ask("POST", url, b"x")
        assert reply.status == 429 and reply.json["limit"] == "maxConcurrentUpload"
        assert reply.json["type"] == "urn:ietf:params:jmap:error:limit"
        reply = await browser.ask("POST", "/jmap/api/", {"using": [], "methodCalls": [], "x": "y" * 500})
        assert (reply.status, reply.json["limit"]) == (400, "maxSizeRequest")
    (tmp_path / "two").mkdir()
    async with open_house(tmp_path / "two", limits=Limits(max_size_upload=1000)) as house:
        await house.person("kim@a.example")
        browser = await house.browser("kim@a.example")
        url = f"/jmap/upload/{browser.account}/"
        for headers in ({}, {"content-length": "1001"}):
            reply = await browser.ask("POST", url, b"x" * 1001, headers)
            assert (reply.status, reply.json["limit"]) == (413, "maxSizeUpload")
        assert (await browser.ask("POST", url, b"x" * 1000)).status == 201


async def test_an_upload_is_used_in_the_same_request(browser):
    letter = "From: lee@b.example\r\nSubject: inside\r\n\r\ntext\r\n"
    responses = await browser.calls(
        ["Blob/upload", {"create": {"b": {"data": [{"data:asText": letter}], "type": "message/rfc822"}}}],
        ["Email/parse", {"blobIds": ["#b"], "properties": ["subject"]}],
        ["Email/import", {"emails": {"k": {"blobId": "#b", "mailboxIds": {"m1": True}}}}],
        ["Email/set", {"create": {"d": {
            "mailboxIds": {"m3": True}, "attachments": [{"blobId": "#b", "type": "message/rfc822"}],
        }}}],
        ["Blob/get", {"ids": ["#b"], "properties": ["size"]}],
        ["Blob/lookup", {"ids": ["#b"], "typeNames": ["Email"]}],
    )  # fmt: skip
    made, parsed, imported, draft, told, held = (answer for _, answer, _ in responses)
    assert made["created"]["b"]["size"] == len(letter)
    assert parsed["parsed"]["#b"]["subject"] == "inside"
    email = imported["created"]["k"]["id"]
    assert draft["created"]["d"]["id"] and told["list"] == [{"id": made["created"]["b"]["id"], "size": len(letter)}]
    assert held["list"][0]["matchedIds"] == {"Email": [email]}
