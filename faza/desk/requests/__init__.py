"""Applications and subscribers: the queue, the evidence, the decision."""
