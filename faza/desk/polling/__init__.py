"""How meters are read: plans, lines, sessions with their dialogues, and what is asked of meters."""
