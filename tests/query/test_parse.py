"""What a question means, as the tree says it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newssearch.query.nodes import (
    Address,
    Alternatives,
    And,
    AtLeast,
    DateRange,
    Filter,
    Group,
    InField,
    Or,
    Phrase,
    Prefix,
    Proximity,
    Word,
)
from newssearch.query.parse import Parsed, parse, parse_plain

TODAY = date(2026, 11, 24)


def read(text: str, lang: str = "vi") -> Parsed:
    return parse(text, today=TODAY, lang=lang)


def root(text: str) -> Group:
    return read(text).root


def codes(text: str) -> list[str]:
    return [notice.code for notice in read(text).notices]


def word(text: str, term: str = "") -> Word:
    return Word(term or text.lower(), text)


def words(text: str) -> tuple[Word, ...]:
    return tuple(map(word, text.split()))


def phrase(text: str) -> Phrase:
    return Phrase(words(text), text)


PUTIN = Alternatives(((Phrase(words("Pu tin"), "Pu-tin"), 1.0), (Word("putin", "Pu-tin"), 1.0)), "Pu-tin")


def test_words_stand_side_by_side_in_canonical_form() -> None:
    assert root("An ninh hoà bình") == Group((*words("An ninh"), Word("hòa", "hoà"), word("bình")))


def test_a_word_that_is_repeated_stays_once_as_first_typed() -> None:
    assert root("Lũ lụt, lũ quét; hoà hòa") == Group((*words("Lũ lụt quét"), Word("hòa", "hoà")))


def test_text_in_nfd_is_the_same_question() -> None:
    assert root("lu\u0303 quét") == root("lũ quét")


def test_one_chunk_may_hold_several_words() -> None:
    assert root("TP.HCM") == Group(words("TP HCM"))
    assert root("22h30 5/8") == Group((Word("22:30", "22h30"), Word("5/8", "5/8")))


def test_a_date_is_one_word_in_canonical_form() -> None:
    assert root("1/8/2014") == Group((Word("2014-08-01", "1/8/2014"),))
    assert root('"01-08-2014"') == Group(required=(Word("2014-08-01", "01-08-2014"),))


def test_hyphenated_letters_are_their_parts_in_order_or_joined() -> None:
    assert root("Pu-tin") == Group((PUTIN,))
    covid = Alternatives(((Phrase(words("COVID 19"), "COVID-19"), 1.0), (Word("covid19", "COVID-19"), 1.0)), "COVID-19")
    assert root("COVID-19") == Group((covid,))
    assert root("-Pu-tin") == Group(excluded=(PUTIN,))


def test_a_phrase_with_a_hyphen_may_be_met_joined() -> None:
    typed = Phrase(words("ông Pu tin"), "ông Pu-tin")
    joined = Phrase((word("ông"), Word("putin", "Pu-tin")), "ông Pu-tin")
    assert root('"ông Pu-tin"') == Group(required=(Alternatives(((typed, 1.0), (joined, 1.0)), "ông Pu-tin"),))
    assert root('="ông Pu-tin"').required == (
        Phrase((Word("ông", "ông", True), Word("pu", "Pu", True), Word("tin", "tin", True)), "ông Pu-tin"),
    )


def test_an_apostrophe_may_be_left_out() -> None:
    jang = Alternatives(((Word("n'jang", "N’Jang"), 1.0), (Word("njang", "N’Jang"), 1.0)), "N’Jang")
    assert root("N’Jang") == Group((jang,))
    assert root('"Đắk N’Jang"') == Group(required=(Phrase((word("Đắk"), jang), "Đắk N’Jang"),))


@pytest.mark.parametrize("text", ['"sầu riêng"', "“sầu riêng”", "«sầu riêng»", "„sầu riêng“", '" sầu  riêng "'])
def test_quotes_of_every_kind_make_a_phrase(text: str) -> None:
    assert root(text) == Group(required=(phrase("sầu riêng"),))


def test_a_phrase_of_one_word_is_that_word_required() -> None:
    assert root('lũ "Nga"') == Group((word("lũ"),), (word("Nga"),))


def test_verbatim_words_and_phrases() -> None:
    assert root("=Nga") == Group((Word("nga", "Nga", verbatim=True),))
    assert root('="Nga ngố"').required == (
        Phrase((Word("nga", "Nga", verbatim=True), Word("ngố", "ngố", verbatim=True)), "Nga ngố"),
    )
    assert root("-=Nga title:=Nga") == Group(
        required=(InField("title", Word("nga", "Nga", verbatim=True)),), excluded=(Word("nga", "Nga", verbatim=True),)
    )


def test_words_near_each_other() -> None:
    assert root('"cháy rừng"~5') == Group(required=(Proximity(words("cháy rừng"), 5),))
    assert root('lũ NEAR/5 "hạn hán"') == Group(required=(Proximity((word("lũ"), phrase("hạn hán")), 5, "near"),))
    assert root("lũ GẦN/5 hạn") == root("lũ NEAR/5 hạn")
    assert (
        root("lũ BEFORE/3 hạn") == root("lũ TRƯỚC/3 hạn") == Group(required=(Proximity(words("lũ hạn"), 3, "before"),))
    )
    assert root("TP.HCM NEAR/2 lũ").required == (Proximity((Phrase(words("TP HCM"), "TP.HCM"), word("lũ")), 2, "near"),)
    assert root("Pu-tin NEAR/2 lũ").required == (Proximity((PUTIN, word("lũ")), 2, "near"),)


def test_near_binds_tighter_than_standing_side_by_side() -> None:
    near = Proximity(words("lũ hạn"), 5, "near")
    assert root("bão lũ NEAR/5 hạn mưa") == Group(words("bão mưa"), (near,))
    assert root("-lũ NEAR/5 hạn") == Group(excluded=(near,))
    assert root("a NEAR/5 b BEFORE/2 c").required == (
        Proximity(words("a b"), 5, "near"),
        Proximity(words("b c"), 2, "before"),
    )


@pytest.mark.parametrize(
    ("text", "distance"),
    [('"a b"~0', 1), ('"a b"~128', 127), ('"a b"~' + "9" * 4900, 127), ("a NEAR/0 b", 1), ("a BEFORE/500 b", 127)],
)
def test_a_distance_out_of_bounds_is_clamped_and_said(text: str, distance: int) -> None:
    (node,) = root(text).required
    assert isinstance(node, Proximity)
    assert node.distance == distance
    assert codes(text) == ["distance-clamped"]


def test_a_word_so_many_times() -> None:
    assert root("atleast3:lũ") == Group(required=(AtLeast(word("lũ"), 3),))
    assert root('atleast3:"hạn hán"').required == (AtLeast(Alternatives(((phrase("hạn hán"), 1.0),), "hạn hán"), 3),)
    assert root("atleast0:lũ") == root("atleast1:lũ")
    assert codes("atleast0:lũ") == ["count-clamped"]


def test_not_in_all_its_spellings() -> None:
    assert root("an ninh -Fulro") == Group(words("an ninh"), excluded=(word("Fulro"),))
    assert (
        root("an ninh NOT Fulro")
        == root("an ninh KHÔNG Fulro")
        == root("an ninh AND NOT Fulro")
        == root("an ninh -Fulro")
    )
    assert root('lũ -"hạn hán" -(a b) -source:x') == Group(
        words("lũ"), excluded=(phrase("hạn hán"), Group(words("a b")), Filter("source", "x"))
    )


@pytest.mark.parametrize(
    "text", ["Hà Nội - Huế", "Hà Nội -- Huế", "Hà Nội – Huế", "Hà Nội –Huế", "Hà Nội, Huế", "Hà Nội + +Huế"]
)
def test_dashes_and_signs_in_headlines_exclude_nothing(text: str) -> None:
    assert root(text) == Group(words("Hà Nội Huế"))
    assert not codes(text)


@pytest.mark.parametrize(
    "text", ["lũ lụt OR hạn hán", "lũ lụt HOẶC hạn hán", "lũ lụt | hạn hán", "lũ lụt|hạn hán", "(lũ lụt) OR (hạn hán)"]
)
def test_or_binds_looser_than_standing_side_by_side(text: str) -> None:
    assert root(text) == Group(required=(Or((Group(words("lũ lụt")), Group(words("hạn hán")))),))


def test_and_stands_between() -> None:
    both = And((Group(words("a b")), Group(words("c"))))
    assert root("a b AND c") == root("a b VÀ c") == root("a b && c") == Group(required=(both,))
    assert root("a b AND c OR d") == Group(required=(Or((Group(required=(both,)), Group(words("d")))),))
    assert root("d OR a b AND c") == Group(required=(Or((Group(words("d")), Group(required=(both,)))),))


def test_not_holds_for_the_whole_group_that_it_stands_in() -> None:
    either = Or((Group(words("a")), Group(words("b"))))
    assert (
        root("a OR b -c")
        == root("(a OR b) -c")
        == root("-c a OR b")
        == Group(required=(either,), excluded=(word("c"),))
    )
    assert root("a OR (b -c)") == Group(required=(Or((Group(words("a")), Group(words("b"), excluded=(word("c"),)))),))


def test_other_clauses_stay_on_their_side() -> None:
    assert root("a source:x OR b") == Group(
        required=(Or((Group(words("a"), (Filter("source", "x"),)), Group(words("b")))),)
    )


def test_brackets_that_change_nothing_leave_no_trace() -> None:
    assert root("((a b))") == root("a b")
    assert root("(a b) source:x") == root("a b source:x")
    assert root("(a) (b) c") == root("a b c")
    assert root('("a b") c') == root('"a b" c')
    assert root("(a b) c") == Group(words("c"), (Group(words("a b")),))


def test_a_field_takes_the_next_word_phrase_or_group() -> None:
    assert root("title:sầu riêng") == Group(words("riêng"), (InField("title", word("sầu")),))
    assert (
        root('intitle:"sầu riêng"')
        == root('Title:"sầu riêng"')
        == Group(required=(InField("title", phrase("sầu riêng")),))
    )
    assert root("title: sầu") == root("title:sầu") == root("title:(sầu)")
    assert root("title:(a OR b)").required == (
        InField("title", Group(required=(Or((Group(words("a")), Group(words("b")))),))),
    )
    assert root('lead:lũ caption:"a b"~3').required == (
        InField("lead", word("lũ")),
        InField("caption", Proximity(words("a b"), 3)),
    )
    assert root("title:TP.HCM").required == (InField("title", Phrase(words("TP HCM"), "TP.HCM")),)


def test_filters_keep_their_value() -> None:
    assert (
        root('source:"Báo Cao Nguyên"')
        == root("site:(Báo Cao Nguyên)")
        == Group(required=(Filter("source", "Báo Cao Nguyên"),))
    )
    assert root("source:https://www.baodaknong.vn/tin") == root("source:baodaknong.vn")
    assert root("section:Kinh-tế, author:An kind:teaser").required == (
        Filter("section", "Kinh-tế"),
        Filter("author", "An"),
        Filter("kind", "teaser"),
    )
    assert root("source:(a OR Báo B)") == root('source:a OR source:"Báo B"')


def test_an_unknown_field_is_words() -> None:
    assert root("abc:def Bão: số 3") == Group(words("abc def Bão số 3"))


def test_prefixes() -> None:
    assert root("phòng*") == Group(required=(Prefix("phòng", "phòng*"),))
    assert root("Phòng*, -Đà* title:x*") == Group(
        required=(Prefix("phòng", "Phòng*"), InField("title", Prefix("x", "x*"))), excluded=(Prefix("đà", "Đà*"),)
    )


@pytest.mark.parametrize(
    ("text", "same"), [("*abc", "abc"), ("a*b", "a b"), ("Pu-tin*", "Pu-tin"), ("TP.HCM*", "TP HCM")]
)
def test_a_star_elsewhere_is_said_and_the_words_are_read(text: str, same: str) -> None:
    assert root(text) == root(same)
    assert codes(text) == ["wildcard-position"]


@pytest.mark.parametrize(
    ("text", "start", "end", "surface"),
    [
        ("date:hôm nay", TODAY, TODAY, "hôm nay"),
        ('date:"hôm nay"', TODAY, TODAY, "hôm nay"),
        ("date: hôm nay", TODAY, TODAY, "hôm nay"),
        ("date:(hôm nay)", TODAY, TODAY, "hôm nay"),
        ("date:7 ngày", date(2026, 11, 18), TODAY, "7 ngày"),
        ("date:2026-10", date(2026, 10, 1), date(2026, 10, 31), "2026-10"),
        ("date:2026-10..2026-11", date(2026, 10, 1), date(2026, 11, 30), "2026-10..2026-11"),
        ("after:10/2026", date(2026, 10, 1), None, "10/2026"),
        ("before:10/2026", None, date(2026, 10, 31), "10/2026"),
        ("after:8/8/2026,", date(2026, 8, 8), None, "8/8/2026"),
        ("date:2026-10..", date(2026, 10, 1), None, "2026-10.."),
    ],
)
def test_dates(text: str, start: date | None, end: date | None, surface: str) -> None:
    assert root(f"lũ {text}") == Group(words("lũ"), (DateRange(start, end, surface),))
    assert not codes(f"lũ {text}")


def test_the_longest_run_that_reads_as_a_date_is_one() -> None:
    assert root("date:hôm nay lũ") == Group(words("lũ"), (DateRange(TODAY, TODAY, "hôm nay"),))
    assert root("date:ngày 8 tháng 8 năm 2026 lũ").words == words("lũ")
    assert root("date:2026 lũ").words == words("lũ")


def test_a_bad_date_is_dropped_and_said() -> None:
    assert root("lũ after:32/13/2026") == Group(words("lũ"))
    (notice,) = read("lũ after:32/13/2026").notices
    assert notice.code == "unknown-date"
    assert "32/13/2026" in notice.message
    assert notice.query == "lũ"
    assert root("before: tôi đi") == Group(words("tôi đi"))


def test_a_pasted_address_alone_finds_its_article() -> None:
    url = "https://www.baodaknong.vn/sau-rieng-123.html?utm_source=x"
    assert root(f" {url}\n") == Group(required=(Address(url),))
    assert root("baodaknong.vn/sau-rieng-123.html") == Group(
        required=(Address("https://baodaknong.vn/sau-rieng-123.html"),)
    )
    assert root("www.baodaknong.vn/tin") == Group(required=(Address("https://www.baodaknong.vn/tin"),))


def test_an_address_among_other_words_is_a_word() -> None:
    assert root("xem https://bao.vn/a(1)").words[1] == Word("bao.vn/a(1", "https://bao.vn/a(1")
    assert not root("xem baodaknong.vn/tin-1").required
    assert not root("baodaknong.vn").required


def test_capital_connectives_are_words_in_a_headline() -> None:
    assert root("BÃO VÀ LŨ") == Group((word("BÃO"), Word("và", "và"), word("LŨ")))
    (notice,) = read("BÃO VÀ LŨ").notices
    assert notice.code == "capital-connectives"
    assert notice.query == "BÃO AND LŨ"
    assert root(notice.query) == root("BÃO && LŨ")


@pytest.mark.parametrize("text", ["bão VÀ lũ", "bão HOẶC lũ", "2014 VÀ 2015", "BÃO OR LŨ", "BÃO VÀ LŨ trôi"])
def test_capital_connectives_join_elsewhere(text: str) -> None:
    assert not root(text).words
    assert not codes(text)


def test_small_connectives_are_words() -> None:
    assert root("bão và lũ hoặc hạn, không mưa or not") == Group(words("bão và lũ hoặc hạn không mưa or not"))


@pytest.mark.parametrize(
    ("text", "same", "code"),
    [
        ('"abc', '"abc"', "unbalanced-quote"),
        ('lũ "hạn hán', 'lũ "hạn hán"', "unbalanced-quote"),
        ("(a b OR c", "a b OR c", "unbalanced-paren"),
        ("a b) c", "a b c", "unbalanced-paren"),
        ("a AND", "a", "dangling-operator"),
        ("OR a", "a", "dangling-operator"),
        ("a OR OR b", "a OR b", "dangling-operator"),
        ("a NOT", "a", "dangling-operator"),
        ("a OR -b", "a -b", "excluded-beside-or"),
        ('a ""', "a", "empty-phrase"),
        ('a "!?"', "a", "empty-phrase"),
        ("a ()", "a", "empty-group"),
        ("a title:", "a", "empty-field"),
        ("a source:", "a", "empty-field"),
        ("a source:()", "a", "empty-group"),
        ("a after:", "a", "empty-field"),
        ("a *", "a", "wildcard-alone"),
        ("NEAR/5 a", "a", "near-needs-words"),
        ("a NEAR/5", "a", "near-needs-words"),
        ("a NEAR/5 (b c)", "a (b c)", "near-needs-words"),
    ],
)
def test_what_cannot_be_read_is_mended_and_said(text: str, same: str, code: str) -> None:
    assert root(text) == root(same)
    assert codes(text) == [code]
    assert read(text).notices[0].query in (None, read(same).notices[0].query if read(same).notices else same)


@pytest.mark.parametrize(
    "text", ["*", "((((", ")", '"', '""', "AND", "OR OR", "NOT", "|", "title:", "NEAR/5", "-", "\x00", "!!!"]
)
def test_a_question_without_words_is_empty_and_says_why(text: str) -> None:
    assert root(text) == Group()
    assert text == "\x00" or codes(text)


def test_an_empty_question_says_nothing() -> None:
    assert read("") == read(" \n\t") == Parsed(Group())


def test_a_question_that_only_excludes_says_so() -> None:
    assert codes("-lũ") == ["only-excluded"]
    assert not codes("-lũ source:x")


def test_a_question_that_is_too_long_is_cut_and_says_where() -> None:
    text = " ".join(f"từ{n}" for n in range(700)) + " lũ" * 2000
    assert len(root(text).words) == 701
    (notice,) = read(text).notices
    assert notice.code == "question-cut"
    assert "4998" in notice.message


def test_parentheses_nest_fifty_deep() -> None:
    def nested(depth: int) -> str:
        return "(a b " * depth + "c d" + ")" * depth

    assert not codes(nested(50))
    assert codes(nested(51)) == ["nesting-flattened"]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ('Pu-tin, "châu Âu" -Fulro source:x date:hôm nay', "Pu-tin, châu Âu"),
        ("lũ lụt OR (hạn hán -(a b))", "lũ lụt hạn hán"),
        ("=Nga title:sầu phòng* a NEAR/5 b", "Nga sầu phòng a b"),
        ("an ninh KHÔNG Fulro", "an ninh"),
        ("-title:(a b) c", "c"),
    ],
)
def test_plain_is_what_a_person_would_read_aloud(text: str, plain: str) -> None:
    assert read(text).plain == plain


def test_notices_speak_the_reader_s_language() -> None:
    assert "quotation mark" in read('"abc', "en").notices[0].message
    assert "ngoặc kép" in read('"abc', "vi").notices[0].message


def test_a_plain_question_has_no_operators() -> None:
    parsed = parse_plain('lũ OR "hạn hán" -mưa title:x phòng* VÀ Pu-tin')
    assert parsed.root.words == (
        word("lũ"),
        word("or"),
        *words("hạn hán mưa title x phòng và"),
        PUTIN,
    )
    assert parsed.root == Group(parsed.root.words)
    assert not parsed.notices


@given(
    st.lists(
        st.sampled_from(["bão", "Hoà", "VÀ", "OR", "5h30", "covid19", "x²", "½", "và", "bão"]) | st.text(max_size=4),
        max_size=6,
    )
)
def test_a_question_of_words_alone_means_what_it_means_beside_other_marks(words: list[str]) -> None:
    text = " ".join(words)
    beside = parse(f"{text} (zz)", today=TODAY)
    alone = parse(f"{text} zz", today=TODAY)
    if all(map(str.isalnum, words)) and not {"VÀ", "OR"}.intersection(words):
        assert alone == beside
        assert alone.notices == ()
