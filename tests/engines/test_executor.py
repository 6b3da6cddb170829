"""What a reader notices of matching, ranking and counting, told by small examples."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from newssearch.engines.base import Filters, Question, ScoredPage
from newssearch.engines.embedded import executor_scoring
from newssearch.engines.embedded.executor import Executor, search
from newssearch.engines.embedded.executor_arrays import best
from newssearch.engines.embedded.executor_stories import grouped
from newssearch.fields import RankingParameters
from newssearch.query.nodes import (
    Alternatives,
    DateRange,
    Filter,
    Group,
    InField,
    Node,
    Phrase,
    Proximity,
    Word,
)

from .memory_source import Document, from_documents


def words(text: str, *, folded: bool = False) -> tuple[Word, ...]:
    return tuple(Word(term, surface=term, folded=folded) for term in text.split())


def ask(documents: list[Document], root: Group, **rest: object) -> ScoredPage:
    question = Question(root=root, articles=False, **rest)  # type: ignore[arg-type]
    return search([from_documents(documents)], question, RankingParameters())


def ids(page: ScoredPage) -> list[str]:
    return [hit.id for hit in page.hits]


def article(id: str, body: str, **rest: object) -> Document:
    return Document(id=id, body=body.split(), **rest)  # type: ignore[arg-type]


FILLER = [article(f"f{n}", "trời mưa") for n in range(20)]


def test_typed_accents_are_kept() -> None:
    documents = [article("a", "bò"), article("b", "bơ"), article("c", "bỏ")]
    assert ids(ask(documents, Group(words("bò")))) == ["a"]
    assert set(ids(ask(documents, Group(words("bò", folded=True)), bare=True))) == {"a", "b", "c"}


def test_a_bare_question_lifts_what_is_written_exactly_so() -> None:
    documents = [article("a", "ngã xe đạp"), article("b", "nga xe đạp"), *FILLER]
    assert ids(ask(documents, Group(words("nga", folded=True)), bare=True)) == ["b", "a"]


def test_up_to_three_known_words_must_all_be_there_and_unknown_ones_are_told() -> None:
    documents = [article("a", "cháy rừng lớn"), article("b", "cháy nhà lớn")]
    page = ask(documents, Group(words("cháy rừng kvtgh")))
    assert ids(page) == ["a"]
    assert page.hits[0].missing == ("kvtgh",)
    assert ask(documents, Group(words("cháy rừng kvtgh")), match="all").total == 0


def test_another_question_is_answered_where_nothing_matches_but_that() -> None:
    documents = [article("a", "cháy rừng lớn"), article("b", "cháy nhà cao"), *FILLER]
    asked, near = Group(words("rung")), Group(words("cháy nhà xyz lớn kho"))

    def answer(first: Group, second: Group) -> ScoredPage:
        return ask(documents, first, otherwise=lambda: Question(root=second, articles=False))

    page = answer(asked, Group(words("rừng")))
    assert (ids(page), page.otherwise) == (["a"], True)
    assert not answer(Group(words("lớn")), Group(words("nhà"))).otherwise
    # Where neither matches, what comes near to the first is the answer.
    page = answer(near, asked)
    assert (page.total, page.otherwise) == (0, False)
    assert page.near
    assert ids(page) == ids(ask(documents, near))


def test_words_that_the_index_does_not_know_find_nothing() -> None:
    page = ask(FILLER, Group(words("kvtgh")))
    assert (page.total, page.near, page.unfiltered) == (0, 0, 0)


def test_four_words_are_reached_by_a_third_of_their_mass() -> None:
    documents = [article("whole", "an b c d"), article("half", "an b"), article("none", "trời"), *FILLER]
    page = ask(documents, Group(words("an b c d")))
    assert [(hit.id, hit.near, hit.missing) for hit in page.hits] == [
        ("whole", False, ()),
        ("half", True, ("c", "d")),
    ]
    assert (page.total, page.near, page.articles) == (1, 1, 1)
    assert ask(documents, Group(words("an b c d")), sort="newest").near == 0
    assert ask(documents, Group(words("an b c d")), match="most").near == 0
    assert ask(documents, Group(words("an b c d")), reach=False).near == 0


def test_two_words_reach_only_when_nothing_is_found_the_filters_aside() -> None:
    apart = [article("a", "cháy"), article("b", "rừng")]
    assert ask(apart, Group(words("cháy rừng"))).near == 2
    elsewhere = [*apart, article("c", "cháy rừng", source="VnExpress")]
    page = ask(elsewhere, Group(words("cháy rừng")), filters=Filters(source=("Báo Đắk Nông",)))
    assert (page.total, page.near, page.unfiltered) == (0, 0, 1)
    typed = ask(elsewhere, Group(words("cháy rừng"), required=(Filter("source", "Báo Đắk Nông"),)))
    assert (typed.total, typed.near, typed.unfiltered) == (0, 0, 1)


def test_clauses_bind_what_is_reached_too() -> None:
    documents = [article("a", "cháy"), article("b", "rừng ngập"), article("c", "ngập")]
    root = Group(words("cháy rừng"), required=(Word("ngập"),))
    assert ids(ask(documents, root)) == ["b"]


def test_alternatives_are_one_word() -> None:
    city = Alternatives(((Word("tphcm"), 1.0), (Phrase(words("thành phố hồ chí minh")), 0.8)), surface="TPHCM")
    documents = [article("a", "tphcm mưa"), article("b", "thành phố hồ chí minh mưa"), article("c", "hồ chí minh mưa")]
    page = ask(documents, Group((city, Word("mưa"))))
    assert ids(page) == ["a", "b"]
    assert ask(documents[2:], Group((city, Word("mưa")))).hits[0].missing == ("TPHCM",)


def test_a_phrase_alone_ranks_what_says_it_more_often_first() -> None:
    documents = [article("once", "cháy rừng a b c d"), article("often", "cháy rừng cháy rừng c d"), *FILLER]
    assert ids(ask(documents, Group(required=(Phrase(words("cháy rừng")),)))) == ["often", "once"]


def test_neither_phrase_nor_window_crosses_two_parts() -> None:
    documents = [Document(id="a", title=("cháy",), body=("rừng",))]
    clauses: list[Node] = [Phrase(words("cháy rừng"))]
    clauses += [Proximity(words("cháy rừng"), 127, operator) for operator in ("within", "near", "before")]
    assert [ask(documents, Group(required=(clause,))).total for clause in clauses] == [0, 0, 0, 0]


def test_a_title_asked_for_is_no_text_found() -> None:
    documents = [Document(id="t", title=("sầu", "riêng")), article("b", "sầu riêng")]
    root = Group(required=(InField("title", Phrase(words("sầu riêng"))),))
    assert ids(ask(documents, root)) == ["t"]


def test_a_day_ends_at_midnight_in_vietnam() -> None:
    last_second = datetime(2026, 10, 31, 16, 59, 59, tzinfo=UTC)
    documents = [
        article("in", "a", published=last_second),
        article("out", "a", published=last_second + timedelta(seconds=1)),
    ]
    october = (date(2026, 10, 1), date(2026, 10, 31))
    filters = Filters(date_from=october[0], date_to=october[1])
    assert ids(ask(documents, Group(words("a")), filters=filters)) == ["in"]
    assert ids(ask(documents, Group(words("a"), required=(DateRange(*october),)))) == ["in"]
    page = ask(documents, Group(words("a")))
    assert [(bar.start, bar.count) for bar in page.histogram] == [(date(2026, 10, 31), 1), (date(2026, 11, 1), 1)]


def test_the_undated_come_last_under_both_date_sorts() -> None:
    day = datetime(2026, 1, 1, tzinfo=UTC)
    documents = [
        article("none", "a"),
        article("old", "a", published=day),
        article("new", "a", published=day + timedelta(1)),
    ]
    assert ids(ask(documents, Group(words("a")), sort="newest")) == ["new", "old", "none"]
    page = ask(documents, Group(words("a")), sort="oldest")
    assert ids(page) == ["old", "new", "none"]
    assert {hit.score for hit in page.hits} == {None}
    assert page.undated == 1


def test_a_facet_is_counted_without_its_own_filter() -> None:
    documents = [
        article("a", "x", source="Báo A", section="Thể thao"),
        article("b", "x", source="Báo B", section="Thể thao"),
        article("c", "x", source="Báo B", section="Kinh tế"),
    ]
    page = ask(documents, Group(words("x")), filters=Filters(source=("báo a",)))
    assert [(facet.value, facet.count) for facet in page.facets["source"]] == [("Báo B", 2), ("Báo A", 1)]
    assert [(facet.value, facet.count) for facet in page.facets["section"]] == [("Thể thao", 1)]


def test_sources_of_one_host_are_one_facet_under_the_most_frequent_name() -> None:
    documents = [
        article("a", "x", source="Báo Đắk Nông", host="baodaknong.vn"),
        article("b", "x", source="Báo Đắk Nông", host="baodaknong.vn"),
        article("c", "x", source="baodaknong.vn", host="baodaknong.vn"),
    ]
    page = ask(documents, Group(words("x")))
    assert [(facet.value, facet.count) for facet in page.facets["source"]] == [("Báo Đắk Nông", 3)]
    assert ask(documents, Group(words("x")), filters=Filters(source=("baodaknong.vn",))).total == 3


def test_long_spans_are_drawn_in_months_and_years() -> None:
    start = datetime(2020, 1, 15, tzinfo=UTC)

    def bars(*days: int) -> list[date]:
        documents = [article(str(day), "x", published=start + timedelta(day)) for day in days]
        return [bar.start for bar in ask(documents, Group(words("x"))).histogram]

    assert len(bars(0, 61)) == 62
    assert bars(0, 62) == [date(2020, 1, 1), date(2020, 2, 1), date(2020, 3, 1)]
    assert bars(0, 4000) == [date(year, 1, 1) for year in range(2020, 2031)]


@pytest.mark.parametrize("published", [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, tzinfo=UTC)])
def test_the_first_and_the_last_day_of_the_calendar_are_drawn(published: datetime) -> None:
    page = ask([article("a", "x", published=published)], Group(words("x")))
    assert sum(bar.count for bar in page.histogram) == 1


def test_an_empty_question_shows_everything_newest_first() -> None:
    day = datetime(2026, 1, 1, tzinfo=UTC)
    documents = [
        article("old", "a", published=day),
        article("new", "b", published=day + timedelta(1)),
        article("gone", "c", deleted=True),
    ]
    page = ask(documents, Group())
    assert [(hit.id, hit.score) for hit in page.hits] == [("new", 0.0), ("old", 0.0)]


def test_a_page_beyond_the_last_is_empty_and_counts_are_right() -> None:
    page = ask(FILLER, Group(words("mưa")), offset=9990)
    assert page.hits == ()
    assert page.total == 20


def test_pages_join_without_gap_or_repeat() -> None:
    documents = [article(f"a{n}", "mưa " + "x " * (n % 7)) for n in range(300)]
    whole = ids(ask(documents, Group(words("mưa")), limit=300))
    pages = [
        found
        for offset in range(0, 300, 50)
        for found in ids(ask(documents, Group(words("mưa")), offset=offset, limit=50))
    ]
    assert pages == whole
    assert sorted(whole) == sorted(document.id for document in documents)


def test_adjacent_words_rank_before_the_same_words_apart() -> None:
    documents = [article("apart", "cháy x y z rừng"), article("together", "cháy rừng x y z"), *FILLER]
    assert ids(ask(documents, Group(words("cháy rừng")))) == ["together", "apart"]


def test_the_passage_is_where_the_words_are() -> None:
    body = ["x"] * 500
    body[300:302] = ["cháy", "rừng"]
    page = ask([Document(id="a", title=("tin",), body=body), *FILLER], Group(words("cháy rừng")))
    passage = page.hits[0].passage
    assert passage is not None
    place = Document(id="a", title=("tin",), body=body).parts()[1] + 300
    assert passage[0] <= place
    assert place + 1 < passage[1]


def test_nothing_is_found_in_no_segment() -> None:
    page = search([], Question(root=Group(words("a"))), RankingParameters())
    assert (page.hits, page.total, page.histogram) == ((), 0, ())


@pytest.mark.parametrize("size", [0, 1, 5, 3000, 50_000])
@pytest.mark.parametrize("values", [1, 3, 10**9])
def test_the_best_are_the_first_of_a_full_sort(size: int, values: int) -> None:
    random = np.random.default_rng(size + values)
    scores = random.integers(0, values, size).astype(np.float64)
    ties = random.integers(0, 2, size)
    for count in (1, 10, 200):
        full = sorted(range(size), key=lambda i: (-scores[i], -ties[i], i))
        assert best(count, scores, ties).tolist() == full[:count]


@pytest.mark.parametrize("asked", ["một hai", "một hai ba bốn năm sáu", "bảy tám hiếm", "mười"])
@pytest.mark.parametrize("rescored", [0, 3])
def test_leaving_documents_behind_that_cannot_be_among_the_best_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, asked: str, rescored: int
) -> None:
    random = np.random.default_rng(7)
    vocabulary = ["một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín", "mười"]
    bodies = [" ".join(random.choice(vocabulary, random.integers(3, 40))) for _ in range(600)]
    documents = [article(f"d{n}", body + (" hiếm" if n % 97 == 5 else "")) for n, body in enumerate(bodies)]
    question = Question(root=Group(words(asked)), match="any", articles=False, limit=4)
    pages = []
    for many in (0, 1 << 14):
        monkeypatch.setattr(executor_scoring, "_MANY", many)
        pages.append(search([from_documents(documents)], question, RankingParameters(rescored=rescored)))
    pruned, whole = pages
    assert ids(pruned) == ids(whole)
    assert [hit.score for hit in pruned.hits] == pytest.approx([hit.score for hit in whole.hits], abs=1e-9)
    assert (pruned.total, pruned.facets) == (whole.total, whole.facets)


@pytest.mark.parametrize("copies", [3, 60])
@pytest.mark.parametrize("rescored", [0, 3])
def test_nor_does_it_where_stories_have_copies(monkeypatch: pytest.MonkeyPatch, copies: int, rescored: int) -> None:
    random = np.random.default_rng(11)
    vocabulary = ["một", "hai", "ba", "bốn", "năm", "sáu"]
    bodies = [" ".join(random.choice(vocabulary, random.integers(3, 40))) for _ in range(600)]
    # A story that is told so often that its copies alone would fill the page.
    told = random.choice(600, copies, replace=False)
    documents = [article(f"d{n}", "một hai " * 5 if n in told else body) for n, body in enumerate(bodies)]
    others = np.setdiff1d(np.arange(600), told)[:90]
    stories = grouped(np.concatenate([told, others]), [copies, *[3] * 30], 600)
    question = Question(root=Group(words("một hai")), match="any", articles=False, limit=4)
    pages = []
    for many in (0, 1 << 14):
        monkeypatch.setattr(executor_scoring, "_MANY", many)
        executor = Executor([from_documents(documents)], stories)
        pages.append(executor.search(question, RankingParameters(rescored=rescored)))
    pruned, whole = pages
    assert len(pruned.hits) == 4
    assert ids(pruned) == ids(whole)
    assert [hit.score for hit in pruned.hits] == pytest.approx([hit.score for hit in whole.hits], abs=1e-9)
    assert [hit.duplicate_count for hit in pruned.hits] == [hit.duplicate_count for hit in whole.hits]
    assert copies - 1 in [hit.duplicate_count for hit in pruned.hits]


def test_bars_of_the_histogram_reach_over_more_than_a_century() -> None:
    years = (1850, 1851, 1999, 2026)
    documents = [article(f"y{year}", "tin", published=datetime(year, 7, 1, tzinfo=UTC)) for year in years]
    page = ask([*documents, article("undated", "tin")], Group(words("tin")))
    assert page.undated == 1
    assert [bar.start.year for bar in page.histogram] == list(range(1850, 2027))
    assert {bar.start.year: bar.count for bar in page.histogram if bar.count} == dict.fromkeys(years, 1)
