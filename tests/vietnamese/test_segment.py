"""Words as pyvi cuts them: pyvi itself is the oracle, on real news, on odd strings, and piece by piece."""

from __future__ import annotations

import gzip
import json
import math
import os
import pickle
import re
import subprocess
import sys
import threading
import unicodedata
import warnings
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from newssearch.errors import NewsSearchError
from newssearch.vietnamese import (
    segment,
    segment_cache,
    segment_crfsuite,
    segment_exact,
    segment_model,
    segment_scan,
    segment_tokens,
    segment_viterbi,
)

with warnings.catch_warnings():  # pyvi's own: escapes in its expressions, estimators pickled by an older scikit-learn
    warnings.simplefilter("ignore")
    from pyvi.ViTokenizer import ViTokenizer


@pytest.fixture(scope="module")
def model() -> segment_model.Model:
    return segment_cache.load_model()


def pyvi_spans(text: str) -> list[list[int]]:
    """Return the bounds of pyvi's compounds in the NFC form of a text, read off its output."""
    normal, tokens = ViTokenizer.sylabelize(text)
    output = ViTokenizer.tokenize(text)
    return [span[:2] for span in _compounds(normal, tokens, output)]


def _compounds(normal: str, tokens: list[str], output: str) -> Iterator[list[int]]:
    at = printed = 0
    word: list[int] = []
    for token in tokens:
        begin = normal.index(token, at)
        at = begin + len(token)
        word = [word[0] if word else begin, at, word[2] + 1 if word else 1]
        printed += len(token)
        if output[printed : printed + 1] != "_":
            if word[2] > 1:
                yield word
            word = []
        printed += 1


VIETNAMESE = [
    *(
        "học sinh",
        "Việt Nam",
        "đại học",
        "quốc gia",
        "Hà Nội",
        "xã hội",
        "Thành phố",
        "Hồ Chí Minh",
        "của",
        "UBND",
        "ĐẢNG",
    ),
    *(
        "TP.HCM",
        "TP.",
        "Tp.",
        "Tp",
        "Mr.",
        "Mrs.",
        "Ms.",
        "Dr.",
        "ThS.",
        "PGS.TS",
        "Thrs.",
        "hs.",
        "A.B.C",
        "ĐA.",
        "Á.",
    ),
    *("1.000,5", "2,2", "1_2_3a", "12/3/2014", "22h30", "COVID-19", "١٢.٣", "４.５", "Ⅷ", "²", "½", "http://a.b/c?d=é"),
    *(
        "https://báo.vn:",
        "a@b.c",
        "đa@b.c.d",
        "x.y-z+w@a-b.c.đ",
        "a@a@b.c",
        "a@b",
        "@",
        ".",
        "..",
        "...",
        "....",
        "://",
    ),
    *(
        "==>",
        "->",
        ">>",
        "=>",
        ">",
        "-",
        "=",
        "_",
        "__",
        "_a",
        "ÁO",
        "ǅ",
        "ß",
        "İ",
        "Σ",
        "ΟΔΟΣ",
        "中文",
        "😀",
        "👩\u200d👧",
    ),
    *("e\u0301", "o\u031b\u0323", "\u0301", "\u200b", "(", ")", "“", "”", ",", ";", "!", "?", "…", "'", "’"),
]
MODEL = segment_cache.load_model()
SYLLABLES = MODEL.words
PIECES = st.one_of(
    st.sampled_from(VIETNAMESE),
    st.sampled_from(SYLLABLES),
    st.sampled_from(SYLLABLES).map(str.title),
    st.sampled_from(SYLLABLES).map(str.upper),
)
GAPS = st.sampled_from([" "] * 6 + ["", "", "\n", "  ", "\t", "\u00a0", "\u3000", "\x1c", "\x85", "\r\n", ". ", ", "])
RUNNING = st.lists(st.tuples(PIECES, GAPS), max_size=60).map(lambda parts: "".join(a + b for a, b in parts))
SOUP = st.text(
    alphabet=st.sampled_from("aAđĐéÉ019._,-+@:/> =\n\t\"'\u0301\u031b\u00a0٣ⅷ中\u1100\u1161\u11a8\x00ǅﬁ\u212b\u0344")
)
ANY = st.one_of(RUNNING, RUNNING, SOUP, st.text())


@settings(max_examples=150, deadline=None)
@given(st.lists(ANY, min_size=1, max_size=8))
@example(["", " ", "\n", "\x00", "http://a\x00b", "a\x00b"])
@example(["học sinh " * 200, "và " * 400, "-" * 400, "😀" * 400, "x" * 5000])
@example(["Σ ΑΣ ΣΑ", "İstanbul", "e\u0302\u0323 học sinh"])
def test_output_is_what_pyvi_prints(texts: list[str]) -> None:
    expected = [ViTokenizer.tokenize(text) for text in texts]
    assert [segment.tokenize(text) for text in texts] == expected  # short texts: token by token
    assert segment.tokenize_many([*texts, "học sinh " * 100])[:-1] == expected  # long batches: by arrays


@settings(max_examples=60, deadline=None)
@given(st.lists(ANY, min_size=1, max_size=6))
def test_spans_are_pyvis_compounds(texts: list[str]) -> None:
    texts = [unicodedata.normalize("NFC", text) for text in texts]
    expected = [pyvi_spans(text) for text in texts]
    assert [segment.word_spans([text])[0].tolist() for text in texts] == expected
    assert [[[start, end] for start, end in segment.spans(text)] for text in texts] == expected
    assert [spans.tolist() for spans in segment.word_spans([*texts, "học sinh " * 100])[:-1]] == expected


@settings(max_examples=60, deadline=None)
@given(RUNNING)
def test_spans_of_decomposed_text_point_into_it(text: str) -> None:
    composed = unicodedata.normalize("NFC", text)
    decomposed = unicodedata.normalize("NFD", composed)
    if unicodedata.normalize("NFC", decomposed) == composed:
        spans = segment.word_spans([decomposed])[0].tolist()
        found = [unicodedata.normalize("NFC", decomposed[start:end]) for start, end in spans]
        assert found == [composed[start:end] for start, end in segment.word_spans([composed])[0].tolist()]


@given(st.text() | SOUP)
@example("\u0f40\u0f74\u0f73\u0f71 a\u0327\u0302 \u1100\u1161\u11a8 \u0958 \u09c7\u09be")
@example("a" + "\u0301\u0323" * 300)
def test_composition_is_followed_back(text: str) -> None:
    normal, begins, ends = segment.nfc_bounds(text)
    assert normal == unicodedata.normalize("NFC", text)
    for start, end in dict.fromkeys(zip(begins.tolist(), ends.tolist(), strict=True)):
        piece = "".join(normal[i] for i in np.flatnonzero((begins == start) & (ends == end)))
        assert piece == unicodedata.normalize("NFC", text[start:end])


def test_a_compound_is_one_span() -> None:
    assert segment.tokenize("Tôi là học sinh giỏi.") == "Tôi là học_sinh giỏi ."
    spans = segment.word_spans(["Tôi là học sinh giỏi.", "", "tôi"])
    assert [each.tolist() for each in spans] == [[[7, 15]], [], []]
    assert all(each.dtype == np.int32 and each.shape[1:] == (2,) for each in spans)


def test_nothing_gives_nothing() -> None:
    assert segment.tokenize_many([]) == []
    assert segment.word_spans([]) == []


@pytest.mark.parametrize(
    "unit", ["a", "ắ", "!?", "a.", "A.", "-", "a@", "a@a.", "1.", "a://", "\u0301", "\n", "học sinh "]
)
def test_a_megabyte_without_a_word_is_no_trap(unit: str) -> None:
    """Linear time for all of them: pyvi would need hours for some."""
    text = unit * (1_000_000 // len(unit) // 4)
    assert segment.tokenize(text).replace(" ", "").replace("_", "") == text.replace(" ", "")


def test_a_lone_surrogate_is_an_unknown_mark() -> None:
    assert segment.tokenize("học sinh \ud800 học sinh") == "học_sinh \ud800 học_sinh"
    assert segment.tokenize("học sinh \ud800 " * 50) == ("học_sinh \ud800 " * 50).rstrip()


def read_articles(shared: Path, names: tuple[str, ...]) -> Iterator[list[str]]:
    """Yield title, summary, body and all three joined, of each article."""
    for name in names:
        with gzip.open(shared / "corpus" / name, "rt", encoding="utf-8") as lines:
            for line in lines:
                article = json.loads(line)
                parts = [article.get(part) or "" for part in ("title", "summary", "body")]
                yield [*parts, "\n".join(parts)]


def assert_identical(texts: list[str]) -> None:
    different = [
        text[:80]
        for text, ours in zip(texts, segment.tokenize_many(texts), strict=True)
        if ours != ViTokenizer.tokenize(text)
    ]
    assert not different


def test_real_news_is_cut_alike(shared: Path) -> None:
    articles = islice(read_articles(shared, ("news-2.jsonl.gz",)), 0, 4000, 40)
    assert_identical([text for parts in articles for text in parts])


def test_hand_segmented_sentences_are_cut_alike(shared: Path) -> None:
    for name in ("ud-vtb-dev.txt", "ud-vtb-train.txt"):
        lines = (shared / "wordseg" / name).read_text(encoding="utf-8").splitlines()
        assert_identical([line.replace("_", " ") for line in lines])


def test_messy_text_is_cut_alike(shared: Path) -> None:
    for path in sorted((shared / "messy").glob("*.jsonl")):
        assert_identical(path.read_text(encoding="utf-8").splitlines())
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        assert_identical([value for row in rows for value in row.values() if isinstance(value, str)])


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_all_news_is_cut_alike(shared: Path) -> None:
    articles = read_articles(shared, ("news-1.jsonl.gz", "news-2.jsonl.gz"))
    while batch := list(islice(articles, 500)):
        assert_identical([text for parts in batch for text in parts])


@settings(max_examples=200, deadline=None)
@given(st.text() | SOUP | RUNNING)
def test_tokens_are_pyvis(text: str) -> None:
    normal, tokens = ViTokenizer.sylabelize(text)
    assert [normal[start:end] for start, end in segment_scan.tokens_of(normal)] == tokens


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        (st.text(max_size=12) | st.sampled_from(SYLLABLES + VIETNAMESE)).filter(lambda token: token.split() == [token]),
        min_size=1,
        max_size=30,
    )
)
@example(["a\0b", "học\0", "\0", "HỌC", "Học", "123", "1a", "."])
def test_rows_of_weights_are_the_facts_of_each_token(tokens: list[str]) -> None:
    tagger = segment_exact.ExactTagger(MODEL)
    table = segment_tokens.TokenTable(MODEL, tagger)
    # Each token between two edges, as the text of a batch has them.
    text = " ".join(["", *tokens, ""])
    ends = np.cumsum([len(token) + 1 for token in tokens])
    codes = MODEL.codes.take([ord(character) for character in text])
    rows, weights = table.rows_of(text, codes, ends - [len(token) for token in tokens], ends)
    for row, facts in zip(rows.tolist(), map(tagger.facts, tokens), strict=True):
        assert weights.own[row] == facts.own[1] - facts.own[0]
        assert weights.before[row] == sum(inside - begin for begin, inside in facts.before)
        assert weights.after[row] == sum(inside - begin for begin, inside in facts.after)
        assert (weights.number[row], weights.marks[row]) == (facts.number, facts.marks)


# --- Viterbi ---


def plain_viterbi(scores: list[float], transition: list[list[float]]) -> list[int]:
    best, back = [0.0, scores[0]], []
    for score in scores[1:]:
        choice = [int(best[1] + transition[1][j] > best[0] + transition[0][j]) for j in (0, 1)]
        best = [best[i] + transition[i][j] + (score if j else 0.0) for j, i in enumerate(choice)]
        back.append(choice)
    labels = [int(best[1] > best[0])]
    for choice in reversed(back):
        labels.append(choice[labels[-1]])
    return labels[::-1]


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.lists(st.integers(-40, 40), max_size=90), min_size=1, max_size=5),
    st.lists(st.integers(-30, 30), min_size=4, max_size=4),
)
def test_labels_are_the_best_path(texts: list[list[int]], weights: list[int]) -> None:
    """Eighths, so that sums are exact; the transitions end in odd 64ths or in ties, which must be reported."""
    transition = [[weights[0] / 8 + 1 / 64, weights[1] / 8], [weights[2] / 8, weights[3] / 8 + 1 / 32]]
    scores, edges = [0.0], [0]
    for text in texts:
        scores += [score / 8 for score in text] + [0.0]
        edges.append(len(scores) - 1)
    chain = segment_viterbi.TwoLabelChain.of(np.array(transition), 5.0)
    inside, doubtful = chain.labels(np.array(scores), np.array(edges))
    for number, text in enumerate(texts):
        if text and number not in doubtful:
            found = inside[edges[number] + 1 : edges[number + 1]]
            assert found.astype(int).tolist() == plain_viterbi([score / 8 for score in text], transition)


@pytest.mark.parametrize("off", [0.0, 1e-13, -1e-13])
def test_what_rounding_could_decide_is_reported(model: segment_model.Model, off: float) -> None:
    chain = segment_viterbi.TwoLabelChain.of(model.transition, 60.0)
    scores = np.array([0.0, 9.0, 0.0, chain.low + off, -9.0, 0.0])
    assert chain.labels(scores, np.array([0, 2, 5]))[1].tolist() == [1]
    assert chain.labels(np.array([0.0, off, 0.0]), np.array([0, 2]))[1].tolist() == [0]


def test_doubtful_texts_are_labelled_in_crfsuites_arithmetic(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "Học sinh trường trung học phổ thông chuyên Hà Nội Amsterdam đi thi. " * 12
    segmenter = segment.Segmenter(segment_cache.load_model())
    expected = segmenter.tokenize(text)
    monkeypatch.setattr(
        segment_viterbi.TwoLabelChain,
        "labels",
        lambda self, scores, edges: (np.zeros(len(scores), np.bool_), np.arange(len(edges) - 1)),
    )
    assert segmenter.tokenize_many([text, "", text]) == [expected, "", expected]


# --- the model file ---


def test_weights_are_those_that_crfsuite_reads(tmp_path: Path) -> None:
    crf = segment_crfsuite.read_crf(segment_crfsuite.crf_bytes_of_pickle(segment_model.read_model_files().weights))
    ViTokenizer.model.tagger_.dump(str(tmp_path / "dump"))
    dump = (tmp_path / "dump").read_text(encoding="utf-8")
    features = re.findall(r"^  \(([01])\) (.+?) --> (B_W|I_W): (-?\d+\.\d+)$", dump, re.M | re.S)
    told = {(kind, source, target): float(weight) for kind, source, target, weight in features}
    ours = {
        ("0", name, label): crf.state[row, column]
        for name, row in crf.attributes.items()
        for column, label in enumerate(crf.labels)
        if crf.state[row, column]
    } | {("1", a, b): crf.transition[i, j] for i, a in enumerate(crf.labels) for j, b in enumerate(crf.labels)}
    assert len(told) == 11416
    assert ours == pytest.approx(told, abs=1e-6)


def test_lists_of_compounds_are_pyvis(model: segment_model.Model) -> None:
    number = {word: index for index, word in enumerate(model.words)}
    pairs = [pair.split(" ") for pair in ViTokenizer.bi_grams if pair == pair.lower()]
    first, second = (np.array([number[pair[i]] for pair in pairs], np.int32) for i in (0, 1))
    assert (model.pairs.look_up(first, second) & 1).all()
    assert np.count_nonzero(model.pairs.value & 1) == len(pairs)
    assert not model.pairs.look_up(np.full(3, len(number), np.int32), np.array([0, 5, len(number)], np.int32)).any()
    triples = [triple.split(" ") for triple in ViTokenizer.tri_grams if triple == triple.lower()]
    assert np.count_nonzero(model.triples.value) == len(triples)
    assert int(model.pairs.value.max()) >> 1 == len({tuple(triple[:2]) for triple in triples})


class Command:
    """What a stranger would put in a pickle."""

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, ("echo run > ran",)


@pytest.mark.parametrize("thing", [Command(), {"modelfile": Command()}, print, math.sqrt, bytearray(b"x")])
def test_a_pickle_that_names_anything_else_is_refused(
    thing: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NewsSearchError, match="cannot be read: it names") as caught:
        segment_crfsuite.crf_bytes_of_pickle(pickle.dumps(thing))
    assert "pip install" in caught.value.hint
    assert not list(tmp_path.iterdir())


def test_a_damaged_model_file_is_an_error_that_helps() -> None:
    files = segment_model.read_model_files()
    crf = segment_crfsuite.crf_bytes_of_pickle(files.weights)
    for cut in (0, 100, len(files.weights) // 2, len(files.weights) - 1):
        with pytest.raises(NewsSearchError):
            segment_crfsuite.crf_bytes_of_pickle(files.weights[:cut])
    for cut in (0, 47, 3000, 230_000, len(crf) // 2):
        with pytest.raises(NewsSearchError, match="damaged"):
            segment_crfsuite.read_crf(crf[:cut])


def test_missing_pyvi_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NewsSearchError, match="cannot be read"):
        segment_model.read_model_files(tmp_path)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(NewsSearchError, match="not installed") as caught:
        segment_model.read_model_files()
    assert caught.value.hint == "pip install pyvi"


# --- the cache ---


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: segment_model.Model) -> tuple[Path, list[int]]:
    """An empty cache folder, and a list that grows at each building of the model."""
    built: list[int] = []

    def build(files: segment_model.ModelFiles) -> segment_model.Model:
        built.append(1)
        return model

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(segment_cache, "build_model", build)
    return tmp_path / "newssearch", built


def same(left: segment_model.Model, right: segment_model.Model) -> bool:
    names = ("shift", "owner", "value")
    return (
        left.words == right.words
        and all(
            np.array_equal(getattr(left, name), getattr(right, name))
            for name in ("word_weights", "flag_weights", "transition", "codes")
        )
        and all(np.array_equal(getattr(left.pairs, name), getattr(right.pairs, name)) for name in names)
        and all(np.array_equal(getattr(left.triples, name), getattr(right.triples, name)) for name in names)
    )


def test_the_model_is_built_once_and_kept(cache: tuple[Path, list[int]], model: segment_model.Model) -> None:
    folder, built = cache
    assert same(segment_cache.load_model(), model)
    assert same(segment_cache.load_model(), model)
    assert len(built) == 1
    assert [path.suffix for path in folder.iterdir()] == [".bin"]


@pytest.mark.parametrize("place", [0, 3, 9, 40, 90, 2000, -1])
def test_an_altered_cache_is_made_again(cache: tuple[Path, list[int]], model: segment_model.Model, place: int) -> None:
    folder, built = cache
    segment_cache.load_model()
    (path,) = folder.iterdir()
    whole = path.read_bytes()
    damaged = bytearray(whole)
    damaged[place] ^= 0x41
    path.write_bytes(damaged)
    assert same(segment_cache.load_model(), model)
    assert (len(built), path.read_bytes()) == (2, whole)


@pytest.mark.parametrize("length", [0, 8, 11, 100, 5000, -1])
def test_a_cache_cut_short_is_made_again(
    cache: tuple[Path, list[int]], model: segment_model.Model, length: int
) -> None:
    folder, built = cache
    segment_cache.load_model()
    (path,) = folder.iterdir()
    whole = path.read_bytes()
    path.write_bytes(whole[:length])
    assert same(segment_cache.load_model(), model)
    assert (len(built), path.read_bytes()) == (2, whole)


def test_another_model_file_has_another_cache(cache: tuple[Path, list[int]]) -> None:
    folder, built = cache
    files = segment_model.read_model_files()
    segment_cache.load_model(files)
    segment_cache.load_model(segment_model.ModelFiles(files.weights, files.words + b"\nx"))
    assert len(built) == len(list(folder.iterdir())) == 2


def test_a_cache_that_holds_another_model_is_not_used(cache: tuple[Path, list[int]]) -> None:
    folder, built = cache
    files = segment_model.read_model_files()
    other = segment_model.ModelFiles(files.weights, files.words + b"\nx")
    segment_cache.load_model(files)
    (path,) = folder.iterdir()
    segment_cache.load_model(other)
    (other_path,) = set(folder.iterdir()) - {path}
    other_path.write_bytes(path.read_bytes())
    segment_cache.load_model(other)
    assert len(built) == 3


def test_without_a_cache_folder_the_model_is_built_in_memory(
    cache: tuple[Path, list[int]], model: segment_model.Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, built = cache
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert same(segment_cache.load_model(), model)
    assert same(segment_cache.load_model(), model)
    assert len(built) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_the_built_model_is_the_cached_one(model: segment_model.Model) -> None:
    assert same(segment_model.build_model(segment_model.read_model_files()), model)


# --- the process ---


def test_neither_pyvi_nor_scikit_learn_is_imported() -> None:
    code = (
        "import sys; from newssearch.vietnamese import segment;"
        "assert segment.tokenize('học sinh') == 'học_sinh';"
        "assert segment.tokenize('học sinh. ' * 99).startswith('học_sinh .');"
        "segment.model_identity();"
        "heavy = {'pyvi', 'sklearn', 'sklearn_crfsuite', 'pycrfsuite', 'scipy', 'joblib'};"
        "assert not heavy & {name.split('.')[0] for name in sys.modules}"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_identity_names_version_and_files() -> None:
    assert segment.model_identity().startswith("pyvi 0.")
    assert segment_model.read_model_files().identity in segment.model_identity()


def test_threads_share_one_segmenter(model: segment_model.Model) -> None:
    segmenter = segment.Segmenter(model)
    words = model.words
    texts = [" ".join(words[start::97]) + f" {start} Ωmega{start}" for start in range(97)]
    expected = [segment.tokenize(text) for text in texts]
    results: dict[int, list[str]] = {}

    def work(turn: int) -> None:
        order = texts[turn * 20 :] + texts[: turn * 20]
        found = [segmenter.tokenize(text) for text in order]
        results[turn] = found[len(texts) - turn * 20 :] + found[: len(texts) - turn * 20]

    threads = [threading.Thread(target=work, args=(turn,)) for turn in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(results[turn] == expected for turn in range(4))
