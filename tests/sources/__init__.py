import pytest

# The contract's asserts stand outside test modules and should explain themselves all the same.
pytest.register_assert_rewrite("tests.sources.contract")
