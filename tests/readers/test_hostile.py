"""Input that is long and of one kind: read in the time that its length takes, which a quadratic reader would not finish."""

import pytest

from newssearch.readers import read_bytes


@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html", "a.json"])
@pytest.mark.parametrize("unit", ["<!--", "<script>", "<p", "a\n", "**a ", "![a", "[a](", "_a*", "mot dong dai duoc ngat giua chung khong co dau cham\n", "Nguồn: x\n\n", " (ảnh: ", "a: b\n", "- b\n"])
def test_one_piece_forty_thousand_times(unit: str, name: str) -> None:
    text = unit * 40_000
    if name == "a.json":
        escaped = text.replace("\n", "\\n")
        text = f'{{"title": "T", "body": "{escaped}<p>"}}'
    elif name == "a.md":
        text = f"# T\n\n{text}"
    assert list(read_bytes(text.encode(), name, "a"))
