"""Programs whose functions are called in several places, or call themselves."""
