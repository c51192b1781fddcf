"""What pytest needs to know before it collects."""

# Imported before any program runs: its pytest plugin would import it at the very end, where a
# deep exception chain of the SDK makes the compiler of Python 3.11 give up.
import hypothesis

hypothesis.settings.register_profile("project", deadline=None, derandomize=True)
hypothesis.settings.load_profile("project")
