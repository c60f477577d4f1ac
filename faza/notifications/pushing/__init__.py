"""Web Push (RFC 8030, 8291, 8292): devices are told that there is something to read.

What is sent has a topic and a number, no name, address or reading: the push service is a
stranger. Off until the administrator gives FAZA_PUSH_CONTACT. Source: design/rules.md, Personal
data.
"""
