"""What jobs find that somebody is to be told of; each may be killed and begun again."""
