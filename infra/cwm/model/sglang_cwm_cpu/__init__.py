"""The same model on a CPU, for tests: with stand-ins for what SGLang 0.5.23 lacks there. Not for GPUs."""
