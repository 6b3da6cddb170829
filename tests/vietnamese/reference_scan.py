"""The token contract (docs/tokens.md) written down once more, slow and obvious: the oracle for the scanner.

It shares with the scanner only what a syllable's canonical form is and what an address's normal form is.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import cache
from urllib.parse import unquote

from newssearch.identity import normalize_url
from newssearch.vietnamese.normalize import canonical_tone

Row = tuple[str, int, int, int, bool]
"""term, position, start, end, main"""

SOFT = set("-._~:/?#[]@!$&'()*+,;=%\u2010\u2011\u2019")
HYPHEN = r"[-\u2010\u2011]"
APOSTROPHE = r"['\u2019]"


@cache
def kind(character: str) -> str:
    """L(etter), N(umber), M(ark), S(oft) or H(ard)."""
    if character in SOFT:
        return "S"
    category = unicodedata.category(character)
    if category[0] in "LN":
        return category[0]
    name = unicodedata.name(character, "")
    return "M" if category in ("Mn", "Mc") and "VARIATION SELECTOR" not in name else "H"


def hard_as_blanks(text: str) -> str:
    """The text with a blank for every hard character, and for every mark that stands on nothing."""
    out = []
    in_word = False
    for character in text:
        of = kind(character)
        if of == "H" or (of == "M" and not in_word):
            out.append(" ")
            in_word = False
        else:
            out.append(character)
            in_word = of != "S"
    return "".join(out)


SOFT_CLASS = re.escape("".join(sorted(SOFT)))
W = rf"[^ {SOFT_CLASS}]"
URL = re.compile(rf"(?:https?://|www\.)(?={W})[^ ]*{W}", re.IGNORECASE)
EMAIL = re.compile(rf"(?:{W}|[._%+-])+@{W}+(?:[._-]{W}+)*\.{W}+(?:[._-]{W}+)*")
CHAIN = re.compile(r"[0-9]+(?:[./,:-][0-9]+)*")
CLEAN_END = rf"(?!{W})"
TIME = re.compile(rf"([0-9]{{1,2}})[hg]([0-9]{{2}}){CLEAN_END}", re.IGNORECASE)
WORD = re.compile(rf"{W}+")


def canonical(run: str) -> str:
    composed = unicodedata.normalize("NFC", run)
    return canonical_tone(unicodedata.normalize("NFC", composed.lower()))


def is_day(year: str, month: str, day: str) -> bool:
    try:
        date(int(year), int(month), int(day))
    except ValueError:
        return False
    return int(year) >= 1000


def is_month(month: str, year: str, mark: str) -> bool:
    return 1 <= int(month) <= 12 and (int(year) >= 1000 if mark == "/" else 1900 <= int(year) <= 2099)


def day(year: str, month: str, day_of: str) -> list[str]:
    return [f"{int(year):04}-{int(month):02}-{int(day_of):02}", f"{int(day_of)}/{int(month)}", f"{int(year):04}"]


def amount(text: str) -> list[str]:
    """The canonical form of a decimal or of a number with thousands, alone in a list; empty for anything else."""
    if re.fullmatch(r"[1-9]\d{0,2}(\.\d{3})+(,\d+)?", text):
        return [text.replace(".", "").replace(",", ".")]
    if re.fullmatch(r"[1-9]\d{0,2}(,\d{3}){2,}(\.\d+)?|[1-9]\d{0,2},\d{3}\.\d+", text):
        return [text.replace(",", "")]
    return [text.replace(",", ".")] if re.fullmatch(r"\d+[.,]\d+", text) else []


def number(text: str) -> list[str]:
    """The canonical form of a whole number, date or time, then its parts; empty for anything else."""
    fields = re.split(r"[./,:-]", text)
    marks = re.sub(r"[0-9]", "", text)
    sizes = [len(field) for field in fields]
    if len(marks) == 2 and marks[0] == marks[1] and marks[0] in "./-":
        if sizes[0] <= 2 and sizes[1] <= 2 and sizes[2] == 4:
            return day(fields[2], fields[1], fields[0]) if is_day(fields[2], fields[1], fields[0]) else []
        if sizes[0] == 4 and sizes[1] <= 2 and sizes[2] <= 2:
            return day(*fields) if is_day(*fields) else []
    if len(marks) == 1 and marks in "./-" and sizes[0] <= 2 and sizes[1] == 4 and is_month(*fields, marks):
        return [f"{fields[1]}-{int(fields[0]):02}", fields[1]]
    if len(marks) == 1 and marks in "/-" and sizes == [4, 2]:
        return [f"{fields[0]}-{fields[1]}", fields[0]] if is_month(fields[1], fields[0], "-") else []
    if marks == "/" and sizes[0] <= 2 and sizes[1] <= 2:
        return [f"{int(fields[0])}/{int(fields[1])}"]
    if marks in (":", "::") and sizes[0] <= 2 and all(size == 2 for size in sizes[1:]):
        if int(fields[0]) > 24 or any(int(field) > 59 for field in fields[1:]):
            return []
        minute = f"{int(fields[0]):02}:{fields[1]}"
        return [minute] if marks == ":" else [f"{minute}:{fields[2]}", minute]
    return amount(text)


def numbers_in_chain(text: str, at: int) -> tuple[int, dict[int, tuple[int, list[str]]]]:
    """Where the digits from here on end, and where numbers of several groups of digits begin and end in them, and what they say."""
    chain = CHAIN.match(text, at)
    if chain is None:
        return at, {}
    unit = WORD.match(text, chain.end())
    parts = [(at, chain.end()), *((at + p.start(), at + p.end()) for p in re.finditer(r"[^-]+", chain[0]))]
    found: dict[int, tuple[int, list[str]]] = {}
    for start, end in parts:
        piece = text[start:end]
        if unit is None or end < chain.end():
            if forms := number(piece):
                found[start] = end, forms
        elif kind(unit[0][0]) == "L" and (forms := amount(piece)):
            found[start] = unit.end(), [forms[0] + canonical(unit[0]), forms[0]]
        if start == at and found and end == chain.end():
            break
    return chain.end(), found


def words(text: str) -> list[str]:
    return [canonical(match[0]) for match in WORD.finditer(hard_as_blanks(text))]


def address(text: str) -> list[str]:
    lower = text.lower()
    if URL.match(text):
        try:
            normal = normalize_url(lower if lower.startswith("http") else "http://" + lower).lower()
        except UnicodeError:
            normal = ""
        place = re.split(r"[?#]", re.sub(r"^(https?://)?(www\.)?", "", lower))[0]
        return [unicodedata.normalize("NFC", normal or lower), *words(unquote(place))]
    return [unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).lower()), *words(text)]


def reference(text: str) -> list[Row]:
    """The tokens of a text, sorted by position, main token first."""
    given, text = text, hard_as_blanks(text)
    numbers: dict[int, tuple[int, list[str]]] = {}
    numbers_read = 0
    tokens: list[tuple[int, int, list[str], bool]] = []
    at = 0
    while at < len(text):
        if not re.match(W, text[at]):
            at += 1
            continue
        if at >= numbers_read:
            numbers_read, numbers = numbers_in_chain(text, at)
        if found := URL.match(text, at) or EMAIL.match(text, at):
            end = found.end()
            tokens.append((at, end, address(given[at:end]), False))
        elif at in numbers:
            end, forms = numbers[at]
            tokens.append((at, end, forms, False))
        elif (found := TIME.match(text, at)) and int(found[1]) <= 24 and int(found[2]) < 60:
            end = found.end()
            tokens.append((at, end, [f"{int(found[1]):02}:{found[2]}"], False))
        else:
            end = WORD.match(text, at).end()
            while _joins(text, end):
                end = WORD.match(text, end + 1).end()
            run = given[at:end]
            forms = [canonical(re.sub(APOSTROPHE, "'", run))]
            if re.search(APOSTROPHE, run):
                forms.append(canonical(re.sub(APOSTROPHE, "", run)))
            tokens.append((at, end, forms, True))
        at = end
    rows = []
    for position, (start, end, forms, _) in enumerate(tokens):
        rows.append((forms[0], position, start, end, True))
        rows += [(form, position, start, end, False) for form in dict.fromkeys(forms[1:]) if form != forms[0]]
    first = 0
    while first < len(tokens):
        last = first
        while last + 1 < len(tokens) and _hyphenated(text, tokens, last):
            last += 1
        start, end = tokens[first][0], tokens[last][1]
        if last > first and kind(text[start]) == "L":
            joined = canonical(re.sub(f"{HYPHEN}|{APOSTROPHE}", "", text[start:end]))
            rows.append((joined, first, start, end, False))
        first = last + 1
    return sorted(rows, key=lambda row: (row[1], not row[4]))


def _joins(text: str, end: int) -> bool:
    """Whether an apostrophe between two letters stands here."""
    return (
        re.match(APOSTROPHE, text[end : end + 1]) is not None
        and kind(text[end - 1]) in "LM"
        and end + 1 < len(text)
        and kind(text[end + 1]) == "L"
    )


def _hyphenated(text: str, tokens: list[tuple[int, int, list[str], bool]], i: int) -> bool:
    """Whether words i and i + 1 have one hyphen and nothing else between them."""
    (_, end, _, word), (start, _, _, next_word) = tokens[i], tokens[i + 1]
    return word and next_word and re.fullmatch(HYPHEN, text[end:start]) is not None
