"""What subscribers ask or contest: the queue, a case with its talk, answers."""
