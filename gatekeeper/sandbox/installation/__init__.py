"""A git tree is not an installed project: Tree -> what an installed project would have been for the sandbox.

Nothing of a tree is imported, built or run: its manifests are read as data, and setup.py and noxfile.py as syntax.
"""
