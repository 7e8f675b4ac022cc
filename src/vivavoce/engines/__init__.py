"""Everything that turns one value into another, one file for each back end."""
