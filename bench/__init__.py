"""Benchmarks: newssearch beside its peers, measured in one run and printed as one table (`python -m bench --help`)."""
