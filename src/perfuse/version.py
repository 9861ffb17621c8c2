"""The version of perfuse, in one place."""

VERSION = "0.1.0"
