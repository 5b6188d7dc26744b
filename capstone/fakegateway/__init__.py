"""Payment providers that misbehave on request, and a mail catcher: a program of its own, for development and tests.

It shares no code with ``staybook`` and is reached over HTTP only. Everything is in memory and ends with it.
"""
