"""Engines that make tables, and that say or draw what tables hold."""
