"""Verdicts on customers, applications and likeness, from plain values: no Django, no database."""

from faza.contracts.rules.customers import is_inn

__all__ = ["is_inn"]
