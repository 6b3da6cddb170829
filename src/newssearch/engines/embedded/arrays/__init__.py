"""An immutable segment of the index as numpy arrays in one memory-mapped file; docs/format.md describes it byte by byte."""
