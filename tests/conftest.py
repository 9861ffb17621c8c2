"""How the tests draw examples: no deadline, and in continuous integration the same examples every time."""

import os

from hypothesis import HealthCheck, settings

settings.register_profile("here", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("here"), derandomize=True, database=None, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")
