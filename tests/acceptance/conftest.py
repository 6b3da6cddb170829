"""One index, asked through the command line and through a real HTTP server."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

Ask = Callable[..., dict[str, Any]]

ARTICLES: list[dict[str, Any]] = [
    {"id": "bmt", "title": "Buôn Ma Thuột vào mùa cà phê", "body": "Sáng nay ở Buôn Ma Thuột, nông dân ra rẫy sớm.", "section": "Nông nghiệp"},
    {"id": "bo", "title": "Đàn bò sữa", "body": "Người nuôi bò lo giá cỏ tăng."},
    {"id": "bo-trai", "title": "Vườn bơ", "body": "Quả bơ chín rụng đầy gốc, nhà vườn hái không kịp."},
    {"id": "bo-di", "title": "Chuyện nghề", "body": "Nhiều thợ trẻ đã bỏ nghề dệt để về phố."},
    {"id": "danang", "title": "Pháo hoa Đà Nẵng", "body": "Đêm hội ở Đà Nẵng đông nghịt người xem."},
    {"id": "hoa-cu", "title": "Ngày hoà bình", "body": "Lễ kỷ niệm ngày hoà bình diễn ra giản dị."},
    {"id": "hoa-moi", "title": "Vì hòa bình", "body": "Đoàn xe đạp vì hòa bình đi qua bảy tỉnh."},
    {"id": "putin", "title": "Hội đàm", "body": "Tổng thống Putin nói chuyện với báo giới tối qua."},
    {"id": "pu-tin", "title": "Hội đàm bên lề", "body": "Ông Pu-tin rời phòng họp lúc 22h30."},
    {"id": "chau-au", "title": "Thị trường", "body": "Hàng xuất sang Châu Âu tăng một phần mười."},
    {"id": "au-chau", "title": "Chuyện làng", "body": "Bà Âu gặp lại người họ Châu sau ba mươi năm."},
    {"id": "ngay-1", "title": "Văn bản", "body": "Quyết định có hiệu lực từ 01-08-2014 trên cả nước."},
    {"id": "ngay-2", "title": "Thông tư", "body": "Thông tư ký ngày 1/8/2014 thay cho bản cũ."},
    {"id": "so-1", "title": "Đếm số", "body": "Ông mua 1 con gà và 8 con vịt năm 2014."},
    {"id": "an-ninh", "title": "Giữ an ninh buôn làng", "body": "Tổ tự quản giữ an ninh ở mười hai buôn."},
    {"id": "fulro", "title": "Chuyện cũ", "body": "Người từng theo Fulro kể về những năm rừng núi mất an ninh."},
    {"id": "sau-rieng", "title": "Giá sầu riêng tăng", "body": "Thương lái vào tận vườn.", "source": "Báo Đắk Nông", "url": "https://baodaknong.vn/gia-sau-rieng-1.html"},
    {"id": "trong-bai", "title": "Chợ đêm", "body": "Khách chọn sầu riêng ở sạp đầu chợ.", "source": "Tin Phố", "url": "https://tinpho.example/cho-dem"},
    {"id": "lu", "title": "Miền Trung", "body": "Lũ lụt kéo dài ba ngày ở hạ lưu."},
    {"id": "han", "title": "Tây Nguyên khát", "body": "Hạn hán làm hồ nhỏ trơ đáy."},
    {"id": "phong-chay", "title": "Diễn tập", "body": "Đội phòng cháy chữa cháy diễn tập ở chợ."},
    {"id": "chay-rung", "title": "Cảnh báo", "body": "Nguy cơ cháy lan trong các khu rừng khộp."},
    {"id": "chay-xa", "title": "Hai việc", "body": "Cháy nhà ở đầu phố. Một chuyện khác hẳn là đoàn khách hai mươi người tới thăm khu rừng."},
    {"id": "thang-10-dau", "title": "Tin đầu tháng mười", "body": "Bản tin kho lạnh.", "published": "2026-10-01T00:00:00+07:00"},
    {"id": "thang-10-cuoi", "title": "Tin cuối tháng mười", "body": "Bản tin kho lạnh.", "published": "2026-10-31T23:59:59+07:00"},
    {"id": "thang-11", "title": "Tin đầu tháng mười một", "body": "Bản tin kho lạnh.", "published": "2026-11-01T00:00:00+07:00"},
    {"id": "hop-cu", "title": "Hồ sơ xin vay vốn trồng rừng", "body": "Hộ vay vốn ngân hàng để trồng rừng gỗ lớn trên đất dốc.", "published": "2026-03-01"},
    {"id": "hop-moi", "title": "Bóng đá", "body": "Ngân hàng tài trợ giải đấu trên đất khách.", "published": "2026-11-20"},
    {"id": "nga", "title": "Nga thử tàu", "body": "Nga hạ thủy con tàu mới."},
    {"id": "nga-ba", "title": "Ngã ba đường", "body": "Xe ngã ở ngã ba vì dầu đổ."},
    {"id": "xau", "title": "<script>alert(1)</script>", "body": "Tít bài có thẻ <đậm> và dấu & trong đó."},
]


@pytest.fixture(scope="session")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the articles above, built by the command line in a process of its own."""
    folder = tmp_path_factory.mktemp("acceptance")
    file = folder / "articles.jsonl"
    file.write_text("".join(json.dumps(article, ensure_ascii=False) + "\n" for article in ARTICLES), "utf-8")
    command = [sys.executable, "-m", "newssearch", "rebuild-index", str(file), "--index", str(folder / "index")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "index"


@pytest.fixture(scope="session")
def address(index: Path) -> Iterator[str]:
    """The address of a server over that index, run as users run it."""
    command = [sys.executable, "-m", "newssearch", "serve", "--port", "0", "--index", str(index)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout
        line = ""
        for line in process.stdout:
            if "http://" in line:
                break
        threading.Thread(target=process.stdout.read, daemon=True).start()
        yield "http://" + line.split("http://")[1].split()[0].rstrip("/.")
        process.terminate()


def get(address: str) -> tuple[int, str]:
    """Status and text of an address."""
    try:
        with urlopen(address, timeout=30) as response:
            return response.status, response.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()


@pytest.fixture(params=["cli", "http"])
def ask(request: pytest.FixtureRequest, index: Path, address: str, capsys: pytest.CaptureFixture[str]) -> Ask:
    """Asks a question through one of the faces and gives the JSON back."""

    def by_cli(q: str, **options: Any) -> dict[str, Any]:
        from newssearch.cli.app import run

        flags = [part for name, value in options.items() for part in ([f"--{name.strip('_')}", str(value)] if value is not True else [f"--{name}"])]
        code = run(["query", "--json", *flags, "--index", str(index), "--", q])
        answer: dict[str, Any] = json.loads(capsys.readouterr().out)
        assert code == (0 if answer["total"] + answer["near"] else 1)
        return answer

    def by_http(q: str, **options: Any) -> dict[str, Any]:
        values = {name.strip("_"): "1" if value is True else value for name, value in options.items()}
        status, text = get(f"{address}/api/v1/search?{urlencode({'q': q, **values})}")
        assert status == 200, text
        answer: dict[str, Any] = json.loads(text)
        return answer

    return by_cli if request.param == "cli" else by_http


def ids(answer: dict[str, Any]) -> set[str]:
    """The ids of the hits that match, reached ones left out."""
    return {hit["id"] for hit in answer["hits"] if not hit["near"]}


def marks(hit: dict[str, Any]) -> list[str]:
    """The marked letters of a hit, title first."""
    return [s["text"] for s in [*hit["title_segments"], *hit["snippet_segments"]] if s.get("match")]
