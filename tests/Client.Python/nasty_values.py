"""Values that an environment may hand over by design, by mistake or in a test, and what is recorded of each.

`NASTY` holds `(name, make, expected)`: `make` builds the value anew, `expected` is the JSON that is recorded, or `Like(pattern)` for a text.
"""

from __future__ import annotations

import array
import collections
import ctypes
import dataclasses
import datetime
import decimal
import enum
import fractions
import io
import ipaddress
import itertools
import math
import os
import pathlib
import re
import threading
import time
import types
import uuid
import weakref
from collections.abc import Mapping, Sequence
from typing import Any, Callable, ClassVar, Iterator, List, NamedTuple, Tuple
from unittest import mock

NAN = float("nan")


class Like(NamedTuple):
    """A text that matches."""

    pattern: str


class _Same:
    """What `json` itself makes of the value."""


SAME = _Same()
Case = Tuple[str, Callable[[], Any], Any]
_HERE = re.escape(__name__)


class IntKind(enum.IntEnum):
    ONE = 1


class TextKind(str, enum.Enum):
    A = "a"


class FloatKind(float, enum.Enum):
    HALF = 0.5


class Color(enum.Enum):
    RED = 1


class Bits(enum.Flag):
    A = 1
    B = 2


class MuteEnum(enum.Enum):
    A = 1

    def __str__(self) -> str:
        raise RuntimeError("no")


class LyingText(str):
    def __str__(self) -> str:
        return "a lie"

    def __repr__(self) -> str:
        raise RuntimeError("no")

    def encode(self, *_: Any) -> bytes:
        raise RuntimeError("no")


class LyingInt(int):
    def __int__(self) -> int:
        raise RuntimeError("no")

    def __repr__(self) -> str:
        return "a lie"


class LyingFloat(float):
    def __float__(self) -> float:
        raise RuntimeError("no")

    def __repr__(self) -> str:
        return "a lie"


class LyingBytes(bytes):
    def __bytes__(self) -> bytes:
        raise RuntimeError("no")


class Pair(NamedTuple):
    x: int
    y: Any


class SubDict(dict):
    pass


class SubList(list):
    def __iter__(self) -> Iterator[Any]:
        raise RuntimeError("no")


class SubTuple(tuple):
    def __iter__(self) -> Iterator[Any]:
        raise RuntimeError("no")


class MuteItems(dict):
    def items(self) -> Any:
        raise RuntimeError("no")


class OddItems(dict):
    def items(self) -> Any:
        return [1, 2, 3]


class GrowingItems(dict):
    """Changes while it is read."""

    def items(self) -> Any:
        for key in dict.keys(self):
            self[f"{key}+"] = 1
            yield key, 0


@dataclasses.dataclass
class Point:
    x: Any
    y: Any = 2


@dataclasses.dataclass
class Tricky:
    a: int
    b: dataclasses.InitVar[int] = 3
    c: ClassVar[int] = 4


@dataclasses.dataclass(frozen=True)
class Frozen:
    when: datetime.date


@dataclasses.dataclass
class Node:
    name: str
    parent: Any = None
    children: List[Any] = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class DictData(dict):
    x: int = 1


def half_built() -> Point:
    point = Point(1)
    del point.x
    return point


def tree() -> Node:
    root = Node("root")
    root.children = [Node("leaf", root)]
    return root


class Array:
    """numpy and torch from outside."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __repr__(self) -> str:
        return "Array"

    def tolist(self) -> Any:
        if isinstance(self.value, Exception):
            raise self.value
        return self.value


class Model2:
    """Pydantic 2 from outside."""

    def __init__(self, **fields: Any) -> None:
        self.fields = fields

    def model_dump(self) -> Any:
        return self.fields

    def dict(self) -> Any:
        raise AssertionError("model_dump comes first")


class Model1:
    """Pydantic 1 from outside."""

    __fields__ = {"a": None}

    def dict(self) -> Any:
        return {"a": {1}}


class SadModel:
    def model_dump(self) -> Any:
        raise ValueError("no")

    def __repr__(self) -> str:
        return "SadModel()"


class SelfModel:
    def model_dump(self) -> Any:
        return self

    def __repr__(self) -> str:
        return "SelfModel()"


class DictMethod:
    def dict(self) -> Any:
        raise AssertionError("no Pydantic model")

    def __repr__(self) -> str:
        return "DictMethod()"


class MuteRepr:
    def __repr__(self) -> str:
        raise RuntimeError("no")


class NumberRepr:
    def __repr__(self) -> Any:
        return 7


class SurrogateRepr:
    def __repr__(self) -> str:
        return "x\ud800"


class LyingRepr:
    def __repr__(self) -> str:
        return LyingText("raw")


class EndlessRepr:
    def __repr__(self) -> str:
        return repr(self)


class MuteAttributes:
    def __getattr__(self, name: str) -> Any:
        raise RuntimeError("no")

    def __repr__(self) -> str:
        return "MuteAttributes()"


class AnyAttribute:
    """Answers to every name, as mocks and remote proxies do."""

    def __getattr__(self, name: str) -> Any:
        return AnyAttribute()

    def __call__(self, *_: Any) -> Any:
        return AnyAttribute()

    def __repr__(self) -> str:
        return "AnyAttribute()"


class MuteEverything:
    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError("no")


class MuteClass:
    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        raise RuntimeError("no")

    def __repr__(self) -> str:
        return "MuteClass()"


class LyingClass:
    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        return dict

    def __repr__(self) -> str:
        return "LyingClass()"


class MuteIter:
    def __iter__(self) -> Any:
        raise RuntimeError("no")

    def __repr__(self) -> str:
        return "MuteIter()"


class MuteBool:
    def __bool__(self) -> bool:
        raise RuntimeError("no")

    def __len__(self) -> int:
        raise RuntimeError("no")

    def __repr__(self) -> str:
        return "MuteBool()"


class MuteEquals:
    def __eq__(self, other: Any) -> bool:
        raise RuntimeError("no")

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return "MuteEquals()"


class EqualsAll:
    def __eq__(self, other: Any) -> bool:
        return True

    def __hash__(self) -> int:
        return 1

    def __repr__(self) -> str:
        return "EqualsAll()"


class MuteMeta(type):
    def __repr__(cls) -> str:
        raise RuntimeError("no")

    def __getattr__(cls, name: str) -> Any:
        raise RuntimeError("no")


class AnyMeta(type):
    def __getattr__(cls, name: str) -> Any:
        return lambda *_: 1


class OfMuteMeta(metaclass=MuteMeta):
    def __repr__(self) -> str:
        return "OfMuteMeta()"


class OfAnyMeta(metaclass=AnyMeta):
    def __repr__(self) -> str:
        return "OfAnyMeta()"


class MuteMapping(Mapping):
    def __getitem__(self, key: Any) -> Any:
        raise RuntimeError("no")

    def __iter__(self) -> Any:
        return iter(["a"])

    def __len__(self) -> int:
        return 1

    def __repr__(self) -> str:
        return "MuteMapping()"


class GoodMapping(MuteMapping):
    def __getitem__(self, key: Any) -> Any:
        return {key}


class MuteSequence(Sequence):
    def __getitem__(self, index: Any) -> Any:
        raise RuntimeError("no")

    def __len__(self) -> int:
        return 3

    def __repr__(self) -> str:
        return "MuteSequence()"


class GoodSequence(MuteSequence):
    def __getitem__(self, index: Any) -> Any:
        return [10, 20][index]


class MuteKey:
    def __str__(self) -> str:
        raise RuntimeError("no")


class MutePath:
    def __fspath__(self) -> str:
        raise RuntimeError("no")

    def __repr__(self) -> str:
        return "MutePath()"


class BytesPath:
    def __fspath__(self) -> bytes:
        return b"a/\xff"


class MuteZone(datetime.tzinfo):
    def utcoffset(self, when: Any) -> Any:
        raise RuntimeError("no")


def nested(levels: int, of: str = "list", inner: Any = 1) -> Any:
    value = inner
    for _ in range(levels):
        value = [value] if of == "list" else (value,) if of == "tuple" else {"a": value}
    return value


def myself(of: str) -> Any:
    value: Any = [1] if of == "list" else {"n": 1}
    if of == "list":
        value.append(value)
    else:
        value["self"] = value
    return value


def each_other() -> Any:
    a: dict = {}
    b = {"a": a}
    a["b"] = b
    return a


def released() -> memoryview:
    view = memoryview(b"abc")
    view.release()
    return view


def dead_proxy() -> Any:
    point = Point(1)
    return weakref.proxy(point)  # dead at once


def raised() -> BaseException:
    try:
        raise ValueError("no such file")
    except ValueError as e:
        return e


_KEPT = Point(7)  # what the living references below refer to

_PLAIN: List[Case] = [
    ("none", lambda: None, SAME),
    ("true", lambda: True, SAME),
    ("minus zero", lambda: -0.0, SAME),
    ("denormal", lambda: 5e-324, SAME),
    ("largest double", lambda: 1.7976931348623157e308, SAME),
    ("2^63", lambda: 2**63, SAME),
    ("-2^63 - 1", lambda: -(2**63) - 1, SAME),
    ("10^300", lambda: 10**300, SAME),
    ("10^400", lambda: 10**400, SAME),
    ("empty text", lambda: "", SAME),
    ("NUL", lambda: "a\0b", SAME),
    ("controls", lambda: "".join(map(chr, range(32))), SAME),
    ("line separators", lambda: "\u2028\u2029\x85\r\n", SAME),
    ("byte order mark", lambda: "\ufeffx", SAME),
    ("noncharacters", lambda: "\uffff\ufdd0\U0010ffff", SAME),
    ("emoji", lambda: "👩\u200d💻", SAME),
    ("right to left", lambda: "\u202eabc", SAME),
    ("script", lambda: "</script><!--", SAME),
    ("quotes", lambda: '"\\"', SAME),
    ("escape text", lambda: "\\ud800", SAME),
    ("the text NaN", lambda: ["NaN", "Infinity"], SAME),
    ("empty object", lambda: {}, SAME),
    ("empty list", lambda: [], SAME),
    ("empties", lambda: [[], {}, (), [[]]], SAME),
    ("empty key", lambda: {"": {"": 1}}, SAME),
    ("key with everything", lambda: {'a/b~c"\\\n': 1}, SAME),
    ("our own names", lambda: {"$base64": "x", "_repaired": [1], "__proto__": 2}, SAME),
    ("tuple", lambda: (1, (2,)), SAME),
    ("named tuple", lambda: Pair(1, [2]), SAME),
    ("struct_time", lambda: time.gmtime(0), SAME),
    ("OrderedDict", lambda: collections.OrderedDict(b=1, a=2), SAME),
    ("defaultdict", lambda: collections.defaultdict(list, a=[1]), SAME),
    ("Counter", lambda: collections.Counter("aab"), SAME),
    ("dict subclass", lambda: SubDict(a=1), SAME),
    ("list subclass that can't be iterated", lambda: SubList([1, 2]), [1, 2]),
    ("tuple subclass that can't be iterated", lambda: SubTuple([1, 2]), [1, 2]),
    ("IntEnum", lambda: IntKind.ONE, 1),
    ("str enum", lambda: TextKind.A, "a"),
    ("float enum", lambda: FloatKind.HALF, 0.5),
    ("text that lies", lambda: LyingText("raw"), "raw"),
    ("integer that lies", lambda: LyingInt(7), 7),
    ("float that lies", lambda: LyingFloat(0.5), 0.5),
    ("integer keys", lambda: {1: "a", -2: "b"}, SAME),
    ("keys that are constants", lambda: {True: 1, False: 0, None: 2}, SAME),
    ("float keys", lambda: {1.5: 1, -0.0: 2}, SAME),
    ("enum keys", lambda: {TextKind.A: 1}, {"a": 1}),
    ("100 levels", lambda: nested(100), SAME),
    ("239 levels", lambda: nested(239, "dict"), SAME),
    ("many brackets", lambda: "[" * 5000, SAME),
    ("1,000 lists", lambda: [[] for _ in range(1000)], SAME),
    ("one list twice", lambda: [[1]] * 2, SAME),
    ("250 KB of text, just below a large value", lambda: "é" * 125_000, SAME),
    ("60,000 integers", lambda: list(range(60_000)), SAME),
    ("10,000 keys", lambda: {f"k{i}": i for i in range(10_000)}, SAME),
]

_NUMBERS: List[Case] = [
    ("NaN", lambda: NAN, "NaN"),
    ("infinity", lambda: math.inf, "Infinity"),
    ("minus infinity", lambda: -math.inf, "-Infinity"),
    ("1e400", lambda: float("1e400"), "Infinity"),
    ("NaN deep inside", lambda: {"a": [{"b": (1, NAN)}]}, {"a": [{"b": [1, "NaN"]}]}),
    ("NaN in a float subclass", lambda: LyingFloat("nan"), "NaN"),
    ("NaN last of many", lambda: [0.5] * 9999 + [NAN], [0.5] * 9999 + ["NaN"]),
    ("infinities that cancel", lambda: [math.inf, -math.inf] * 40, ["Infinity", "-Infinity"] * 40),
    ("floats whose sum is infinite", lambda: [1e308] * 40 + [NAN], [1e308] * 40 + ["NaN"]),
    ("10^5000", lambda: 10**5000, hex(10**5000)),
    ("-10^5000", lambda: [-(10**5000)], [hex(-(10**5000))]),
    ("10^5000 as a key", lambda: {10**5000: 1}, {hex(10**5000): 1}),
    ("NaN as a key", lambda: {NAN: 1}, {"NaN": 1}),
    ("two NaN as keys", lambda: {NAN: 1, float("nan"): 2}, {"NaN": 1, "NaN'": 2}),
    ("Decimal", lambda: decimal.Decimal("1.50"), "1.50"),
    ("Decimal NaN", lambda: decimal.Decimal("NaN"), "NaN"),
    ("signalling Decimal", lambda: decimal.Decimal("sNaN"), "sNaN"),
    ("Decimal 1E+400", lambda: decimal.Decimal("1E+400"), "1E+400"),
    ("Fraction", lambda: fractions.Fraction(1, 3), "Fraction(1, 3)"),
    ("complex", lambda: 3 + 4j, "(3+4j)"),
    ("complex NaN", lambda: complex(NAN, 1), "(nan+1j)"),
]

_TEXTS: List[Case] = [
    ("high surrogate", lambda: "x\ud800y", "x\ufffdy"),
    ("low surrogate", lambda: "\udfff", "\ufffd"),
    ("surrogates the wrong way round", lambda: "\udc00\ud800", "\ufffd\ufffd"),
    ("surrogates that are a pair", lambda: "\ud83d\ude00", "😀"),
    ("surrogate in a text that lies", lambda: LyingText("\ud800"), "\ufffd"),
    ("surrogate in a key", lambda: {"k\udfff": 1}, {"k\ufffd": 1}),
    ("surrogates that make keys equal", lambda: {"\ud800": 1, "\ud801": 2}, {"\ufffd": 1, "\ufffd'": 2}),
    ("file name of bytes", lambda: os.fsdecode(b"a\xff"), "a\ufffd"),
    ("surrogate last of many", lambda: ["a"] * 50 + ["\ud800"], ["a"] * 50 + ["\ufffd"]),
    ("UserString", lambda: collections.UserString("abc"), "abc"),
]

_BYTES: List[Case] = [
    ("bytes", lambda: b"ab", {"$base64": "YWI="}),
    ("no bytes", lambda: b"", {"$base64": ""}),
    ("all bytes", lambda: [bytes(range(256))], Like(r".*AAECAwQF.*")),
    ("bytearray", lambda: bytearray(b"ab"), {"$base64": "YWI="}),
    ("memoryview", lambda: memoryview(b"ab"), {"$base64": "YWI="}),
    ("memoryview with a stride", lambda: memoryview(b"a-b-")[::2], {"$base64": "YWI="}),
    ("memoryview of two dimensions", lambda: memoryview(b"abcd").cast("B", (2, 2)), {"$base64": "YWJjZA=="}),
    ("released memoryview", released, Like(r"<released memory at .*>")),
    ("bytes that lie", lambda: LyingBytes(b"ab"), {"$base64": "YWI="}),
    ("array of integers", lambda: array.array("i", [1, 2]), [1, 2]),
    ("array with NaN", lambda: array.array("d", [1.0, NAN]), [1.0, "NaN"]),
    ("array of characters", lambda: array.array("u", "ab"), Like(r".*")),
    ("ctypes array", lambda: (ctypes.c_int * 2)(1, 2), Like(r"<.*c_int_Array_2.*>")),
    ("BytesIO", lambda: io.BytesIO(b"x"), Like(r"<_io.BytesIO object.*>")),
    ("bytes as a key", lambda: {b"a": 1}, {"b'a'": 1}),
]

_WORDS: List[Case] = [
    ("datetime", lambda: datetime.datetime(2026, 1, 2, 3, 4), "2026-01-02T03:04:00"),
    ("datetime with a zone", lambda: datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone.utc), "2026-01-02T00:00:00+00:00"),
    ("datetime of a broken zone", lambda: datetime.datetime(2026, 1, 2, tzinfo=MuteZone()), "<datetime.datetime>"),
    ("last datetime", lambda: datetime.datetime.max, "9999-12-31T23:59:59.999999"),
    ("date", lambda: datetime.date(2026, 1, 2), "2026-01-02"),
    ("time of day", lambda: datetime.time(3, 4), "03:04:00"),
    ("timedelta", lambda: datetime.timedelta(days=1, seconds=2.5), "1 day, 0:00:02.500000"),
    ("negative timedelta", lambda: datetime.timedelta(seconds=-1), "-1 day, 23:59:59"),
    ("timezone", lambda: datetime.timezone.utc, "datetime.timezone.utc"),
    ("enum", lambda: Color.RED, "Color.RED"),
    ("flag", lambda: Bits.A | Bits.B, Like(r"Bits\.(A\|B|B\|A)")),
    ("enum that can't be shown", lambda: MuteEnum.A, f"<{__name__}.MuteEnum>"),
    ("enum class", lambda: Color, "<enum 'Color'>"),
    ("path", lambda: pathlib.PurePosixPath("a/b"), "a/b"),
    ("path with a surrogate", lambda: pathlib.PurePosixPath("a\udcff"), "a\ufffd"),
    ("path of bytes", BytesPath, "a/\ufffd"),
    ("path that raises", MutePath, f"<{__name__}.MutePath>"),
    ("UUID", lambda: uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    ("IP address", lambda: ipaddress.ip_address("::1"), "IPv6Address('::1')"),
    ("pattern", lambda: re.compile("a+"), "re.compile('a+')"),
    ("match", lambda: re.match("a", "a"), "<re.Match object; span=(0, 1), match='a'>"),
    ("exception", raised, "ValueError('no such file')"),
    ("traceback", lambda: raised().__traceback__, Like(r"<traceback object.*>")),
    ("frame", lambda: raised().__traceback__.tb_frame, Like(r"<frame .*>")),  # type: ignore[union-attr]
    ("ellipsis", lambda: ..., "Ellipsis"),
    ("NotImplemented", lambda: NotImplemented, "NotImplemented"),
    ("object", object, Like(r"<object object at .*>")),
    ("class", lambda: Point, Like(r"<class '.*Point'>")),
    ("function", lambda: nested, Like(r"<function nested.*>")),
    ("lambda", lambda: (lambda: 1), Like(r"<function .*lambda.*>")),
    ("bound method", lambda: [].append, Like(r"<built-in method append.*>")),
    ("module", lambda: math, Like(r"<module 'math'.*>")),
    ("lock", threading.Lock, Like(r"<unlocked .*lock.*>")),
    ("thread-local", threading.local, Like(r"<_thread._local.*>")),
    ("weak reference", lambda: weakref.ref(_KEPT), Like(r"<weakref at .*>")),
    ("living proxy", lambda: weakref.proxy(_KEPT), Like(r".*")),
    ("dead proxy", dead_proxy, Like(r".*")),
    ("generic alias", lambda: List[int], "typing.List[int]"),
    ("slice", lambda: slice(1, 2), "slice(1, 2, None)"),
    ("simple namespace", lambda: types.SimpleNamespace(a=1), "namespace(a=1)"),
    ("generator", lambda: (n for n in [1]), Like(r"<generator object.*>")),
    ("generator without an end", itertools.count, "count(0)"),
    ("iterator", lambda: iter([1]), Like(r"<list_iterator.*>")),
    ("zip", lambda: zip([1], [2]), Like(r"<zip object.*>")),
    ("range beyond memory", lambda: range(10**12), "range(0, 1000000000000)"),
]

_CONTAINERS: List[Case] = [
    ("set", lambda: {3, 1, 2}, [1, 2, 3]),
    ("empty set", set, []),
    ("set of several types", lambda: {1, "a"}, ["a", 1]),
    ("set with NaN and None", lambda: {None, NAN}, [None, "NaN"]),
    ("frozenset of frozensets", lambda: frozenset([frozenset([1])]), [[1]]),
    ("deque", lambda: collections.deque([1, {2}], maxlen=5), [1, [2]]),
    ("keys", lambda: {"b": 1, "a": 2}.keys(), ["b", "a"]),
    ("values", lambda: {"b": 2, "a": 1}.values(), [2, 1]),
    ("items", lambda: {"b": {1}}.items(), [["b", [1]]]),
    ("mapping proxy", lambda: types.MappingProxyType({"a": 1}), {"a": 1}),
    ("ChainMap", lambda: collections.ChainMap({"a": 1}, {"a": 2, "b": 3}), {"a": 1, "b": 3}),
    ("UserDict", lambda: collections.UserDict(a=(1,)), {"a": [1]}),
    ("UserList", lambda: collections.UserList([1, NAN]), [1, "NaN"]),
    ("mapping of one's own", GoodMapping, {"a": [["a"]][0]}),
    ("sequence of one's own", lambda: GoodSequence(), [10, 20]),
    ("short range", lambda: range(3), "range(0, 3)"),
    ("set beside a named tuple", lambda: [Pair(1, {2})], [[1, [2]]]),
    ("set in a str-keyed Counter", lambda: {"c": collections.Counter("a"), "s": {1}}, {"c": {"a": 1}, "s": [1]}),
    ("integer and text key", lambda: {1: "a", "1": "b"}, {"1": "a", "1'": "b"}),
    ("the same with bigger numbers", lambda: {"x": [{10: "a", "10": "b"}]}, {"x": [{"10": "a", "10'": "b"}]}),
    ("None and text key", lambda: {None: 1, "null": 2}, {"null": 1, "null'": 2}),
    ("True and text key", lambda: {True: 1, "true": 2}, {"true": 1, "true'": 2}),
    ("float and text key", lambda: {1.5: 1, "1.5": 2}, {"1.5": 1, "1.5'": 2}),
    ("keys of several types that differ", lambda: {1: "a", "2": "b"}, {"1": "a", "2": "b"}),
    ("three equal keys", lambda: {1: 1, "1": 2, "1'": 3}, {"1": 1, "1'": 2, "1''": 3}),
    ("tuple as a key", lambda: {("a", 1): 1}, {"('a', 1)": 1}),
    ("path as a key", lambda: {pathlib.PurePosixPath("a"): 1}, {"a": 1}),
    ("enum as a key", lambda: {Color.RED: 1}, {"Color.RED": 1}),
    ("key that can't be shown", lambda: {MuteKey(): 1}, {f"<{__name__}.MuteKey>": 1}),
    ("keys that can't be shown", lambda: {MuteKey(): 1, MuteKey(): 2}, {f"<{__name__}.MuteKey>": 1, f"<{__name__}.MuteKey>'": 2}),
    ("many keys that can't be shown", lambda: {MuteKey(): 0 for _ in range(300)}, Like(r".*MuteKey>'299\b.*")),
    ("dict without items", lambda: MuteItems(a=1), {"a": 1}),
    ("dict with odd items", lambda: OddItems(a=1), {"a": 1}),
    ("dict that grows while it is read", lambda: GrowingItems(a=1), Like(r'{"a":1,"a\+":1.*}')),
]

_OBJECTS: List[Case] = [
    ("dataclass", lambda: Point(1, {2}), {"x": 1, "y": [2]}),
    ("frozen dataclass", lambda: Frozen(datetime.date(2026, 1, 2)), {"when": "2026-01-02"}),
    ("dataclass with what isn't a field", lambda: Tricky(1), {"a": 1}),
    ("half built dataclass", half_built, {"x": "<AttributeError>", "y": 2}),
    ("dataclass that is a dict", lambda: DictData(), {}),
    ("tree with parents", tree, {"name": "root", "parent": None, "children": [{"name": "leaf", "parent": Like(r"<cycle to .*>"), "children": []}]}),
    ("Pydantic 2", lambda: Model2(a=1, when=datetime.date(2026, 1, 2)), {"a": 1, "when": "2026-01-02"}),
    ("Pydantic 1", Model1, {"a": [1]}),
    ("models in models", lambda: [Model2(inner=Model2(a=NAN))], [{"inner": {"a": "NaN"}}]),
    ("model that can't be dumped", SadModel, "SadModel()"),
    ("model that dumps itself", SelfModel, "SelfModel()"),
    ("another's dict method", DictMethod, "DictMethod()"),
    ("array", lambda: Array([[1.0, NAN]]), [[1.0, "NaN"]]),
    ("scalar", lambda: Array(7), 7),
    ("large array", lambda: Array([[0.5] * 100] * 100), [[0.5] * 100] * 100),
    ("array of objects", lambda: Array([Point(1), {2}]), [{"x": 1, "y": 2}, [2]]),
    ("array that raises", lambda: Array(ValueError("sparse")), "Array"),
    ("arrays in arrays", lambda: Array([Array([Array(1)])]), [[1]]),
    ("mock", mock.Mock, Like(r"<Mock id=.*>")),
    ("magic mock", mock.MagicMock, Like(r"MagicMock/.*")),
    ("mock of a dict", lambda: mock.Mock(spec=dict), Like(r"<Mock spec='dict'.*>")),
    ("mock of a text", lambda: mock.Mock(spec=str), Like(r"<Mock spec='str'.*>")),
    ("magic mock of a dict", lambda: mock.MagicMock(spec=dict), {}),
    ("mock as a method", lambda: mock.create_autospec(nested), Like(r"<function nested.*>")),
    ("call of a mock", lambda: mock.call(1, a=2), ["", [1], {"a": 2}]),
]

_HOSTILE: List[Case] = [
    ("repr raises", MuteRepr, f"<{__name__}.MuteRepr>"),
    ("repr is a number", NumberRepr, f"<{__name__}.NumberRepr>"),
    ("repr has a surrogate", SurrogateRepr, "x\ufffd"),
    ("repr is a text that lies", LyingRepr, "raw"),
    ("repr without an end", EndlessRepr, f"<{__name__}.EndlessRepr>"),
    ("__getattr__ raises", MuteAttributes, "MuteAttributes()"),
    ("__getattr__ answers everything", AnyAttribute, "AnyAttribute()"),
    ("__getattribute__ raises", MuteEverything, Like(r".*MuteEverything.*")),
    ("__class__ raises", MuteClass, "MuteClass()"),
    ("__class__ lies", LyingClass, "LyingClass()"),
    ("__iter__ raises", MuteIter, "MuteIter()"),
    ("__bool__ and __len__ raise", MuteBool, "MuteBool()"),
    ("__eq__ raises", MuteEquals, "MuteEquals()"),
    ("equals everything", lambda: [EqualsAll(), EqualsAll()], ["EqualsAll()", "EqualsAll()"]),
    ("metaclass raises", OfMuteMeta, "OfMuteMeta()"),
    ("metaclass answers everything", OfAnyMeta, "OfAnyMeta()"),
    ("class of a metaclass that raises", lambda: OfMuteMeta, f"<{__name__}.MuteMeta>"),
    ("mapping that raises", MuteMapping, "MuteMapping()"),
    ("sequence that raises", MuteSequence, "MuteSequence()"),
    ("one bad item among good ones", lambda: {"a": [1, MuteRepr(), {2}]}, {"a": [1, f"<{__name__}.MuteRepr>", [2]]}),
]

_DEEP: List[Case] = [
    ("list in itself", lambda: myself("list"), [1, Like(r"<cycle to .*>")]),
    ("object in itself", lambda: myself("dict"), {"n": 1, "self": Like(r"<cycle to .*>")}),
    ("objects in each other", each_other, {"b": {"a": Like(r"<cycle to .*>")}}),
    ("dataclass in itself", lambda: (lambda p: (setattr(p, "x", [p]), p)[1])(Point(0)), {"x": [Like(r"<cycle to .*>")], "y": 2}),
    ("one set twice is no cycle", lambda: (lambda s: [s, s])({1}), [[1], [1]]),
    ("NaN below 200 levels", lambda: nested(200, inner=NAN), nested(200, inner="NaN")),
    ("241 levels", lambda: nested(241), Like(r"\[{240}.*")),
    ("300 levels of objects", lambda: nested(300, "dict"), Like(r".*")),
    ("300 levels of tuples", lambda: nested(300, "tuple"), Like(r".*")),
    ("5,000 levels", lambda: nested(5000), Like(r".*")),
    ("50,000 levels", lambda: nested(50_000, "dict"), Like(r".*")),
    ("50,000 levels with NaN", lambda: nested(50_000, inner=NAN), Like(r".*")),
    ("5,000 levels of dataclasses", lambda: (lambda n: [n := Point(n) for _ in range(5000)][-1])(1), Like(r".*")),
]

NASTY: List[Case] = _PLAIN + _NUMBERS + _TEXTS + _BYTES + _WORDS + _CONTAINERS + _OBJECTS + _HOSTILE + _DEEP

try:
    import numpy
except ImportError:
    pass
else:
    NASTY += [
        ("numpy float32", lambda: numpy.float32(0.5), 0.5),
        ("numpy float64", lambda: numpy.float64(0.1), 0.1),
        ("numpy NaN", lambda: numpy.float32("nan"), "NaN"),
        ("numpy int64", lambda: {"n": numpy.int64(2**62)}, {"n": 2**62}),
        ("numpy bool", lambda: numpy.bool_(True), True),
        ("numpy text", lambda: numpy.str_("a"), "a"),
        ("numpy bytes", lambda: numpy.bytes_(b"ab"), {"$base64": "YWI="}),
        ("numpy complex", lambda: numpy.complex128(1j), "1j"),
        ("numpy frame", lambda: numpy.zeros((84, 84), numpy.uint8), [[0] * 84] * 84),
        ("numpy array with infinity", lambda: numpy.array([[1, numpy.inf]]), [[1.0, "Infinity"]]),
        ("numpy array of no dimension", lambda: numpy.array(3), 3),
        ("numpy array of no items", lambda: numpy.array([]), []),
        ("numpy array of objects", lambda: numpy.array([{1}, None], dtype=object), [[1], None]),
        ("numpy datetime", lambda: numpy.datetime64("2026-01-02"), "2026-01-02"),
        ("numpy record", lambda: numpy.array([(1, 0.5)], dtype=[("a", int), ("b", float)]), [[1, 0.5]]),
        ("numpy masked array", lambda: numpy.ma.masked_array([1, 2], [True, False]), [None, 2]),
        ("numpy keys", lambda: {numpy.int64(1): "a", numpy.float64(0.5): "b"}, {"1": "a", "0.5": "b"}),
    ]
