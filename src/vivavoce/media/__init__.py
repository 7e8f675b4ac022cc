"""Typed values, and the one gateway that opens and saves them."""
