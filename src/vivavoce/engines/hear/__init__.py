"""What a sound is: one file per back end."""
