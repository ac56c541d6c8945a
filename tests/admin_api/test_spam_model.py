"""What a company's filter was taught, over the admin API: by script, with what is missing until a script decides."""

from tests.bench.made_mail import made

from smartmail.formats.spam.counts import ENOUGH

COLLECTION = [(one.octets, one.spam) for one in made("ko", 60)]


async def test_an_untaught_filter_says_so(client):
    told = await client.get("/spam-model")
    assert (told["taughtAt"], told["silent"], told["enough"]) == (None, True, ENOUGH)
    assert [one["script"] for one in told["scripts"]] == ["latin", "hangul", "kana", "han", "other"]
    assert {(one["missingGood"], one["missingBad"], one["decides"]) for one in told["scripts"]} == {
        (ENOUGH, ENOUGH, False)
    }


async def test_lessons_are_told_by_script(house, client):
    home = house.accounts["kim@a.example"].organization_id
    await house.services.learning.teach(home, COLLECTION)
    told = await client.get("/spam-model")
    assert told["taughtAt"] is not None
    assert not told["silent"]
    assert {"good": 30, "bad": 30, "people": 0}.items() <= told["counts"].items()
    scripts = {one["script"]: one for one in told["scripts"]}
    assert scripts["hangul"] == {
        "script": "hangul", "good": 30, "bad": 30, "missingGood": ENOUGH - 30, "missingBad": ENOUGH - 30, "decides": False,
    }  # fmt: skip
    # What one company was taught is not told to another.
    other = await (await house.client("admin@b.example")).get("/spam-model")
    assert other["counts"]["good"] == 0


async def test_a_script_decides_from_enough_of_both_sorts_on(house, client):
    home = house.accounts["kim@a.example"].organization_id
    opened = await house.services.learning._models.fresh_company(home)
    opened.model.good, opened.model.bad = ENOUGH, 2 * ENOUGH - 1
    counts = opened.model.counts
    counts.good["hangul"] = counts.bad["hangul"] = ENOUGH
    counts.bad["latin"] = ENOUGH - 1
    assert await house.store.keep_lessons([await house.services.learning._models.sealed_company(home, opened)], [])
    scripts = {one["script"]: one for one in (await client.get("/spam-model"))["scripts"]}
    assert [one for one in scripts if scripts[one]["decides"]] == ["hangul"]
    assert (scripts["hangul"]["missingGood"], scripts["hangul"]["missingBad"]) == (0, 0)
    assert (scripts["latin"]["missingGood"], scripts["latin"]["missingBad"]) == (ENOUGH, 1)
