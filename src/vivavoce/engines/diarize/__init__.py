"""Who speaks when: one file per back end."""
