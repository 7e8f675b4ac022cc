"""Engines that translate text."""
