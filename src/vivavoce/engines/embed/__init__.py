"""Values to vectors."""
