"""The command line's contract: commands, where settings come from, exit codes, `serve`, and the quiet end of a pipe."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest

import newssearch
from newssearch.cli.app import cli as group

from .conftest import Cli, command, plain, process, write

COMMANDS = ("rebuild-index", "add", "delete", "unblock", "query", "show", "stats", "check", "rollback", "export", "segment", "serve")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_and_an_index(cli: Cli, name: str) -> None:
    said = cli(name, "--help")
    assert said.code == 0
    assert said.out.startswith(f"Usage: newssearch {name}")
    assert "--index DIR" in said.out
    assert "--engine" in said.out
    assert len(group.commands[name].help or "") > 20


def test_help_names_the_exit_codes(cli: Cli) -> None:
    said = cli("--help")
    assert said.code == 0
    for words in ("0 found", "1 nothing found", "2 error", "3 finished with rejected", "4 locked", "130 interrupted"):
        assert words in " ".join(said.out.split())


def test_the_command_line_is_one_whichever_way_it_is_called() -> None:
    said = process("--version")
    assert said.code == 0
    assert said.out.startswith("newssearch, version ")


def test_query_has_no_short_options() -> None:
    for command_ in (group, *group.commands.values()):
        for parameter in command_.params:
            assert all(option.startswith("--") for option in parameter.opts if option.startswith("-"))


# Where the index is


def test_the_index_is_index_by_default(cli: Cli, tmp_path: Path) -> None:
    assert cli("rebuild-index", write(tmp_path / "n.jsonl", plain("a1"))).code == 0
    assert (tmp_path / "index" / "CURRENT").exists()
    assert cli("query", "a1").code == 0


def test_an_option_beats_the_environment_beats_the_file(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("tep", "bien", "chon"):
        assert cli("rebuild-index", write(tmp_path / f"{name}.jsonl", plain(name)), "--index", f"i-{name}").code == 0
    (tmp_path / "newssearch.toml").write_text('index = "i-tep"\n')
    assert cli("export").ids == ["tep"]
    monkeypatch.setenv("NEWSSEARCH_INDEX", "i-bien")
    assert cli("export").ids == ["bien"]
    assert cli("export", "--index", "i-chon").ids == ["chon"]
    assert cli("--index", "i-chon", "export").ids == ["chon"]
    assert cli("--index", "i-tep", "export", "--index", "i-chon").ids == ["chon"]
    assert cli("export", "--index=i-chon").ids == ["chon"]
    with newssearch.open_index() as service:
        assert [article.id for article in service.export()] == ["bien"]


def test_the_engine_is_named_like_the_index(cli: Cli, old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cli("stats", "--engine", "embedded", "--index", old).code == 0
    monkeypatch.setenv("NEWSSEARCH_ENGINE", "la")
    said = cli("stats", "--index", old)
    assert said.code == 2
    assert "embedded" in said.err


def test_settings_of_the_file_hold(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "newssearch.toml").write_text('index = "noi-khac"\nmemory = "64M"\njobs = 1\nlang = "en"\n')
    assert cli("rebuild-index", write(tmp_path / "n.jsonl", plain("a1"))).code == 0
    assert (tmp_path / "noi-khac" / "CURRENT").exists()
    said = cli("query", "a1", "--from", "2026-11-01", "--to", "2026-10-01")
    assert "The first day comes after the last" in said.err


# Commands that look


def test_stats_for_people_and_programs(cli: Cli, old: Path) -> None:
    values = cli("stats", "--json", "--index", old).json
    assert values["articles"] == 3
    assert values["paths"] == [str(old.parent / "old.jsonl")]
    assert values["kinds"] == {"article": 3}
    assert values["generation"].startswith("gen-")
    shown = cli("stats", "--index", old).out
    assert "articles" in shown
    assert str(old.parent / "old.jsonl") in shown


def test_check_of_a_sound_index(cli: Cli, old: Path) -> None:
    said = cli("check", "--index", old)
    assert (said.code, said.err) == (0, "")
    assert "sound" in said.out


def test_show_of_an_unknown_id_is_exit_1(cli: Cli, old: Path) -> None:
    said = cli("show", "khong-co", "--index", old)
    assert said.code == 1
    assert "khong-co" in said.err
    assert said.out == ""


def test_show_takes_ids_that_begin_with_a_dash(cli: Cli, index: Path, tmp_path: Path) -> None:
    assert cli("rebuild-index", write(tmp_path / "n.jsonl", plain("-x", "--y")), "--index", index).code == 0
    assert cli("show", "--index", index, "--", "-x").code == 0
    assert cli("delete", "--index", index, "--", "--y").code == 0


def test_a_pipe_that_closes_early_is_no_error(cli: Cli, index: Path, tmp_path: Path) -> None:
    many = plain(*(f"a{number}" for number in range(1500)))
    assert cli("rebuild-index", write(tmp_path / "n.jsonl", many), "--no-words", "--index", index).code == 0
    for arguments in (["export"], ["query", "bản tin", "--limit", "1500"]):
        with subprocess.Popen(command(*arguments, "--index", index), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
            assert running.stdout
            assert running.stderr
            running.stdout.readline()
            running.stdout.close()
            assert running.stderr.read() == b""
            assert running.wait(timeout=30) == 0


# Serve


@contextmanager
def serving(index: Path, port: int) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A server's first line and its process."""
    with subprocess.Popen(
        command("serve", "--port", str(port), "--index", index), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout
        try:
            yield running.stdout.readline(), running
        finally:
            running.terminate()


def test_serve_prints_its_address_and_answers(old: Path) -> None:
    with serving(old, 0) as (line, running):
        address = next(word for word in line.split() if word.startswith("http://127.0.0.1:"))
        with urlopen(f"{address}api/v1/search?q=a1", timeout=30) as answer:
            assert [hit["id"] for hit in json.load(answer)["hits"]] == ["a1"]
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=30)
        assert "Traceback" not in err
        assert running.returncode in (0, 130)


def test_serve_takes_the_next_port_where_one_is_taken_and_says_so(old: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with serving(old, port) as (line, running):
            used = int(line.split(":")[2].split("/")[0])
            assert used != port
            running.terminate()
            _, err = running.communicate(timeout=30)
            assert f"{port} is taken" in err


def test_a_host_that_is_not_here_is_exit_2(old: Path) -> None:
    said = process("serve", "--host", "192.0.2.1", "--port", "0", "--index", old)
    assert said.code == 2
    assert "192.0.2.1" in said.err
