"""Configuration of all suites: shared fixtures and how Hypothesis runs."""

import os

from hypothesis import HealthCheck, settings

pytest_plugins = ["kafka_fixtures"]

# No deadlines: a test that depends on how busy the machine is would be flaky. CI repeats the same examples
# in every run, so that a red build is caused by the change it builds; the nightly run looks for new ones.
settings.register_profile(
    "disclosures",
    max_examples=200,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("ci", settings.get_profile("disclosures"), derandomize=True)
settings.register_profile("nightly", settings.get_profile("disclosures"), max_examples=10_000)
_IN_CI = os.environ.get("CI", "").lower() == "true"
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if _IN_CI else "disclosures"))
