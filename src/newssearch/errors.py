"""The error tree: what went wrong, where, and the command that mends it."""

from __future__ import annotations

from typing import ClassVar


class NewsSearchError(Exception):
    """An error that a person can act on; the faces print `message` and `hint`, never a traceback.

    `code` is the stable name in JSON, `exit_code` the command line's, `http_status` the server's.
    """

    code: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 2
    http_status: ClassVar[int] = 500

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class BadRequest(NewsSearchError):
    """A parameter or option that cannot be read."""

    code = "bad_request"
    http_status = 400


class BadInput(NewsSearchError):
    """A path or a stream that cannot be read as news documents."""

    code = "bad_input"
    http_status = 400


class UnknownArticle(NewsSearchError):
    """No article answers to this id or address."""

    code = "unknown_article"
    exit_code = 1
    http_status = 404


class BlockedArticle(NewsSearchError):
    """The article was taken down for good (`delete --block`)."""

    code = "blocked_article"
    exit_code = 1
    http_status = 410


class IndexMissing(NewsSearchError):
    """There is no index where one was looked for."""

    code = "index_missing"
    http_status = 503


class IndexOutdated(NewsSearchError):
    """The index was written by another version of the schema."""

    code = "index_outdated"
    http_status = 503


class IndexDamaged(NewsSearchError):
    """Files of the index are missing, cut short or altered."""

    code = "index_damaged"
    http_status = 503


class IndexLocked(NewsSearchError):
    """Another live process is writing to the index."""

    code = "index_locked"
    exit_code = 4
    http_status = 503


class WriteFailed(NewsSearchError):
    """The index could not be written (disk full, no permission); what was there before still serves."""

    code = "write_failed"
    http_status = 507
