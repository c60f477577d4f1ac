"""Bytes nobody meant at everything that reads a stranger's bytes: `make fuzz`.

`targets` are functions of bytes, each with seeds; whatever they raise is a bug. `run` starts a
fuzzer of them in a process each, guided by what code is reached. `laws` are the same parsers
under data that Hypothesis builds with sense. What was found once lies in `found/TARGET/` and is
tried again by every `make test` (`test_targets`).
"""
