"""Every sentence that this room says to a reader, by its stable code, in Vietnamese and English."""

from __future__ import annotations

from ..models import Notice

MESSAGES: dict[str, dict[str, str]] = {
    "unbalanced-quote": {
        "vi": "Dấu ngoặc kép mở mà không đóng, nên được đóng ở cuối câu hỏi.",
        "en": "A quotation mark was opened and not closed, so it was closed at the end of the question.",
    },
    "unbalanced-paren": {
        "vi": "Dấu ngoặc đơn không thành cặp: ngoặc thiếu được đóng ở cuối, ngoặc thừa bị bỏ qua.",
        "en": "Parentheses do not pair: a missing one was added at the end, an extra one was ignored.",
    },
    "dangling-operator": {
        "vi": "“{operator}” thiếu một vế nên bị bỏ qua.",
        "en": "“{operator}” lacks one of its sides, so it was ignored.",
    },
    "capital-connectives": {
        "vi": "Cả câu hỏi viết hoa, nên {operators} được hiểu là từ thường. Để dùng như phép toán, hãy tìm: {query}",
        "en": "The whole question is in capitals, so {operators} was read as an ordinary word. To use it as an operator, search: {query}",
    },
    "excluded-beside-or": {
        "vi": "Phần loại trừ áp dụng cho cả nhóm, không chỉ cho một vế của OR.",
        "en": "What is excluded is excluded from the whole group, not from one side of OR only.",
    },
    "only-excluded": {
        "vi": "Câu hỏi chỉ có phần loại trừ, nên kết quả là mọi bài còn lại.",
        "en": "The question only excludes, so every other article is found.",
    },
    "no-words": {
        "vi": "Câu hỏi không có từ nào để tìm.",
        "en": "The question has no word to search for.",
    },
    "empty-phrase": {
        "vi": "Cụm từ trong ngoặc kép không có từ nào nên bị bỏ qua.",
        "en": "A quoted phrase without words was ignored.",
    },
    "empty-group": {
        "vi": "Cặp ngoặc đơn không có gì bên trong nên bị bỏ qua.",
        "en": "Parentheses with nothing inside were ignored.",
    },
    "empty-field": {
        "vi": "“{field}:” không có giá trị nên bị bỏ qua.",
        "en": "“{field}:” has no value, so it was ignored.",
    },
    "wildcard-alone": {
        "vi": "Dấu * đứng một mình không tìm được gì nên bị bỏ qua; hãy đặt nó ngay sau phần đầu của từ, như phòng*.",
        "en": "A * on its own finds nothing, so it was ignored; put it right after the beginning of a word, as in phòng*.",
    },
    "wildcard-position": {
        "vi": "Dấu * chỉ dùng được ở cuối một từ, nên “{text}” được đọc như từ thường.",
        "en": "A * works only at the end of a single word, so “{text}” was read as ordinary words.",
    },
    "unknown-date": {
        "vi": 'Không đọc được ngày “{text}” nên {field}: bị bỏ qua. Hãy viết như 8/8/2026, 10/2026, 2026 hay "7 ngày".',
        "en": '“{text}” is not a date that can be read, so {field}: was ignored. Write it as 8/8/2026, 10/2026, 2026 or "7 days".',
    },
    "distance-clamped": {
        "vi": "Khoảng cách phải từ {low} đến {high}, nên {typed} được đổi thành {used}.",
        "en": "A distance is from {low} to {high}, so {typed} became {used}.",
    },
    "count-clamped": {
        "vi": "Số lần phải từ {low} đến {high}, nên {typed} được đổi thành {used}.",
        "en": "A number of times is from {low} to {high}, so {typed} became {used}.",
    },
    "near-needs-words": {
        "vi": "“{operator}” cần một từ hay cụm từ ở cả hai bên nên bị bỏ qua.",
        "en": "“{operator}” needs a word or a phrase on both sides, so it was ignored.",
    },
    "nesting-flattened": {
        "vi": "Ngoặc đơn lồng nhau quá {limit} tầng, nên các tầng sâu hơn bị bỏ qua.",
        "en": "Parentheses are nested more than {limit} deep, so the deeper ones were ignored.",
    },
    "question-cut": {
        "vi": "Câu hỏi quá dài, nên chỉ {used} ký tự đầu được tìm.",
        "en": "The question is too long, so only its first {used} characters were searched.",
    },
    "unreadable-parameter": {
        "vi": "Không đọc được {name}={value}, nên tìm như khi không có tham số này.",
        "en": "{name}={value} cannot be read, so the search went on without it.",
    },
    "dates-reversed": {
        "vi": "Ngày bắt đầu ({start}) đứng sau ngày kết thúc ({end}), nên hai ngày được đổi chỗ.",
        "en": "The first day ({start}) comes after the last ({end}), so the two were exchanged.",
    },
}

ERRORS: dict[str, dict[str, str]] = {
    "unreadable-parameter": {
        "vi": "Không đọc được tham số {name}: {value}",
        "en": "The parameter {name} cannot be read: {value}",
    },
    "dates-reversed": {
        "vi": "Tham số from ({start}) đứng sau to ({end})",
        "en": "The parameter from ({start}) comes after to ({end})",
    },
    "hint-number": {"vi": "Dùng số nguyên từ {low}{high}.", "en": "Use a whole number from {low}{high}."},
    "hint-choice": {"vi": "Dùng một trong: {choices}.", "en": "Use one of: {choices}."},
    "hint-date": {
        "vi": "Viết ngày như 2026-10-31, 31/10/2026, 2026-10, 2026 hay “hôm nay”.",
        "en": "Write a day as 2026-10-31, 31/10/2026, 2026-10, 2026 or “today”.",
    },
    "hint-dates": {"vi": "Đổi chỗ hai ngày.", "en": "Exchange the two days."},
}
"""what an API says when it refuses a parameter, and the hint beside it"""


def notice(code: str, lang: str, query: str | None = None, **fields: object) -> Notice:
    """Return the notice of this code in Vietnamese, or in English for `lang="en"`; `query` is the search that it links to."""
    return Notice(code, _text(MESSAGES, code, lang, {"query": query, **fields}), query)


def error_text(code: str, lang: str, **fields: object) -> str:
    """Return a sentence of ERRORS in Vietnamese, or in English for `lang="en"`."""
    return _text(ERRORS, code, lang, fields)


def _text(table: dict[str, dict[str, str]], code: str, lang: str, fields: dict[str, object]) -> str:
    return table[code]["en" if lang == "en" else "vi"].format_map(fields)
