"""Memory that was freed and that the C library keeps: between large pieces of work it goes back to the system."""

from __future__ import annotations

import ctypes


def give_back() -> None:
    """Return what is free to the system, where the C library can: glibc keeps it for long, in pieces between what is in use."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
