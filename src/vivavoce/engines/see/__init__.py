"""Engines that look at pictures: text on them, what they show."""
