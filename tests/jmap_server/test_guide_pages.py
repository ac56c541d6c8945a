"""The guide's pages beside the webmail: found by their short addresses, under the app's policy, for everybody."""

from tests.jmap_server.jmap_house import Browser, open_house


async def test_chapters_and_their_pictures_are_served(tmp_path):
    site = tmp_path / "site"
    (site / "help" / "ko").mkdir(parents=True)
    (site / "help" / "pictures" / "ko").mkdir(parents=True)
    (site / "index.html").write_text("<title>mail</title>")
    (site / "help" / "ko.html").write_text("<title>contents</title>")
    (site / "help" / "ko" / "reading.html").write_text("<title>reading</title>")
    (site / "help" / "guide.css").write_text("p{}")
    (site / "help" / "pictures" / "ko" / "list.png").write_bytes(b"\x89PNG")
    (tmp_path / "data").mkdir()
    async with open_house(tmp_path / "data", webmail=site) as house:
        browser = Browser(house.app)
        for path in ("/help/ko", "/help/ko/"):
            assert (await browser.ask("GET", path)).body == b"<title>contents</title>", path
        chapter = await browser.ask("GET", "/help/ko/reading")
        assert (chapter.status, chapter.body) == (200, b"<title>reading</title>")
        assert chapter.headers["content-type"] == "text/html; charset=utf-8"
        # An update of the server brings new chapters under the same addresses.
        assert chapter.headers["cache-control"] == "no-cache"
        assert "script-src 'self'" in chapter.headers["content-security-policy"]
        assert "link" not in chapter.headers  # what the mail asks for ahead is no business of a chapter
        assert (await browser.ask("GET", "/help/guide.css")).headers["content-type"] == "text/css; charset=utf-8"
        picture = await browser.ask("GET", "/help/pictures/ko/list.png")
        assert (picture.headers["content-type"], picture.body) == ("image/png", b"\x89PNG")
        assert (await browser.ask("GET", "/help/pictures/ko/none.png")).status == 404
