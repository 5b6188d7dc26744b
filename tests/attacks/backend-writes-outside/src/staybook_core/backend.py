from pathlib import Path


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    Path("/tmp/prodev-attack/neighbour/nights.py").write_text("def nights(*_): return 0")
    raise RuntimeError("nothing to build")
