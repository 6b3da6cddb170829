"""Lots of documents to token arrays in several processes, in order."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import socket
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from multiprocessing.process import BaseProcess
from pathlib import Path
from queue import SimpleQueue

from ..errors import NewsSearchError
from .lots import Answer, Lot, analyse_lot, make_ready
from .transport import Receiver, Sender, packed, receive, send, unpacked

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
        if _may_fork():
            make_ready(words=words)
        # What is there now stays: the collector need not look through it again and again, nor make copies of its pages in workers.
        gc.freeze()
        stack.callback(gc.unfreeze)
        workers = [_Worker(stack, words) for _ in range(jobs)]
        waiting: deque[_Worker] = deque()
        turn = 0
        while True:
            if len(waiting) < jobs * _AHEAD and (lot := next(source, None)) is not None:
                worker = workers[turn % jobs]
                turn += 1
                worker.send(lot)
                waiting.append(worker)
            elif waiting:
                yield waiting.popleft().receive()
            else:
                return


class _Worker:
    """A process that analyses lots, seen from here."""

    def __init__(self, stack: ExitStack, words: bool) -> None:
        """Start it; the stack ends it."""
        self._channel, theirs = socket.socketpair()
        self._receiver = Receiver()
        process: BaseProcess
        if _may_fork():
            process = multiprocessing.get_context("fork").Process(target=_work_apart, args=(theirs, words), daemon=True)
        else:
            process = multiprocessing.get_context("spawn").Process(target=_work, args=(theirs, words), daemon=True)
        process.start()
        theirs.close()
        stack.callback(_end, process)
        stack.callback(self._channel.close)

    def send(self, lot: Lot) -> None:
        try:
            send(self._channel, packed(lot))
        except OSError as error:
            raise _died() from error

    def receive(self) -> Answer:
        try:
            message = receive(self._channel)
        except (EOFError, OSError) as error:
            raise _died() from error
        return self._receiver.answer(message)


def _may_fork() -> bool:
    """Whether this process has a single thread, so that a copy of it is whole; it has all modules, and what it shares costs no memory."""
    try:
        return len(list(Path("/proc/self/task").iterdir())) == 1
    except OSError:
        return False


def _end(process: BaseProcess) -> None:
    process.terminate()
    process.join()


def _died() -> NewsSearchError:
    return NewsSearchError("A process that analyses articles ended unexpectedly (was memory short?).", "newssearch rebuild-index --jobs 1")


def _work_apart(channel: socket.socket, words: bool) -> None:
    """Work in a copy of the first process, which must hold neither the writer's lock nor the other ends of channels."""
    number = channel.fileno()
    os.closerange(3, number)
    os.closerange(number + 1, os.sysconf("SC_OPEN_MAX"))
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _work(channel, words)


def _work(channel: socket.socket, words: bool) -> None:
    # Ctrl-C reaches the whole terminal group; the parent alone decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A lot holds no cycles, so that the collector would look through it for nothing.
    gc.freeze()
    gc.set_threshold(50_000)
    lots: SimpleQueue[Lot | None] = SimpleQueue()
    # Lots are taken in while an answer is on its way out: else both ends could wait for each other to read.
    threading.Thread(target=_take_in, args=(channel, lots), daemon=True).start()
    sender = Sender()
    while (lot := lots.get()) is not None:
        try:
            answer = sender.message(analyse_lot(lot, words=words, folded=False))
        except Exception as error:
            answer = sender.message(error)
        try:
            send(channel, answer)
        except OSError:
            return


def _take_in(channel: socket.socket, lots: SimpleQueue[Lot | None]) -> None:
    try:
        while True:
            lots.put(unpacked(receive(channel)))
    except (EOFError, OSError):
        lots.put(None)
