"""Every sample document of the project is read, once, with nothing rejected."""

from collections import Counter
from pathlib import Path

from newssearch.readers import Document, read_paths


def test_every_seed_is_an_article_and_none_twice(repository: Path) -> None:
    found = list(read_paths([repository / "seeds"]))
    documents = [part for part in found if isinstance(part, Document)]
    assert [part for part in found if not isinstance(part, Document)] == []
    assert len(documents) >= 48
    assert [id for id, times in Counter(document.article.id for document in documents).items() if times > 1] == []
    for document in documents:
        read = document.article
        assert read.title
        assert read.body or read.lead
        assert read.url
        assert read.source
        assert not any(mark in read.body for mark in ("<p>", "&nbsp;", "Powered by", "Nguồn: http", "Cùng chuyên mục", " ảnh 1\n"))
        assert ("/pasted/" in document.origin) == bool(document.teasers)
        assert "repaired" not in read.extras
