"""The documentation is true: README's commands run, its links exist, the command line shows what it promises."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
README = (REPOSITORY / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)
COMMANDS = [line.split("  #")[0].rstrip() for kind, block in BLOCKS if kind == "sh" for line in block.splitlines() if line.startswith("newssearch ")]


def test_commands_of_the_readme_run_in_order(tmp_path: Path) -> None:
    (tmp_path / "seeds").symlink_to(REPOSITORY / "seeds")
    ran = []
    for command in COMMANDS:
        if command.startswith("newssearch serve"):
            continue
        line = command.replace("newssearch", f"{sys.executable} -m newssearch", 1)
        done = subprocess.run(["bash", "-c", line], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
        if "rollback" in command:
            # A first rebuild has nothing to go back to, and says so.
            assert done.returncode == 2
            assert "rebuild-index" in done.stderr
        else:
            assert done.returncode == 0, f"{command}: {done.stderr}"
        assert "Traceback" not in done.stderr
        ran.append(command)
    assert len(ran) > 6


def test_python_of_the_readme_runs(tmp_path: Path, seeds_index: Path) -> None:
    (tmp_path / "index").symlink_to(seeds_index)
    for kind, block in BLOCKS:
        if kind == "python":
            done = subprocess.run([sys.executable, "-c", block], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
            assert done.returncode == 0, done.stderr
            assert "Buôn" in done.stdout


@pytest.mark.parametrize("document", sorted([*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").glob("*.md")]), ids=lambda path: path.name)
def test_links_of_a_document_exist(document: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", document.read_text("utf-8")):
        assert (document.parent / target).exists(), f"{document.name} links to {target}"


def test_every_command_is_shown_in_its_help() -> None:
    from newssearch.cli.app import cli

    promised = {"rebuild-index", "add", "delete", "unblock", "query", "show", "stats", "check", "rollback", "export", "segment", "serve"}
    assert promised == set(cli.commands)
    assert all(command.help for command in cli.commands.values())


def test_make_targets_of_the_readme_exist() -> None:
    targets = re.findall(r"^([\w-]+):", (REPOSITORY / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert set(re.findall(r"^make ([\w-]+)", README, re.MULTILINE)) <= set(targets)
