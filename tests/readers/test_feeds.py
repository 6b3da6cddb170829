"""RSS and Atom feeds: each item an article."""

from datetime import datetime
from pathlib import Path

from newssearch.models import Rejection
from newssearch.readers import Document, read_bytes, read_paths

from .reading import article, documents

ITEM = """<item><title>Giá tiêu &amp;amp; cà phê</title><link>https://laxanh.example/gia-3.html</link><guid isPermaLink="false">laxanh-3</guid>
<category>Nông nghiệp</category><category>Giá cả</category><dc:creator>Lê An</dc:creator><pubDate>Thu, 05 Mar 2026 09:15:00 +0700</pubDate>
<description><![CDATA[<a href="https://laxanh.example/gia-3.html"><img src="https://laxanh.example/a.jpg" ></a></br>Giá lên ở cả hai nơi.]]></description>
<content:encoded><![CDATA[<p>Giá tiêu lên.</p><p>Giá cà phê <b>cũng</b> lên.</p>]]></content:encoded></item>"""
RSS = f"""<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>Nông nghiệp - Báo Lá Xanh RSS</title><link>https://laxanh.example</link>{ITEM}<item><title>Tin thứ hai</title><description>Chỉ có tóm tắt.</description><pubDate>32/13/2026</pubDate></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Lá Xanh</title><entry><title type="html">Chợ &lt;i&gt;phiên&lt;/i&gt;</title><id>https://laxanh.example/cho-4.html</id>
<link href="https://laxanh.example/cho-4.html"/><published>2026-03-05T02:15:00Z</published><updated>2026-03-06T02:15:00Z</updated><author><name>Lê An</name></author><author><name>Y Nam</name></author>
<summary>Họp lại sau lũ.</summary><content type="html">&lt;p&gt;Chợ họp sớm.&lt;/p&gt;</content></entry></feed>"""


def test_item_of_rss() -> None:
    first, second = documents(RSS, "nguon.rss")
    read = first.article
    assert (first.line, read.title, read.url, read.source, read.section, read.author) == (1, "Giá tiêu & cà phê", "https://laxanh.example/gia-3.html", "Báo Lá Xanh", "Nông nghiệp", "Lê An")
    assert (read.lead, read.body) == ("Giá lên ở cả hai nơi.", "Giá tiêu lên.\n\nGiá cà phê cũng lên.")
    assert read.published == datetime.fromisoformat("2026-03-05T09:15+07:00")
    assert (read.image, read.aliases, read.extras) == ("https://laxanh.example/a.jpg", ("laxanh-3",), {"tags": ["Nông nghiệp", "Giá cả"]})
    assert (second.article.lead, second.article.body, second.article.published) == ("Chỉ có tóm tắt.", "", None)
    assert second.article.extras == {"published": "32/13/2026"}


def test_entry_of_atom() -> None:
    read = article(ATOM, "nguon.atom")
    assert (read.title, read.lead, read.body, read.author) == ("Chợ phiên", "Họp lại sau lũ.", "Chợ họp sớm.", "Lê An, Y Nam")
    assert read.published == datetime.fromisoformat("2026-03-05T09:15+07:00")
    assert (read.url, read.aliases) == ("https://laxanh.example/cho-4.html", ())


def test_declared_encoding() -> None:
    data = RSS.replace("UTF-8", "utf-16").encode("utf-16")
    assert documents(data, "nguon.xml")[0].article.title == "Giá tiêu & cà phê"


def test_feed_that_is_cut_off_gives_its_whole_items() -> None:
    found = list(read_bytes(RSS[: RSS.index("Chỉ có tóm tắt")].encode(), "nguon.rss", "a"))
    assert isinstance(found[0], Document)
    assert found[0].article.title == "Giá tiêu & cà phê"
    assert isinstance(found[-1], Rejection)
    assert "cut off" in found[-1].reason


def test_sloppy_feed_is_read() -> None:
    assert documents(RSS.replace("Tin thứ hai", "Sở TN&MT nói <b>gì"), "nguon.rss")[0].article.title == "Giá tiêu & cà phê"


def test_real_feeds(shared: Path) -> None:
    for name in ("2017-02-18-vnexpress-rss.xml", "2017-08-30-vnexpress-rss.xml"):
        found = list(read_paths([shared / "pages" / name]))
        assert len(found) == 25
        for part in found:
            assert isinstance(part, Document)
            read = part.article
            assert read.title
            assert read.lead
            assert "<" not in read.title + read.lead
            assert read.published
            assert read.published.year == 2017
            assert read.source == "VnExpress"
            assert read.url.startswith("http")
