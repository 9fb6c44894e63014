"""The only package that names concrete adapters; one module a command."""
