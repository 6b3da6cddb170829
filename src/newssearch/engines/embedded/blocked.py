"""What was taken down for good: `blocked.jsonl` beside CURRENT, read over every generation."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from ...errors import IndexDamaged
from ...fields import url_key
from ...models import Article
from ...records import dataclass
from .durable import replace_durably


@dataclass(frozen=True, slots=True)
class Block:
    """One article that stays away, by its id, its other ids and its addresses."""

    id: str
    addresses: tuple[str, ...]
    """normalised, without scheme"""
    aliases: tuple[str, ...]
    when: str
    reason: str

    def lookup_keys(self) -> tuple[str, ...]:
        """The lookup keys under which the article would come back."""
        return (
            f"id:{self.id}",
            *(f"id:{alias}" for alias in self.aliases),
            *(f"url:{address}" for address in self.addresses),
        )


class Blocklist:
    """The blocks of an index as they stand in its file."""

    def __init__(self, blocks: Iterable[Block] = ()) -> None:
        self.blocks = {block.id: block for block in blocks}
        self.keys = frozenset(key for block in self.blocks.values() for key in block.lookup_keys())

    def __len__(self) -> int:
        return len(self.blocks)

    def bars(self, keys: Iterable[str]) -> bool:
        """Whether an article with these lookup keys is to stay away."""
        return bool(self.keys) and not self.keys.isdisjoint(keys)

    def bars_name(self, name: str) -> bool:
        """Whether an id or an address is blocked."""
        return self.bars([f"id:{name}", url_key(name) or ""])

    def with_block(self, id: str, article: Article | None, reason: str) -> Blocklist:
        """Return the list with one more block; `article` is what the index stores under the id, if anything."""
        names = (article.url, *article.aliases) if article else (id,)
        addresses = dict.fromkeys(key.removeprefix("url:") for name in names if (key := url_key(name)))
        aliases = tuple(alias for alias in article.aliases if not url_key(alias)) if article else ()
        before = self.blocks.get(id)
        if before:
            addresses = dict.fromkeys((*before.addresses, *addresses))
            aliases = tuple(dict.fromkeys((*before.aliases, *aliases)))
        block = Block(id, tuple(addresses), aliases, datetime.now(UTC).isoformat(timespec="seconds"), reason)
        return Blocklist([*(other for other in self.blocks.values() if other.id != id), block])

    def without(self, names: Iterable[str]) -> tuple[Blocklist, list[str]]:
        """Return the list without the blocks of these ids, aliases or addresses, and the ids that were lifted."""
        wanted = {key for name in names for key in (f"id:{name}", url_key(name)) if key}
        lifted = [block.id for block in self.blocks.values() if not wanted.isdisjoint(block.lookup_keys())]
        return Blocklist(block for block in self.blocks.values() if block.id not in lifted), lifted


def read_blocklist(path: Path) -> Blocklist:
    """Return the blocks in the file; none where there is no file. Raises IndexDamaged: what was taken down must not come back by damage."""
    try:
        lines = path.read_bytes().splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return Blocklist()
    blocks = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            said = json.loads(line)
            # A line that a person wrote may name only the id.
            texts = {name: tuple(map(str, said.get(name, ()))) for name in ("addresses", "aliases")}
            blocks.append(
                Block(
                    str(said["id"]),
                    texts["addresses"],
                    texts["aliases"],
                    str(said.get("when", "")),
                    str(said.get("reason", "")),
                )
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise IndexDamaged(
                f"Line {number} of {path} cannot be read.", "Each line is JSON with an `id`; mend or remove that line."
            ) from error
    return Blocklist(blocks)


def write_blocklist(path: Path, blocklist: Blocklist) -> None:
    """Put the blocks into the file, durably."""
    lines = (json.dumps(asdict(block), ensure_ascii=False) + "\n" for block in blocklist.blocks.values())
    replace_durably(path, "".join(lines).encode("utf-8", "surrogatepass"))
