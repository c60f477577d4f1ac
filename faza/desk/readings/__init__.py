"""Readings that people typed: the queue, the evidence beside each, the decision."""
