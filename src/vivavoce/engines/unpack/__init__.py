"""Taking out what a value already carries."""
