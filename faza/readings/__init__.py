"""The interval store, register readings and what is asked of them.

One door in: `services.record` (and `services.amend` for estimates and overrides, which never
touch what was delivered). Questions: `queries`, which take windows, not points. Nothing else
writes readings. The layout is architecture, section 3, and docs/adr.
"""
