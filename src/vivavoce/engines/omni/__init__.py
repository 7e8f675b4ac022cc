"""Models of several inputs and outputs: one model in memory, an engine for each thing that it can do."""
