"""The wheel carries the page and the seeds: installed outside the repository it builds an index and serves it."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path
from urllib.request import urlopen

import pytest


@pytest.fixture(scope="module")
def wheel(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(folder), str(repository)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(folder.glob("*.whl"))


def test_wheel_holds_page_and_seeds(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert any(name.startswith("newssearch/_data/web/templates/") for name in names)
    assert any(name.startswith("newssearch/_data/seeds/pasted/") for name in names)
    assert not any(name.startswith("tests/") for name in names)


def test_wheel_serves_a_page_outside_the_repository(wheel: Path, tmp_path: Path) -> None:
    # The environment borrows the third parties of this one, but not newssearch itself.
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-deps", str(wheel)], check=True, timeout=120)
    site = next((tmp_path / "venv" / "lib").glob("python*/site-packages"))
    outside = [path for path in sys.path if path.endswith("site-packages")]
    (site / "borrowed.pth").write_text("\n".join(outside), "utf-8")
    environment = {**os.environ, "NEWSSEARCH_INDEX": str(tmp_path / "index"), "PYTHONPATH": ""}
    done = subprocess.run([python, "-m", "newssearch", "rebuild-index"], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    where = subprocess.run([python, "-c", "import newssearch; print(newssearch.__file__)"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert str(tmp_path) in where.stdout
    command = [python, "-m", "newssearch", "serve", "--port", "0"]
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout
        address = next(line.split("http://")[1].split()[0] for line in process.stdout if "http://" in line)
        with urlopen(f"http://{address.rstrip('/.')}/search?q=buon+ma+thuot", timeout=30) as response:
            text = response.read().decode()
        process.terminate()
        process.stdout.read()
    assert "<mark>Buôn</mark>" in text
