"""Solids: text to a mesh, a mesh to a picture."""
