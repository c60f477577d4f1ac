"""Who changed or saw what, when, from what to what.

Stands below everyone so that everyone can write to it; it knows users by number only. The trace
outlives the person: what names a person is kept apart (PersonRef) and can be erased.
"""
