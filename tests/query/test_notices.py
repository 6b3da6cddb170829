"""Every sentence exists in both languages and names the same things."""

from __future__ import annotations

import string

import pytest

from newssearch.query.notices import ERRORS, MESSAGES


@pytest.mark.parametrize("texts", [*MESSAGES.values(), *ERRORS.values()], ids=[*MESSAGES, *ERRORS])
def test_both_languages_say_the_same(texts: dict[str, str]) -> None:
    named = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (texts["vi"], texts["en"])]
    assert named[0] == named[1]
