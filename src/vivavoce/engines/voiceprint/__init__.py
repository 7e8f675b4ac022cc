"""What makes a voice that person's: one file per back end."""
