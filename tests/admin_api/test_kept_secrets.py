"""What opens a place stays with that place: where the host changes, a secret that is kept does not go along."""

import pytest
from tests.admin_api.test_operations import operated, root  # noqa: F401 -- fixtures

from smartmail.adapters.backup import DirectoryPlace

URL = "https://events.test/hook"


class Buckets:
    """Opens every bucket as a folder, and remembers with which secret."""

    def __init__(self, directory: str) -> None:
        self.directory = directory
        self.opened: list[tuple[str, str]] = []

    def open(self, spec):
        self.opened.append((spec.config.get("endpoint", ""), spec.secret))
        return DirectoryPlace(self.directory)


BUCKET = {"bucket": "backups", "endpoint": "https://s3.a.example", "accessKey": "AK"}


@pytest.mark.parametrize(
    "other", [{"endpoint": "https://s3.evil.example"}, {"bucket": "others"}, {"accessKey": "XX"}, {"region": "x"}]
)
async def test_the_secret_of_a_bucket_goes_to_no_other_place(operated, root, tmp_path, other):  # noqa: F811
    buckets = Buckets(str(tmp_path / "bucket"))
    operated.services.backups.plans._host = buckets
    await root.do("PUT", "/backup-schedule", {**BUCKET, "secretKey": "geheim"})
    await root.do("PUT", "/backup-schedule", {**BUCKET, "hour": 4})
    assert buckets.opened[-1] == ("https://s3.a.example", "geheim"), "it stays where it was given for"
    opened = len(buckets.opened)
    reply = await root.ask("PUT", "/backup-schedule", {**BUCKET, **other})
    assert reply.status == 400
    assert len(buckets.opened) == opened, "nothing was asked there"
    await root.do("PUT", "/backup-schedule", {**BUCKET, **other, "secretKey": "another"})
    assert buckets.opened[-1][1] == "another"


async def test_another_host_of_a_webhook_gets_another_secret(client):
    made = await client.do("POST", "/webhooks", {"url": URL}, 201)
    url = f"/webhooks/{made['id']}"
    assert "secret" not in await client.do("PATCH", url, {"url": "https://events.test/other"})
    assert "secret" not in await client.do("PATCH", url, {"label": "x"})
    moved = await client.do("PATCH", url, {"url": "https://events.evil.example/hook"})
    assert moved["secret"] not in {"", made["secret"]}
    assert "secret" not in await client.get(url)
