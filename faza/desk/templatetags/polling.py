"""`{% load polling %}`: commands to meters in words."""

from __future__ import annotations

from django import template

from faza.collection.models import Command
from faza.desk.polling import words

register = template.Library()


@register.simple_tag
def is_open(command: Command) -> bool:
    """Whether something is still to come of a command."""
    return command.state in {Command.State.WAITING, Command.State.RUNNING}


@register.filter
def asked_for(command: Command) -> str:
    return words.order(command)


@register.filter
def clock_words(offset: float) -> str:
    return words.offset(offset)
