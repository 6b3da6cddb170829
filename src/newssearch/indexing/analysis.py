"""Lots of documents to token arrays in several processes, in order."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from queue import SimpleQueue

from ..errors import NewsSearchError
from .lots import Answer, Lot, analyse_lot
from .transport import dumps, loads

_AHEAD = 2
"""lots that a worker may hold: one in work, one waiting"""


def analyse_all(lots: Iterable[Lot], *, words: bool, jobs: int = 0) -> Iterator[Answer]:
    """Yield what became of each lot, in order; the work is done in `jobs` processes (0: one a core; 1: this one).

    What comes from a worker lacks what `Analysed.stored` says. Workers end when this process does, however it ends. Raises NewsSearchError when a
    worker dies.
    """
    jobs = jobs or os.cpu_count() or 1
    if jobs == 1:
        return (analyse_lot(lot, words=words) for lot in lots)
    return _in_workers(iter(lots), words, jobs)


def _in_workers(source: Iterator[Lot], words: bool, jobs: int) -> Iterator[Answer]:
    with ExitStack() as stack:
        workers = [_start(stack, words) for _ in range(jobs)]
        waiting: deque[Connection] = deque()
        turn = 0
        while True:
            if len(waiting) < jobs * _AHEAD and (lot := next(source, None)) is not None:
                worker = workers[turn % jobs]
                turn += 1
                _send(worker, lot)
                waiting.append(worker)
            elif waiting:
                yield _receive(waiting.popleft())
            else:
                return


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


def _receive(worker: Connection) -> Answer:
    try:
        data = worker.recv_bytes()
    except (EOFError, OSError) as error:
        raise _died() from error
    return loads(data)


def _died() -> NewsSearchError:
    return NewsSearchError("A process that analyses articles ended unexpectedly (was memory short?).", "newssearch rebuild-index --jobs 1")


def _work(connection: Connection, words: bool) -> None:
    # Ctrl-C reaches the whole terminal group; the parent alone decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A lot holds no cycles, so that the collector would look through it for nothing.
    gc.freeze()
    gc.set_threshold(50_000)
    lots: SimpleQueue[Lot | None] = SimpleQueue()
    # Lots are taken in while an answer is on its way out: else both ends could wait for each other to read.
    threading.Thread(target=_take_in, args=(connection, lots), daemon=True).start()
    while (lot := lots.get()) is not None:
        try:
            answer = dumps(analyse_lot(lot, words=words))
        except Exception as error:
            answer = dumps(error)
        try:
            connection.send_bytes(answer)
        except OSError:
            return


def _take_in(connection: Connection, lots: SimpleQueue[Lot | None]) -> None:
    try:
        while True:
            lots.put(connection.recv())
    except (EOFError, OSError):
        lots.put(None)
