"""Doors for programs: what is sent to us over HTTP."""
