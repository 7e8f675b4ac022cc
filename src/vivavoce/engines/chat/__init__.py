"""Engines that converse."""
