"""Delivers the outbox: e-mail now, page and push later. Nothing below knows how."""
