"""The server as users run it: its port, its address, its threads."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any
from urllib.request import urlopen

import pytest

from newssearch.errors import BadRequest, IndexMissing
from newssearch.server import running
from newssearch.server.running import bind, keep_warm


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def test_taken_port_gives_way_to_the_next_free_one(taken: int) -> None:
    with bind("127.0.0.1", taken) as listener:
        assert listener.getsockname()[1] != taken


def test_port_0_is_any_free_one() -> None:
    with bind("127.0.0.1", 0) as listener:
        assert listener.getsockname()[1] > 0


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
def test_address_of_another_machine_is_refused_with_a_hint(host: str) -> None:
    with pytest.raises(BadRequest) as error:
        bind(host, 8000)
    assert "127.0.0.1" in error.value.hint


def test_server_says_its_address_and_that_a_port_was_taken(seeds_index: Path, taken: int) -> None:
    command = [sys.executable, "-m", "newssearch", "serve", "--port", str(taken), "--index", str(seeds_index)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            assert process.stdout
            first, second = process.stdout.readline(), process.stdout.readline()
            assert f"Port {taken} is taken" in first
            address = "http://" + second.split("http://")[1].split()[0]

            def ask(query: str) -> int:
                with urlopen(f"{address}search?q={query}", timeout=30) as response:
                    assert "waitress" not in response.headers.get("Server", "")
                    return int(response.status)

            with ThreadPoolExecutor(8) as threads:
                assert set(threads.map(ask, ["ca+phe", "buon", "x", "gia", "%22"] * 4)) == {200}
        finally:
            process.terminate()


def test_each_commit_is_warmed_up_whatever_was_wrong_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "LOOK_EVERY", 0)
    stopped = Event()
    asked = []

    class Index:
        def warm(self) -> None:
            asked.append(len(asked))
            if len(asked) == 1:
                raise IndexMissing("There is no index yet.", "newssearch rebuild-index")
            if len(asked) == 2:
                raise OSError("gone for a moment")
            stopped.set()

    index: Any = Index()
    keep_warm(index, stopped)
    assert asked == [0, 1, 2]
