"""Trains what all programs share: the interpreter's scales and offsets, and the compiler network. See README.md."""
