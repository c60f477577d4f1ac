"""Readings that people type: when they may, whether the number is plausible, who accepts it.

What is sent waits for the desk and counts nowhere; once approved it becomes a register reading of
source "manual" (`readings.record_registers`), and a withdrawal undoes that.
"""
