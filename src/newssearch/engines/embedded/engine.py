"""An index of articles in one folder of this machine."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...config import NEWS_ZONE
from ...errors import BlockedArticle, IndexDamaged, IndexMissing, NewsSearchError
from ...fields import Analysed, RankingParameters
from ...models import Article, Rejection
from ..base import Problem, Question, RebuildReport, ScoredPage, Star, Stats, Vocabulary
from .blocked import read_blocklist, write_blocklist
from .durable import replace_durably, write_errors
from .executor import Executor
from .generations import Generations
from .lock import writer_lock
from .manifest import read_manifest
from .postings_cache import PostingsCache
from .snapshot import BLOCKED, IndexVocabulary, OpenSnapshot, Reader, open_snapshot
from .source import UNDATED
from .toc import toc_path

if TYPE_CHECKING:
    from .batch import EmbeddedBatch

# What writes is imported where it is used: a query must not wait for it.

LOCK = "writer.lock"
REJECTED = "rejected.jsonl"


class EmbeddedEngine:
    """The Engine protocol over a folder; it may be empty or missing until the first rebuild. One object serves many threads."""

    def __init__(self, path: Path | str, *, memory: int = 512 << 20) -> None:
        self._folder = Path(path)
        self._memory = memory
        self._generations = Generations(self._folder)
        self._cache = PostingsCache()
        self._reader = Reader(self._generations, self._cache)
        self._ready: tuple[OpenSnapshot, Executor, IndexVocabulary] | None = None
        self._warm: tuple[OpenSnapshot, Executor, IndexVocabulary] | None = None

    @property
    def index_dir(self) -> Path:
        """The folder that holds CURRENT and the generations."""
        return self._folder

    # Writing

    def rebuild(
        self,
        batches: Iterable[Analysed],
        *,
        paths: Sequence[str],
        segmenter: str,
        stars: Iterable[Star] = (),
        on_publish: Callable[[], None] | None = None,
    ) -> RebuildReport:
        """Build a new generation from `batches`, verify it, publish it. The old one serves until then and is kept for `rollback`.

        `stars` are its stories, asked for when all batches have been taken.
        `on_publish` is called when all is verified, right before readers see it. Raises IndexLocked, WriteFailed, BadInput (no articles:
        nothing changed).
        """
        from .rebuild import rebuild

        with write_errors(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
        with writer_lock(self._folder / LOCK):
            blocklist = read_blocklist(self._folder / BLOCKED)
            return rebuild(
                self._generations,
                blocklist,
                batches,
                paths=paths,
                segmenter=segmenter,
                memory=self._memory,
                stars=stars,
                on_publish=on_publish,
            )

    @contextmanager
    def batch(self) -> Iterator[EmbeddedBatch]:
        """Take the writer's lock for an incremental change. Raises IndexLocked, IndexMissing."""
        from .batch import EmbeddedBatch

        self._generations.current()
        with writer_lock(self._folder / LOCK):
            batch = EmbeddedBatch(self._generations, self._fresh(), self._cache, self._memory)
            try:
                yield batch
            finally:
                batch.discard()

    def block(self, ids: Sequence[str], reason: str) -> list[str]:
        """Take articles down for good, in every generation; returns the ids that were there. Unknown ids are blocked too."""
        self._generations.current()
        with write_errors(self._folder), writer_lock(self._folder / LOCK):
            snapshots = [self._reader.current(), *self._before()]
            blocklist = read_blocklist(self._folder / BLOCKED)
            there = []
            for id in ids:
                articles = [article for snapshot in snapshots if (article := _answering(snapshot, id))]
                if articles and _answering(snapshots[0], id):
                    there.append(id)
                blocklist = blocklist.with_block(id, articles[0] if articles else None, reason)
            write_blocklist(self._folder / BLOCKED, blocklist)
            return there

    def _before(self) -> Iterator[OpenSnapshot]:
        """The generation to go back to, where it can be read."""
        name = self._generations.previous()
        if name:
            try:
                yield open_snapshot(
                    self._generations, name, read_blocklist(self._folder / BLOCKED), self._cache, any_version=True
                )
            except (NewsSearchError, OSError):
                return

    def unblock(self, ids: Sequence[str]) -> list[str]:
        """Lift blocks by id or address and return the ids that were blocked; articles that the index still stores are seen again."""
        if not (self._folder / BLOCKED).exists():
            return []
        with write_errors(self._folder), writer_lock(self._folder / LOCK):
            blocklist, lifted = read_blocklist(self._folder / BLOCKED).without(ids)
            if lifted:
                write_blocklist(self._folder / BLOCKED, blocklist)
            return lifted

    def rollback(self) -> str:
        """Serve the generation before the present one again and return its name. Raises IndexMissing when there is none."""
        if not self._folder.is_dir():
            self._generations.current()
        with write_errors(self._folder), writer_lock(self._folder / LOCK):
            self._generations.tidy()
            name = self._generations.previous()
            if name is None:
                raise IndexMissing(
                    f"The index at {self._folder} has no earlier generation to go back to.", "newssearch rebuild-index"
                )
            try:
                open_snapshot(self._generations, name, read_blocklist(self._folder / BLOCKED), PostingsCache())
            except (FileNotFoundError, IndexDamaged) as error:
                raise IndexDamaged(
                    f"The earlier generation {name} of {self._folder} is damaged too: {error}.",
                    "newssearch rebuild-index",
                ) from error
            self._generations.publish(name)
            return name

    def write_rejected(self, rejections: Sequence[Rejection]) -> None:
        """Put the list of rejected documents beside the index, in place of the one before."""
        with write_errors(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            lines = (json.dumps(asdict(rejection), ensure_ascii=False) + "\n" for rejection in rejections)
            replace_durably(self._folder / REJECTED, "".join(lines).encode("utf-8", "surrogatepass"))

    def read_rejected(self) -> list[Rejection]:
        """The list of rejected documents, empty where there is none."""
        try:
            lines = (self._folder / REJECTED).read_bytes().splitlines()
            return [Rejection(**json.loads(line)) for line in lines]
        except OSError:
            return []
        except (ValueError, TypeError) as error:
            raise IndexDamaged(
                f"{self._folder / REJECTED} cannot be read.", "Remove it; it is only a report."
            ) from error

    # Reading

    def _fresh(self) -> OpenSnapshot:
        """The newest commit with a table of contents of the caller's own, which it may change."""
        snapshot = self._reader.current()
        return open_snapshot(self._generations, snapshot.generation, snapshot.blocklist, self._cache, snapshot)

    def search(
        self, question: Question, parameters: RankingParameters | None = None, *, vocabulary: Vocabulary | None = None
    ) -> ScoredPage:
        """Answer a question over the newest committed state; over that of `vocabulary`, which was asked for just before, without looking anew.

        Raises IndexMissing, IndexOutdated, IndexDamaged.
        """
        held = self._ready
        if held is None or held[2] is not vocabulary:
            held = self._newest()
        return held[1].search(question, parameters or RankingParameters())

    def _newest(self) -> tuple[OpenSnapshot, Executor, IndexVocabulary]:
        """The newest committed state with what was made for it; both remember what questions asked of them."""
        snapshot = self._reader.current()
        held = self._ready
        if held is None or held[0] is not snapshot:
            held = self._ready = (snapshot, Executor(snapshot.segments, snapshot.stories), IndexVocabulary(snapshot.segments))
        return held

    def warm(self, parameters: RankingParameters | None = None) -> None:
        """Read what the first questions would wait for into memory: the most frequent terms, and what is worked out once a commit.

        It takes a moment, and once a commit: called again it does nothing. Raises IndexMissing, IndexOutdated, IndexDamaged.
        """
        from .arrays.segment import ArraySegment
        from .arrays.warming import read_ahead

        held = self._newest()
        if held is self._warm:
            return
        snapshot, executor, _ = held
        read_ahead([segment for segment in snapshot.segments if isinstance(segment, ArraySegment)], self._cache)
        executor.warm(parameters or RankingParameters())
        self._warm = held

    def get(self, id: str) -> Article | None:
        """The stored article with this very id, or None. Raises BlockedArticle."""
        snapshot = self._reader.current()
        if not snapshot.blocklist.bars_name(id):
            if found := snapshot.find(id):
                segment, document = found
                return segment.article(document)
            if not snapshot.blocklist or not self._is_blocked(snapshot, id):
                return None
        raise BlockedArticle(f"The article {id} was taken down.")

    @staticmethod
    def _is_blocked(snapshot: OpenSnapshot, id: str) -> bool:
        """Whether the index stores the article and only a block hides it."""
        for segment in snapshot.toc.segments:
            base = snapshot.bases[segment.segment_id()]
            documents = base.documents_of_key(f"id:{id}").tolist()
            if any(base.id(document) == id and not segment.is_deleted(document) for document in documents):
                return True
        return False

    def resolve(self, keys: Sequence[str]) -> dict[str, list[str]]:
        """For each lookup key (`fields.lookup_keys`) that is known: the ids of the articles that have it. Raises nothing for the unknown."""
        snapshot = self._reader.current()
        found = {key: [segment.id(document) for segment, document in snapshot.with_key(key)] for key in keys}
        return {key: ids for key, ids in found.items() if ids}

    def blocked(self, keys: Sequence[str]) -> list[str]:
        """Those of the lookup keys under which an article was taken down."""
        blocklist = self._reader.current().blocklist
        return [key for key in keys if key in blocklist.keys]

    def iterate(self) -> Iterator[tuple[Article, str]]:
        """Every stored article with its origin, in the order of the index."""
        return _stored(self._reader.current())

    def iterate_any_version(self) -> Iterator[tuple[Article, str]]:
        """The same from an index of whatever schema version. Raises IndexMissing, IndexDamaged."""
        return _stored(self._reader.of_any_version())

    def vocabulary(self) -> Vocabulary:
        """The index's own words, as of now."""
        return self._newest()[2]

    def meta(self) -> Mapping[str, Any]:
        """The present generation's meta.json, of whatever schema version."""
        return self._generations.meta(self._generations.current())

    def check(self) -> list[Problem]:
        """Verify every generation that is kept: manifests, checksums, counts. An empty list is health. Raises IndexMissing."""
        from .check import check

        return check(self._generations)

    def stats(self) -> Stats:
        """Figures of the present generation."""
        snapshot = self._reader.current()
        folder = self._folder / snapshot.generation
        kinds: Counter[str] = Counter()
        sources: set[str] = set()
        dates: list[int] = []
        words: set[str] = set()
        for segment in snapshot.segments:
            alive = np.ones(segment.documents, np.bool_) if segment.deleted is None else ~segment.deleted
            codes, values = segment.column("kind")
            counts = np.bincount(codes[alive], minlength=len(values)).tolist()
            kinds.update({value: count for value, count in zip(values, counts, strict=True) if count})
            codes, values = segment.column("source")
            sources.update(values[code] for code in np.unique(codes[alive]).tolist())
            published = segment.published()[alive]
            published = published[published != UNDATED]
            if len(published):
                dates += [int(published.min()), int(published.max())]
            words.update(segment.prefixed("text", ""))
        size = (
            sum(read_manifest(folder, id).size for id in snapshot.bases)
            + toc_path(folder, snapshot.toc.number).stat().st_size
        )
        articles = snapshot.articles
        return Stats(
            articles=articles,
            deleted=sum(segment.documents for segment in snapshot.segments) - articles,
            sources=len(sources - {""}),
            newest=_iso(max(dates)) if dates else None,
            oldest=_iso(min(dates)) if dates else None,
            size_bytes=size,
            terms=len(words),
            generation=snapshot.generation,
            built=str(snapshot.meta.get("built", "")),
            schema_version=int(snapshot.meta["schema_version"]),
            segments=len(snapshot.segments),
            paths=tuple(map(str, snapshot.meta.get("paths", ()))),
            rejected=_lines(self._folder / REJECTED),
            blocked=len(snapshot.blocklist),
            kinds=dict(kinds),
        )

    def close(self) -> None:
        """Let go of files and maps; the next call opens them again."""
        self._ready = self._warm = None
        self._reader.close()


def _stored(snapshot: OpenSnapshot) -> Iterator[tuple[Article, str]]:
    return ((segment.article(document), segment.origin(document)) for segment, document in snapshot.documents())


def _answering(snapshot: OpenSnapshot, id: str) -> Article | None:
    """The article with this id, else one that has it as an alias."""
    found = snapshot.find(id) or next(snapshot.with_key(f"id:{id}"), None)
    return found[0].article(found[1]) if found else None


def _iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, NEWS_ZONE).isoformat()


def _lines(path: Path) -> int:
    try:
        return path.read_bytes().count(b"\n")
    except OSError:
        return 0
