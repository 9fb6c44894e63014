"""A model server without a model: the part of SGLang 0.5.23's HTTP that is used, and faults, on loopback."""
