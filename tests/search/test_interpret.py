"""What a question means to an index."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from newssearch.fields import analyse, compounds_of
from newssearch.models import Article, SearchRequest
from newssearch.query.nodes import Alternatives, Group, Word
from newssearch.query.parse import parse
from newssearch.search.interpret import Interpretation, interpret, unit_weights
from newssearch.vietnamese.fold import fold

TODAY = date(2026, 11, 24)
SYLLABLES = st.sampled_from(
    [
        "bảo",
        "vệ",
        "an",
        "ninh",
        "tổ",
        "quốc",
        "Hà",
        "Nội",
        "học",
        "sinh",
        "TP.HCM",
        "10/2026",
        "Pu-tin",
        "a@b.vn",
        "giáo",
        "viên",
        ",",
        ".",
        "-",
    ]
)


class Known:
    """A vocabulary of so many documents a term."""

    documents = 100

    def __init__(self, **frequencies: int) -> None:
        self.text = frequencies

    def document_frequencies(self, field: str, terms: Sequence[str]) -> list[int]:
        if field == "text":
            return [self.text.get(term, 0) for term in terms]
        return [sum(count for known, count in self.text.items() if fold(known) == term) for term in terms]

    def prefixed(self, field: str, prefix: str, limit: int) -> list[str]:
        return [term for term in self.text if term.startswith(prefix)][:limit]

    def spellings(self, folded: str) -> list[str]:
        return sorted(term for term in self.text if fold(term) == folded)


def meant(query: str, vocabulary: Known, *, exact: bool = False) -> Interpretation:
    return interpret(parse(query, today=TODAY), SearchRequest(query=query, exact=exact), vocabulary)


@given(st.one_of(st.text(max_size=30), st.lists(SYLLABLES, max_size=8).map(" ".join)))
def test_a_question_has_the_compounds_of_an_article_that_says_the_same(text: str) -> None:
    words = analyse([Article(id="a", title=text)], [""]).fields["word"]
    assert compounds_of(text) == tuple(words.terms[number] for number in words.term)


def test_the_other_spelling_stands_beside_what_was_typed_where_the_index_has_it() -> None:
    asked = meant("kỹ sư lý", Known(kĩ=3)).question.root
    first, second, third = asked.words
    assert isinstance(first, Alternatives)
    assert [(word.term, weight) for word, weight in first.members if isinstance(word, Word)] == [
        ("kỹ", 1.0),
        ("kĩ", 0.8),
    ]
    assert (second, third) == (Word("sư", "sư"), Word("lý", "lý"))


def test_what_is_typed_without_any_accent_is_folded_but_for_verbatim_words() -> None:
    question = meant("nga =my phong*", Known()).question
    assert question.bare
    assert question.compounds == ()
    assert [word.folded for word in question.root.words if isinstance(word, Word)] == [True, False]


def test_bare_words_beside_accented_ones_fold_only_in_the_second_attempt() -> None:
    vocabulary = Known(ngã=2, xe=1)
    first = meant("đạp nga", vocabulary)
    assert [word.folded for word in first.question.root.words if isinstance(word, Word)] == [False, False]
    assert first.fallback
    again = first.fallback()
    assert [word.folded for word in again.question.root.words if isinstance(word, Word)] == [False, True]
    assert "(nga)" in again.notices[0].message
    assert meant("đạp zzz", vocabulary).fallback is None
    assert meant("đạp nga", vocabulary, exact=True).fallback is None


def test_a_rarer_unit_weighs_more_and_a_bare_word_weighs_what_all_its_spellings_do() -> None:
    vocabulary = Known(của=90, ngã=3, nga=20)
    root = meant("của ngã", vocabulary).question.root
    common, rare = unit_weights(root, vocabulary, bare=False).values()
    assert common < rare
    bare = meant("nga", vocabulary).question
    typed = Group((Word("nga"),))
    assert unit_weights(bare.root, vocabulary, bare=True)[0] < unit_weights(typed, vocabulary, bare=False)[0]
    assert unit_weights(Group(), vocabulary, bare=False) == {}
