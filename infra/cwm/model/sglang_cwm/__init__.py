"""Meta's Code World Model for SGLang: name this package in SGLANG_EXTERNAL_MODEL_PACKAGE."""
