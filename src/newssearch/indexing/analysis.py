"""Articles to token arrays in several processes, in order."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from queue import SimpleQueue

from ..errors import NewsSearchError
from ..fields import Analysed, analyse
from ..models import Article

Lot = tuple[Sequence[Article], Sequence[str]]
"""articles and their origins"""

_ALONE = 3
"""batches that are analysed here before workers are worth their start (a third of a second each)"""
_AHEAD = 2
"""batches that a worker may hold: one in work, one waiting"""


def analyse_all(lots: Iterable[Lot], *, words: bool, jobs: int = 0) -> Iterator[Analysed]:
    """Yield each lot analysed, in order; after the first few in `jobs` worker processes (0: one a core; 1: here).

    Workers end when this process does, however it ends. Raises NewsSearchError when a worker dies.
    """
    jobs = jobs or os.cpu_count() or 1
    source = iter(lots)
    for _, lot in zip(range(_ALONE), source, strict=False):
        yield analyse(*lot, words=words)
    if jobs == 1:
        for lot in source:
            yield analyse(*lot, words=words)
        return
    yield from _in_workers(source, words, jobs)


def _in_workers(source: Iterator[Lot], words: bool, jobs: int) -> Iterator[Analysed]:
    first = next(source, None)
    if first is None:
        return
    with ExitStack() as stack:
        workers = [_start(stack, words) for _ in range(jobs)]
        waiting: deque[tuple[Connection, Lot]] = deque()
        turn = 0
        lot: Lot | None = first
        while lot is not None or waiting:
            if lot is not None and len(waiting) < jobs * _AHEAD:
                worker = workers[turn % jobs]
                turn += 1
                _send(worker, lot)
                waiting.append((worker, lot))
                lot = next(source, None)
                continue
            worker, (articles, origins) = waiting.popleft()
            yield replace(_receive(worker), articles=articles, origins=origins)


def _start(stack: ExitStack, words: bool) -> Connection:
    # Spawned, not forked: a worker must hold neither the writer's lock nor the other end of its own pipe.
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(theirs, words), daemon=True)
    process.start()
    theirs.close()
    stack.callback(_end, process)
    stack.callback(ours.close)
    return ours


def _end(process: BaseProcess) -> None:
    process.terminate()
    process.join()


def _send(worker: Connection, lot: Lot) -> None:
    try:
        worker.send(lot)
    except OSError as error:
        raise _died() from error


def _receive(worker: Connection) -> Analysed:
    try:
        answer = worker.recv()
    except (EOFError, OSError) as error:
        raise _died() from error
    if isinstance(answer, BaseException):
        raise answer
    assert isinstance(answer, Analysed)
    return answer


def _died() -> NewsSearchError:
    return NewsSearchError("A process that analyses articles ended unexpectedly (was memory short?).", "newssearch rebuild-index --jobs 1")


def _work(connection: Connection, words: bool) -> None:
    # Ctrl-C reaches the whole terminal group; the parent alone decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    lots: SimpleQueue[Lot | None] = SimpleQueue()
    # Lots are taken in while an answer is on its way out: else both ends could wait for each other to read.
    threading.Thread(target=_take_in, args=(connection, lots), daemon=True).start()
    while (lot := lots.get()) is not None:
        try:
            answer: Analysed | BaseException = replace(analyse(*lot, words=words), articles=(), origins=())
        except Exception as error:
            answer = error
        try:
            connection.send(answer)
        except OSError:
            return


def _take_in(connection: Connection, lots: SimpleQueue[Lot | None]) -> None:
    try:
        while True:
            lots.put(connection.recv())
    except (EOFError, OSError):
        lots.put(None)
