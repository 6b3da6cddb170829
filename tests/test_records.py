"""Our dataclasses do what those of the standard library do."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newssearch.records import dataclass


@dataclass(frozen=True, slots=True)
class Ours:
    """Doc."""

    name: str
    size: int = 3
    parts: tuple[str, ...] = ()
    extras: dict[str, int] = dataclasses.field(default_factory=dict)
    hidden: int = dataclasses.field(default=0, repr=False)
    many: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Theirs:
    """Doc."""

    name: str
    size: int = 3
    parts: tuple[str, ...] = ()
    extras: dict[str, int] = dataclasses.field(default_factory=dict)
    hidden: int = dataclasses.field(default=0, repr=False)
    many: bool = False


@dataclass(frozen=True, slots=True)
class Few:
    """Doc."""

    name: str
    extras: dict[str, int] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    first: int = 1
    second: str


@dataclass(frozen=True, slots=True)
class Single:
    value: object

    def __repr__(self) -> str:
        return "shown"


@dataclass(frozen=True, slots=True)
class Nothing:
    pass


values: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"name": st.text(max_size=3)},
    optional={"size": st.integers(0, 2), "parts": st.lists(st.text(max_size=1), max_size=2).map(tuple), "hidden": st.integers(0, 1)},
)


@given(values, values)
def test_what_they_do_ours_do(left: dict[str, Any], right: dict[str, Any]) -> None:
    ours, theirs = (Ours(**left), Ours(**right)), (Theirs(**left), Theirs(**right))
    assert (ours[0] == ours[1]) == (theirs[0] == theirs[1])
    assert dataclasses.asdict(ours[0]) == dataclasses.asdict(theirs[0])
    assert repr(ours[0]) == repr(theirs[0]).replace("Theirs", "Ours")
    assert dataclasses.replace(ours[0], size=9) == Ours(**{**left, "size": 9})
    assert pickle.loads(pickle.dumps(ours[0])) == copy.deepcopy(ours[0]) == ours[0]
    assert [field.name for field in dataclasses.fields(Ours)] == [field.name for field in dataclasses.fields(Theirs)]


def test_equal_ones_have_one_hash_and_other_classes_are_never_equal() -> None:
    assert len({Single(1), Single(1), Single(2)}) == 2
    assert Single("a") != Theirs("a")
    assert hash(Nothing()) == hash(Nothing())


def test_each_has_extras_of_its_own() -> None:
    assert Ours("a").extras is not Ours("a").extras
    assert Few("a").extras is not Few("a").extras


def test_they_are_frozen_and_slotted() -> None:
    for one in (Ours("a"), Few("a"), Theirs("a")):
        with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'name'"):
            one.name = "b"  # type: ignore[misc]
        with pytest.raises(dataclasses.FrozenInstanceError, match="cannot delete field 'name'"):
            del one.name
        assert not hasattr(one, "__dict__")


def test_wrong_arguments_are_told_as_ever() -> None:
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'name'"):
        Ours()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="unexpected keyword argument 'other'"):
        Ours("a", other=1)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="positional argument"):
        Named(1, "b")  # type: ignore[misc]
    assert (Named(second="b").first, Named(second="b").second) == (1, "b")


def test_own_methods_stay_and_patterns_match() -> None:
    assert repr(Single(1)) == "shown"
    match Ours("a", 5):
        case Ours(name, size):
            assert (name, size) == ("a", 5)
    assert pickle.loads(pickle.dumps(Single(0))).value == 0
    assert Nothing.__doc__


def test_other_kinds_are_refused() -> None:
    with pytest.raises(TypeError, match="standard library"):
        dataclass(frozen=False, slots=True)
