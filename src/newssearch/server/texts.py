"""Every sentence of the page, by its key, in Vietnamese and English."""

from __future__ import annotations

from typing import NamedTuple

LANGUAGES = ("vi", "en")


class Text(NamedTuple):
    """One sentence in both languages; `one` is the English form for a count of 1."""

    vi: str
    en: str
    one: str = ""


TEXTS: dict[str, Text] = {
    # Frame
    "tagline": Text("tìm trong báo chí tiếng Việt", "search in Vietnamese news"),
    "skip": Text("Tới nội dung chính", "Skip to the main content"),
    "home": Text("newssearch, trang đầu", "newssearch, home page"),
    "find_label": Text("Tìm trong kho báo", "Search the news"),
    "find_placeholder": Text("Từ, tên người, nơi chốn…", "Words, names, places…"),
    "find": Text("Tìm", "Search"),
    "language": Text("Ngôn ngữ", "Language"),
    "figures": Text("{articles} của {sources}", "{articles} from {sources}"),
    "newest_at": Text("mới nhất {when}", "newest {when}"),
    "help": Text("Cách tìm", "How to search"),
    "index_state": Text("Số liệu kho", "Index figures"),
    "empty_index": Text("Chưa có kho tin", "No index yet"),
    # Counts
    "stories": Text("{n} tin", "{n} stories", "{n} story"),
    "articles": Text("{n} bài", "{n} articles", "{n} article"),
    "sources": Text("{n} báo", "{n} newspapers", "{n} newspaper"),
    "places": Text("{n} chỗ khớp", "{n} matches", "{n} match"),
    "minutes": Text("{n} phút đọc", "{n} min read", "{n} min read"),
    "copies": Text("{n} bản khác", "{n} other copies", "{n} other copy"),
    "more_copies": Text("và {n} bản nữa", "and {n} more"),
    "more_places": Text("và {n} chỗ nữa", "and {n} more"),
    "near_count": Text("thêm {n} tin gần đúng", "{n} more come close"),
    # Days
    "today": Text("hôm nay", "today"),
    "yesterday": Text("hôm qua", "yesterday"),
    "days_ago": Text("{n} ngày trước", "{n} days ago"),
    "weeks_ago": Text("{n} tuần trước", "{n} weeks ago"),
    "months_ago": Text("{n} tháng trước", "{n} months ago"),
    "years_ago": Text("{n} năm trước", "{n} years ago", "{n} year ago"),
    "undated": Text("không rõ ngày", "no date known"),
    "weekdays": Text("T2 T3 T4 T5 T6 T7 CN", "Mon Tue Wed Thu Fri Sat Sun"),
    # Home
    "home_h1": Text(
        "Tìm trong {articles} báo tiếng Việt, có dấu hay không dấu đều được.",
        "Search {articles} of Vietnamese news, with accents or without.",
    ),
    "try": Text("Thử:", "Try:"),
    "newest_by_section": Text("Tin mới theo chuyên mục", "Newest by section"),
    "newest": Text("Tin mới", "Newest"),
    "help_bare": Text("gõ không dấu, tìm mọi cách viết", "typed without accents finds every spelling"),
    "help_phrase": Text("đúng cụm từ, đứng liền nhau", "exactly this phrase"),
    "help_not": Text("có an ninh, không có Fulro", "an ninh, without Fulro"),
    "help_or": Text("một trong hai vế", "either side"),
    "help_title": Text("chỉ trong tít; còn có source:, section:, author:", "in titles only; also source:, section:, author:"),
    "help_near": Text("hai từ cách nhau không quá năm từ", "two words within five of each other"),
    "help_prefix": Text("mọi từ bắt đầu như vậy", "every word that begins so"),
    "help_verbatim": Text("đúng như đã gõ, không suy ra dạng khác", "exactly as typed, no other form"),
    "help_date": Text("theo ngày đăng; còn có before:, date:10/2026", "by day; also before:, date:10/2026"),
    # Results
    "for_query": Text("cho “{q}”", "for “{q}”"),
    "of_everything": Text("trong kho, mới nhất trước", "in the index, newest first"),
    "with_copies": Text("{articles}, kể cả bản trùng", "{articles} with copies"),
    "took": Text("Tìm trong {ms} ms", "Found in {ms} ms"),
    "did_you_mean": Text("Ý bạn là", "Did you mean"),
    "filters_in_use": Text("Bộ lọc đang dùng", "Filters in use"),
    "remove_filter": Text("Bỏ lọc", "Remove filter"),
    "remove_all": Text("Bỏ hết", "Remove all"),
    "chip_from": Text("Từ {date}", "From {date}"),
    "chip_to": Text("Đến {date}", "To {date}"),
    "chip_exact": Text("Đúng như đã gõ", "Exactly as typed"),
    "chip_match_all": Text("Có mọi từ", "All words"),
    "chip_match_most": Text("Có phần lớn các từ", "Most words"),
    "chip_match_any": Text("Có một từ là đủ", "Any word"),
    "undated_left_out": Text("{articles} không rõ ngày bị bỏ qua.", "{articles} without a date were left out."),
    "without_dates": Text("Bỏ lọc ngày", "Remove the dates"),
    "undated_count": Text("{articles} không rõ ngày", "{articles} without a date"),
    "do_that": Text("Tìm như vậy", "Search for that"),
    "sorting": Text("Sắp xếp", "Sort"),
    "relevance": Text("Liên quan nhất", "Most relevant"),
    "sort_newest": Text("Mới nhất", "Newest"),
    "sort_oldest": Text("Cũ nhất", "Oldest"),
    "filters": Text("Bộ lọc", "Filters"),
    "range": Text("Tin {first}–{last} trong {n}", "{first}–{last} of {n}"),
    "untitled": Text("Bài không có tít", "Untitled article"),
    "original": Text("Bản gốc", "Original"),
    "teaser": Text("Chỉ có lời dẫn", "Lead only"),
    "teaser_why": Text("Toàn văn chưa có trong kho", "The full text is not in the index"),
    "near": Text("gần đúng", "close"),
    "near_why": Text("Tin này không khớp đủ câu hỏi, chỉ gần đúng", "This story does not match the whole question; it comes close"),
    "missing": Text("thiếu:", "missing:"),
    "require": Text("Bắt buộc có “{word}”", "Must include “{word}”"),
    "pages": Text("Trang kết quả", "Pages of results"),
    "page": Text("Trang {n}", "Page {n}"),
    "previous": Text("Trước", "Previous"),
    "next": Text("Sau", "Next"),
    "past_the_end": Text("Trang {n} không có tin nào", "There is nothing on page {n}"),
    "past_the_end_why": Text("Câu hỏi này có {n} trang kết quả.", "This question has {n} pages of results.", "This question has one page of results."),
    "to_first_page": Text("Về trang đầu", "To the first page"),
    "to_last_page": Text("Tới trang cuối ({n})", "To the last page ({n})"),
    # Timeline
    "per_day": Text("Số bài theo ngày", "Articles a day"),
    "days_between": Text("từ {first} đến {last}", "{first} to {last}"),
    "per_month": Text("Số bài theo tháng", "Articles a month"),
    "per_quarter": Text("Số bài theo quý", "Articles a quarter"),
    "per_year": Text("Số bài theo năm", "Articles a year"),
    "per_decade": Text("Số bài theo thập niên", "Articles a decade"),
    "pale_is_out": Text("phần nhạt ngoài bộ lọc", "pale bars are outside the filter"),
    "most_in": Text("Nhiều nhất là {period} với {articles}.", "Most in {period} with {articles}."),
    "as_table": Text("Dạng bảng", "As a table"),
    "period": Text("Thời gian", "Period"),
    "count": Text("Số bài", "Articles"),
    "month": Text("Tháng {month}/{year}", "{month}/{year}"),
    "quarter": Text("Quý {quarter}/{year}", "Q{quarter} {year}"),
    "year": Text("Năm {year}", "{year}"),
    "years": Text("{first}–{last}", "{first}–{last}"),
    "month_short": Text("th {month}", "m {month}"),
    # Facets
    "facet_source": Text("Báo", "Newspaper"),
    "facet_section": Text("Chuyên mục", "Section"),
    "facet_author": Text("Người viết", "Author"),
    "facet_kind": Text("Loại", "Kind"),
    "kind_article": Text("Bài đầy đủ", "Whole article"),
    "kind_teaser": Text("Chỉ có lời dẫn", "Lead only"),
    "chosen": Text("bài, đang chọn, bấm để bỏ", "articles, chosen, press to remove"),
    "unit": Text("bài", "articles"),
    "facet_more": Text("Thêm {n} {what}", "{n} more"),
    "facet_less": Text("Thu gọn", "Show fewer"),
    "published": Text("Ngày đăng", "Published"),
    "last_day": Text("24 giờ", "24 hours"),
    "last_7": Text("7 ngày", "7 days"),
    "last_30": Text("30 ngày", "30 days"),
    "from": Text("Từ ngày", "From"),
    "to": Text("Đến ngày", "To"),
    "filter_by_date": Text("Lọc theo ngày", "Filter by date"),
    # Nothing found
    "nothing_title": Text("Không có tin: {q}", "Nothing found: {q}"),
    "nothing_for": Text("Không có tin nào khớp với “{q}”", "Nothing matches “{q}”"),
    "nothing_with_filters": Text("Không có tin nào qua được bộ lọc", "Nothing passes the filters"),
    "among": Text("trong {articles}", "among {articles}"),
    "try_else": Text("Thử cách khác", "Try another way"),
    "try_unquoted": Text("Bỏ dấu ngoặc kép", "Remove the quotation marks"),
    "try_unquoted_why": Text("để các từ không phải đứng liền nhau", "so that the words need not stand together"),
    "try_unfiltered": Text("Bỏ mọi bộ lọc", "Remove every filter"),
    "try_both": Text("{way} và bỏ mọi bộ lọc", "{way} and remove every filter"),
    "try_any": Text("Chỉ cần một trong các từ", "Any of the words will do"),
    "try_bare": Text("Gõ không dấu", "Type it without accents"),
    "try_bare_why": Text("để tìm mọi cách viết", "to find every spelling"),
    "try_inexact": Text("Cho phép cách viết khác", "Allow other spellings"),
    "try_spelling": Text("Xem lại chính tả, nhất là dấu: “bò”, “bỏ” và “bơ” là ba từ khác nhau.", "Check the spelling, accents above all: “bò”, “bỏ” and “bơ” are three words."),
    "try_fewer": Text("Bớt từ, giữ lại tên riêng và từ hiếm.", "Use fewer words; keep names and rare words."),
    "try_prefix": Text("Dùng dấu sao khi chưa chắc đuôi từ, như", "Use a star where you are not sure how a word ends, such as"),
    # Article
    "back_to": Text("← Về kết quả cho “{q}”", "← Back to the results for “{q}”"),
    "back_to_all": Text("← Về danh sách tin", "← Back to the list"),
    "on_this_page": Text("Trong trang này", "On this page"),
    "hide_marks": Text("Ẩn đánh dấu", "Hide the marks"),
    "show_marks": Text("Hiện đánh dấu", "Show the marks"),
    "place": Text("Chỗ khớp", "Match"),
    "captions": Text("Chú thích ảnh", "Captions"),
    "cite": Text("Trích dẫn", "Cite"),
    # First run
    "first_h1": Text("Kho tin còn trống. Một lệnh là có bài để tìm.", "There is no index yet. One command makes one."),
    "first_in": Text("trong", "in"),
    "first_how": Text(
        "Chạy lệnh này trên máy chủ. Nó đọc các bài mẫu đi kèm và dựng kho, chừng vài giây.",
        "Run this where the server runs. It reads the sample articles that come with newssearch and takes a few seconds.",
    ),
    "first_command": Text("Lệnh dựng kho", "Command that builds the index"),
    "reload": Text("Tải lại trang", "Reload the page"),
    "first_own": Text("Có sẵn bài của bạn?", "Have articles of your own?"),
    "first_own_how": Text(
        "Chỉ tới tệp hoặc thư mục; thêm bao nhiêu lần cũng được, bài đã có không bị nhân đôi.",
        "Name files or folders; add as often as you like, nothing is stored twice.",
    ),
    "first_add": Text("Lệnh thêm bài", "Command that adds articles"),
    "first_formats": Text("Định dạng đọc được", "Formats that can be read"),
    "first_suffix": Text("Đuôi tệp", "Suffix"),
    "first_inside": Text("Bên trong", "What is inside"),
    "first_json": Text("mỗi bài một đối tượng: tít, lời dẫn, nội dung, báo, ngày đăng", "one object an article: title, lead, body, source, date"),
    "first_html": Text("trang lưu từ trình duyệt, hoặc chép và dán", "pages saved from a browser, or copied and pasted"),
    "first_md": Text("Markdown có phần đầu tệp", "Markdown with front matter"),
    "first_xml": Text("nguồn tin RSS hoặc Atom", "RSS or Atom feeds"),
    "first_gz": Text(
        "Tệp nào cũng có thể nén thêm .gz. Bài bị từ chối được ghi lại cùng lý do.",
        "Any of them may be compressed as .gz. What is rejected is listed with the reason.",
    ),
    # Errors
    "error_status": Text("Lỗi {status}", "Error {status}"),
    "retry": Text("Thử lại", "Try again"),
    "go_home": Text("Về trang đầu", "To the home page"),
    "operator": Text("Nếu bạn quản trị máy này", "If you run this machine"),
    "operator_command": Text("Lệnh sửa", "Command that mends it"),
    "error_code": Text("Mã lỗi", "Error code"),
    "error_at": Text("lúc {time} ngày {date}", "at {time} on {date}"),
    "error_request": Text("lượt gọi", "request"),
    "error_unknown_article": Text("Không có bài này trong kho", "This article is not in the index"),
    "error_unknown_article_why": Text(
        "Có thể địa chỉ bị chép thiếu, hoặc bài chưa được thêm vào kho. Thử tìm theo vài từ trong tít.",
        "The address may be cut short, or the article was never added. Try a few words of its title.",
    ),
    "error_blocked_article": Text("Bài này đã được gỡ", "This article was taken down"),
    "error_blocked_article_why": Text("Bài từng có trong kho, nay không còn và sẽ không trở lại.", "It was in the index, is no more, and will not come back."),
    "error_not_found": Text("Không có trang này", "There is no such page"),
    "error_not_found_why": Text("Địa chỉ có thể bị chép thiếu. Ô tìm ở trên vẫn dùng được.", "The address may be cut short. The search box above still works."),
    "error_method_not_allowed": Text("Trang này chỉ để đọc", "This page can only be read"),
    "error_method_not_allowed_why": Text("Yêu cầu dùng một phương thức mà trang không nhận.", "The request used a method that the page does not take."),
    "error_bad_request": Text("Không đọc được yêu cầu này", "This request cannot be read"),
    "error_bad_request_why": Text("Sửa lại địa chỉ, hoặc tìm lại từ ô tìm ở trên.", "Mend the address, or search again from the box above."),
    "error_unavailable": Text("Chưa tìm được lúc này", "Search is not available right now"),
    "error_unavailable_why": Text(
        "Câu tìm của bạn không sai. Chờ người quản trị sửa kho rồi thử lại; ô tìm ở trên vẫn giữ câu đó.",
        "Nothing is wrong with your question. Wait until the index is mended and try again; the box above keeps it.",
    ),
    "error_internal": Text("Trang này vừa gặp lỗi", "Something went wrong on this page"),
    "error_internal_why": Text("Lỗi ở phía máy chủ, không phải ở câu tìm của bạn. Thử lại, hoặc tìm cách khác.", "The fault is ours, not your question's. Try again, or search another way."),
}


def text(key: str, lang: str, **fields: object) -> str:
    """Return a sentence of TEXTS with its fields filled in, in Vietnamese, or in English for `lang="en"`."""
    sentence = TEXTS[key]
    return (sentence.en if lang == "en" else sentence.vi).format_map(fields)


def counted(key: str, n: int, lang: str) -> str:
    """Return a sentence with a count as readers write it: ("stories", 39210, "vi") -> "39.210 tin"."""
    sentence = TEXTS[key]
    form = sentence.vi if lang != "en" else sentence.one if n == 1 and sentence.one else sentence.en
    return form.format_map({"n": number(n, lang)})


def number(n: int, lang: str) -> str:
    """Return a number with its thousands apart: 39210 -> "39.210", in English "39,210"."""
    return f"{n:,}" if lang == "en" else f"{n:,}".replace(",", ".")
