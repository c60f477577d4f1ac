"""Deeds of the trail in words: what was done, to what, from what to what."""

from faza.desk.deeds.reading import Change, Told, told
from faza.desk.deeds.words import ACTIONS, KINDS, action_words, kind_words

__all__ = ["ACTIONS", "KINDS", "Change", "Told", "action_words", "kind_words", "told"]
