"""How a mutant gets into a process: by the import, or by the code of functions that are there already.

As pytest's plugin (``-p tests.mutants.swap``) it imports the text of MUTANT in place of the file MUTATED.
"""

from __future__ import annotations

import gc
import inspect
import os
from collections.abc import Iterator
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any


def import_instead(file: Path, source: str) -> None:
    """Let ``source`` be imported where ``file`` would be, in this process."""
    get_code = SourceFileLoader.get_code

    def mutated(self: SourceFileLoader, fullname: str) -> CodeType | None:
        if self.path == str(file):
            return compile(source, self.path, "exec")
        return get_code(self, fullname)

    SourceFileLoader.get_code = mutated  # type: ignore[method-assign]


def put_in(file: Path, before: str, after: str) -> bool:
    """Give the functions of ``file`` that are alive the code they have in ``after``.

    False where that does not do: what changed runs when the module is imported, or is in no function that we find.
    """
    changed = changed_functions(compile(before, str(file), "exec"), compile(after, str(file), "exec"))
    if not changed:
        return False
    alive = [each for each in gc.get_objects() if type(each) is FunctionType and each.__code__.co_filename == str(file)]
    for old, new in changed:
        found = [each for each in alive if _is(each.__code__, old)]
        if not found:
            return False
        for function in found:
            function.__code__ = new
    return True


def changed_functions(before: CodeType, after: CodeType) -> list[tuple[CodeType, CodeType]] | None:
    """The outermost functions whose code differs, before and after; None where other code does."""
    if _shape(before) != _shape(after):
        return None
    changed: list[tuple[CodeType, CodeType]] = []
    for old, new in zip(_inner(before), _inner(after), strict=True):
        if old.co_flags & inspect.CO_OPTIMIZED:  # a function, and not the body of a class
            if _meaning(old) != _meaning(new):
                changed.append((old, new))
        elif (found := changed_functions(old, new)) is None:
            return None
        else:
            changed += found
    return changed


def _is(code: CodeType, other: CodeType) -> bool:
    return (code.co_qualname, code.co_firstlineno) == (other.co_qualname, other.co_firstlineno)


def _inner(code: CodeType) -> Iterator[CodeType]:
    return (each for each in code.co_consts if isinstance(each, CodeType))


def _shape(code: CodeType) -> Any:
    """What the code does itself, without its inner code and without the places of its lines."""
    plain = [(type(each), each) for each in code.co_consts if not isinstance(each, CodeType)]
    names = [each.co_qualname for each in _inner(code)]
    return code.co_code, code.co_names, code.co_varnames, code.co_freevars, code.co_exceptiontable, repr(plain), names


def _meaning(code: CodeType) -> Any:
    return _shape(code), [_meaning(each) for each in _inner(code)]


if "MUTANT" in os.environ:
    import_instead(Path(os.environ["MUTATED"]), Path(os.environ["MUTANT"]).read_text(encoding="utf-8"))
