"""Bytes to articles: files, folders, globs and standard input, in every format that newspapers keep."""

from .files import list_files
from .paths import Document, read_bytes, read_paths

__all__ = ["Document", "list_files", "read_bytes", "read_paths"]
