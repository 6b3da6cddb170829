"""Frozen, slotted dataclasses that are cheap to import: their methods are not compiled before they are called.

The standard decorator compiles six methods a class, 0.4 ms; a search imports some seventy classes and makes instances of half of
them, so that these were 25 ms of its start. What is made here is a dataclass to `fields`, `replace`, `asdict`, `match` and pickle.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

__all__ = ["dataclass"]

if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    import dataclasses
    from operator import attrgetter

    _MANY = 6
    """fields from which it pays to set them through another class"""

    def dataclass(*, frozen: bool, slots: bool, kw_only: bool = False) -> Callable[[type], type]:
        """`dataclasses.dataclass(frozen=True, slots=True)`, and nothing else that it could do."""
        if not (frozen and slots):
            raise TypeError("for a dataclass that is not frozen and slotted take the one of the standard library")

        def decorate(cls: type) -> type:
            own = vars(cls).keys()
            # Without one the standard library composes it from the signature, half a millisecond.
            cls.__doc__ = cls.__doc__ or cls.__name__
            made = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True, kw_only=kw_only)(cls)
            for name, method in _methods(made, dataclasses.fields(made)).items():
                if name not in own:
                    setattr(made, name, method)
            return made

        return decorate

    def _methods(cls: type, fields: Sequence[dataclasses.Field[Any]]) -> dict[str, Any]:
        names = [field.name for field in fields]
        values = attrgetter(*names) if len(names) > 1 else lambda self: tuple(getattr(self, name) for name in names)
        shown = [field.name for field in fields if field.repr]

        def __init__(self: object, *args: Any, **kwargs: Any) -> None:
            cls.__init__ = _compiled_init(cls, fields)
            cls.__init__(self, *args, **kwargs)

        def __repr__(self: object) -> str:
            return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"

        def __eq__(self: object, other: object) -> bool:
            return values(self) == values(other) if type(other) is type(self) else NotImplemented

        def __hash__(self: object) -> int:
            return hash(values(self))

        def __getstate__(self: object) -> tuple[Any, ...]:
            return values(self)

        def __setstate__(self: object, state: Sequence[Any]) -> None:
            for name, value in zip(names, state, strict=True):
                object.__setattr__(self, name, value)

        return {
            "__init__": __init__,
            "__repr__": __repr__,
            "__eq__": __eq__,
            "__hash__": __hash__,
            "__setattr__": _refuse_set,
            "__delattr__": _refuse_delete,
            "__getstate__": __getstate__,
            "__setstate__": __setstate__,
        }

    def _compiled_init(cls: type, fields: Sequence[dataclasses.Field[Any]]) -> Callable[..., None]:
        """The same signature and effect as the standard library's."""
        known: dict[str, Any] = {"_set": object.__setattr__, "_missing": dataclasses.MISSING, "_class": cls}
        is_open = len(fields) >= _MANY
        # A class of the same layout that refuses nothing: its fields are set by plain assignment, in half the time of as many calls.
        known["_open"] = type(cls.__name__, (), {"__slots__": tuple(field.name for field in fields)}) if is_open else None
        parameters, lines = ["self"], []
        for field in sorted(fields, key=lambda field: field.kw_only):
            name, value = field.name, field.name
            if field.kw_only and "*" not in parameters:
                parameters.append("*")
            if field.default is not dataclasses.MISSING:
                known[f"_default_{name}"] = field.default
                parameters.append(f"{name}=_default_{name}")
            elif field.default_factory is not dataclasses.MISSING:
                known[f"_factory_{name}"] = field.default_factory
                parameters.append(f"{name}=_missing")
                value = f"_factory_{name}() if {name} is _missing else {name}"
            else:
                parameters.append(name)
            lines.append(f"    self.{name} = {value}\n" if is_open else f"    _set(self, {name!r}, {value})\n")
        if is_open:
            lines = ["    _set(self, '__class__', _open)\n", *lines, "    self.__class__ = _class\n"]
        exec(f"def __init__({', '.join(parameters)}):\n{''.join(lines) or '    pass'}", known)
        init: Callable[..., None] = known["__init__"]
        init.__qualname__ = f"{cls.__qualname__}.__init__"
        return init

    def _refuse_set(self: object, name: str, value: object) -> None:
        raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")

    def _refuse_delete(self: object, name: str) -> None:
        raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")
