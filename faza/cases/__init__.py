"""What subscribers ask or contest about their readings, and what the desk answers.

A case is about one point over one stretch of time. Whoever asked reads it as long as the stretch
lies in a window of theirs (`queries.own_cases`); the desk works with those of its own points.
"""
