"""The JSON that is stored of an article is what Python's own encoder makes of it, its texts behind it."""

import json
from dataclasses import fields
from datetime import datetime, timedelta, timezone

from hypothesis import example, given
from hypothesis import strategies as st

from newssearch.fields import article_text, stored_article
from newssearch.models import Article
from newssearch.vietnamese.letters import decoded

texts = st.text() | st.text(st.sampled_from('ếa"\\\n\t\r\x00\x1f\x7f\u2028\ud800😀'), min_size=190, max_size=230)


@given(texts, texts, st.dictionaries(texts, texts | st.none() | st.lists(st.floats() | st.integers())))
@example("", "x" * 200, {})
@example("a", "\\" * 300, {"x": 1})
@example("a", "\x1f" + "x" * 300, {"x": "y" * 300})
def test_stored_json(title: str, body: str, extras: dict[str, object]) -> None:
    published = datetime(2026, 8, 8, 8, 30, tzinfo=timezone(timedelta(hours=7))) if body else None
    article = Article(id="a", title=title, body=body, captions=(title, body), published=published, extras=extras)
    values = {field.name: value for field in fields(Article) if (value := getattr(article, field.name))}
    if published:
        values["published"] = published.isoformat()
    lengths = {"body": len(body)} if body else {}
    expected = json.dumps(values | lengths, ensure_ascii=False, separators=(",", ":")) + body
    assert article_text(article) == expected
    assert decoded(stored_article(article)) == expected
