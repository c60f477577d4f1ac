"""«History»: what was used by billing month and meter, and what it rests on."""
