"""Configuration of all suites: shared fixtures and how Hypothesis runs."""

import os

from hypothesis import HealthCheck, settings

pytest_plugins = ["kafka_fixtures"]

# No deadlines: a test that depends on how busy the machine is would be flaky. CI repeats the same examples
# in every run, so that a red build is caused by the change it builds.
settings.register_profile(
    "disclosures", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("ci", settings.get_profile("disclosures"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI", "").lower() == "true" else "disclosures")
