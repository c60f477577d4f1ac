"""Pages and deeds of the collection."""
