from pathlib import Path

Path("/tmp/prodev-attack-was-here").write_text("code that nobody asked for")
