"""What stands on a news page and is not its article: headings of teaser blocks, buttons, bylines, datelines, footers."""

from __future__ import annotations

import re

_TEASER_HEADING = re.compile(
    r"(?:(?:các )?(?:tin|bài)(?: viết)? (?:cùng (?:chủ đề|tác giả|chuyên mục|mục)|liên quan|khác|nổi bật|mới nhất|mới|nóng|đọc nhiều|xem nhiều|đáng chú ý|tiêu điểm)(?: nhất| khác)?"
    r"|cùng (?:chủ đề|tác giả|chuyên mục|mục)|(?:tin )?(?:đọc|xem) nhiều(?: nhất)?|mới nhất|nổi bật|đọc thêm|xem thêm|có thể bạn quan tâm|bạn có thể quan tâm|dành cho bạn"
    r"|sự kiện liên quan|tin tài trợ)\s*:?",
    re.IGNORECASE,
)
_COMMENTS_HEADING = re.compile(r"(?:(?:bình luận|ý kiến|phản hồi)\s*\(?\d+\)?|ý kiến (?:bạn đọc|của bạn))\s*:?|.{0,30}hoan nghênh ý kiến (?:của )?bạn đọc.*", re.IGNORECASE)
_BUTTONS = re.compile(
    r"chia sẻ|facebook|zalo|twitter|x|linkedin|telegram|e-?mail|print|share|copy link|sao chép(?: liên kết)?|in (?:bài(?: viết)?|trang)|lưu(?: bài(?: viết)?)?|thích|bình luận"
    r"|nghe(?: đọc bài| bài viết)?|theo dõi(?: .{2,20})? trên google news|theo dõi|gửi (?:email|cho bạn bè)|(?:quay|trở) lại|về đầu trang|xem (?:tất cả|tiếp)(?: >>)?|đăng nhập|đăng ký"
    r"|cỡ chữ|a[-+]|quảng cáo|advertisement|0:00|tải về",
    re.IGNORECASE,
)
_POWERED = re.compile(r"powered by\b.*", re.IGNORECASE)
_FOOTER = re.compile(
    r"(?:©|\(c\)\s|copyright\b|bản quyền (?:thuộc|©)|giấy phép (?:số|hoạt động|xuất bản|thiết lập)|(?:phó )?tổng biên tập\s*:|t(?:oà|òa) soạn\s*:|cơ quan chủ quản\s*:|hotline\s*:|"
    r"đường dây nóng\s*:|liên hệ quảng cáo|(?:® ?)?ghi rõ nguồn|all rights reserved)",
    re.IGNORECASE,
)
_DATELINE = re.compile(
    r"(?:(?:thứ|chủ nhật|cn|ngày|cập nhật|đăng|xuất bản|lúc)\b[^\d]{0,30})?[\d\s,:|/.()+\-–•]*\d{1,2}[/.-]\d{1,2}[/.-]\d{4}[\s,:|/.()+\-–•\d]*(?:lúc|gmt|am|pm|sa|ch|giờ|phút|h|[\s,:|/.()+\-–•\d])*",
    re.IGNORECASE,
)
_NAME_WORD = re.compile(r"[^\W\d_][^\W\d_’'.-]*(?:[’'-][^\W\d_]+)*")
_NO_PERSON = re.compile(r"(?:báo|tạp chí|đài|cổng|thông tấn|ban|tòa soạn|toà soạn|nhà báo điện tử|trang|kênh|phóng viên|nhóm)\b", re.IGNORECASE)
_SIGNATURE = re.compile(r"(?P<by>(?:tác giả|bài và ảnh|tin và ảnh|tin, ảnh|bài, ảnh|thực hiện|bài|tin|theo)\s*:?\s+)?(?P<name>.+?)(?P<of>\s*\([^()]{2,40}\))?", re.IGNORECASE)


def is_teaser_heading(line: str) -> bool:
    """Whether the line heads a block of teasers: "Cùng chủ đề", "Tin nổi bật"."""
    return len(line) < 40 and bool(_TEASER_HEADING.fullmatch(line))


def is_comments_heading(line: str) -> bool:
    """Whether readers' comments begin with the line: "Bình luận (12)", "Lá Xanh hoan nghênh ý kiến của bạn đọc. …"."""
    return len(line) < 1000 and bool(_COMMENTS_HEADING.fullmatch(line))


def is_button(line: str) -> bool:
    """Whether the line is a control of the page or its maker's mark: "Chia sẻ", "Powered by Techcity"."""
    return len(line) < 120 and bool(_BUTTONS.fullmatch(line.strip("[] :")) or _POWERED.fullmatch(line))


def is_footer(line: str) -> bool:
    """Whether the newspaper's imprint begins with the line: "© 2024 …", "Tổng biên tập: …"."""
    return len(line) < 250 and bool(_FOOTER.match(line))


def is_dateline(line: str) -> bool:
    """Whether the line says nothing but when: "Thứ sáu, 09/08/2024, 08:30 (GMT+7)"."""
    return len(line) < 80 and bool(_DATELINE.fullmatch(line))


def is_name(line: str) -> bool:
    """Whether the line is nothing but names of persons: two to eight words that all begin with a capital, no initials, no full stop."""
    if len(line) > 50:
        return False
    words = line.replace(" - ", " ").replace(" – ", " ").replace(", ", " ").replace(" & ", " ").split()
    return (
        2 <= len(words) <= 8
        and not line.endswith((".", "!", "?", ":", "…", ","))
        and not _NO_PERSON.match(line)
        and all(_NAME_WORD.fullmatch(word) and word[0].isupper() for word in words)
        and not line.isupper()
    )


def is_signature(line: str) -> bool:
    """Whether the line is who signs an article: "Lê Phương", "Theo Sầm Hoa (Vietnamnet/Reuters)", "Tin, ảnh: Vũ Phương Thảo"."""
    parts = _SIGNATURE.fullmatch(line)
    return len(line) < 80 and parts is not None and is_name(parts["name"])


def signer(line: str) -> str:
    """The name in a signature without what introduces it; "Theo …" and what stands in brackets belong to it."""
    parts = _SIGNATURE.fullmatch(line)
    if not parts or (parts["by"] or "").strip().casefold() in ("", "theo"):
        return line
    return parts["name"] + (parts["of"] or "")
