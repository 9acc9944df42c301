"""The API's methods as coroutines, one class for each area."""
