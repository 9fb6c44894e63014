"""`gatekeeper demo`: pull requests of a bundled sample, generated, really reviewed and really tested."""
