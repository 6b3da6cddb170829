"""`segment`: lines of text in, the same lines cut into words out, one line each whatever they hold."""

from __future__ import annotations

import subprocess
import time

from .conftest import command, process

LINES = ["Công an tỉnh bảo vệ an ninh tổ quốc.", "", "   ", "Trường đại học bách khoa hà nội", "đơn", "1/8/2014, COVID-19!"]


def cut(data: bytes) -> list[str]:
    said = process("segment", stdin=data)
    assert said.code == 0
    assert said.err == ""
    return said.out.split("\n")


def test_words_are_joined_as_pyvi_joins_them() -> None:
    from newssearch.vietnamese.segment import tokenize_many

    assert cut("\n".join(LINES).encode() + b"\n") == [*tokenize_many(LINES), ""]
    assert cut("Trường đại học bách khoa hà nội".encode())[0] == "Trường đại_học bách_khoa hà_nội"


def test_one_line_in_is_one_line_out() -> None:
    odd = ["a\u2028b\u2029c\x85d", "x\x0by\x0cz", "\x1c\x1d\x1e", "\ufeffđầu", "NUL\x00giữa", "🐃 " * 3, "\rgiữa\rdòng", "e\u0301" * 50, "_a_ b_c", "x" * 20_000]
    data = "\n".join(odd).encode() + b"\nxau \xff\xfe byte\n\n\ncuoi"
    out = cut(data)
    assert len(out) == len(odd) + 4 + 1
    assert out[-1] == ""
    assert out[-2] == "cuoi"
    assert out[-5].replace("\ufffd \ufffd", "\ufffd\ufffd") == "xau \ufffd\ufffd byte"


def test_windows_line_ends_leave_no_trace() -> None:
    assert cut("bảo vệ\r\nan ninh\r\n".encode()) == ["bảo_vệ", "an_ninh", ""]


def test_nothing_in_is_nothing_out() -> None:
    assert cut(b"") == [""]


def test_it_reads_neither_index_nor_options() -> None:
    assert process("segment", "--index", "khong-co", stdin=b"an ninh").out == "an_ninh\n"
    assert process("segment", "tep.txt").code == 2


def test_a_line_comes_out_before_the_input_ends() -> None:
    with subprocess.Popen(command("segment"), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        assert running.stdin
        assert running.stdout
        running.stdin.write("bảo vệ\n".encode())
        running.stdin.flush()
        assert running.stdout.readline().decode() == "bảo_vệ\n"
        assert running.poll() is None
        running.stdin.close()
        assert running.wait(timeout=30) == 0


def test_a_reader_that_has_seen_enough_ends_it_quietly() -> None:
    with subprocess.Popen(command("segment"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdin
        assert running.stdout
        assert running.stderr
        running.stdin.write(b"mot dong\n")
        running.stdin.flush()
        running.stdout.readline()
        running.stdout.close()
        time.sleep(0.1)
        running.stdin.write(b"mot dong\n" * 1000)
        running.stdin.close()
        assert running.stderr.read() == b""
        assert running.wait(timeout=30) == 0
