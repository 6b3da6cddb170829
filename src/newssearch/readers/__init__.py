"""Bytes to articles: files, folders, globs and standard input, in every format that newspapers keep."""

from .files import list_files
from .lines import Document, Lines, read_lines
from .paths import Part, read_bytes, read_parts, read_paths

__all__ = ["Document", "Lines", "Part", "list_files", "read_bytes", "read_lines", "read_parts", "read_paths"]
