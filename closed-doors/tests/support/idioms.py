"""Tests as people write them: by kind, what a student is to write, and bare asserts that ask for it."""

VECTOR = """
class Vector:
    def __init__(self, x, y): self.x, self.y = x, y
    def __add__(self, other): return Vector(self.x + other.x, self.y + other.y)
    def __mul__(self, k): return Vector(self.x * k, self.y * k)
    def __rmul__(self, k): return self * k
    def __neg__(self): return Vector(-self.x, -self.y)
    def __eq__(self, other): return (self.x, self.y) == ((other.x, other.y) if isinstance(other, Vector) else other)
    def __hash__(self): return hash((self.x, self.y))
    def __lt__(self, other): return (self.x, self.y) < (other.x, other.y)
    def __abs__(self): return (self.x ** 2 + self.y ** 2) ** 0.5
    def __bool__(self): return bool(self.x or self.y)
    def __len__(self): return 2
    def __iter__(self): return iter((self.x, self.y))
    def __getitem__(self, place): return (self.x, self.y)[place]
    def __setitem__(self, place, value): setattr(self, "xy"[place], value)
    def __contains__(self, value): return value in (self.x, self.y)
    def __str__(self): return f"({self.x}, {self.y})"
    def __repr__(self): return f"Vector({self.x}, {self.y})"
    def __call__(self, k): return self * k
    def __float__(self): return float(abs(self))
    def __enter__(self): return self
    def __exit__(self, *_): self.x = 0
"""
ACCOUNT = """
class PoorError(ValueError):
    def __init__(self, missing):
        super().__init__(f"{missing} missing")
        self.missing = missing
class Account:
    count = 0
    def __init__(self, owner, balance=0):
        self.owner, self.balance = owner, balance
        Account.count += 1
    def pay(self, amount):
        if amount > self.balance: raise PoorError(amount - self.balance)
        self.balance -= amount
class Saving(Account):
    rate = 2
    @property
    def interest(self): return self.balance * self.rate / 100
    @staticmethod
    def bank(): return "B"
    @classmethod
    def empty(cls): return cls("nobody")
"""
FRAME = "import pandas as pd\n"
LESSON = """
import math
import numpy as np
import pandas as pd
given_list, given_counts, given_array = [3, 1], {"a": 1}, np.zeros(2)
given_table = pd.DataFrame({"a": [1, 2]})
class Person: age = 29
given_person = Person()
class Giro:
    def __init__(self): self.balance = 0
    def deposit(self, n): self.balance += n
given_account = Giro()
"""

IDIOMS: dict[str, tuple[str, str]] = {
    "getsourcelines of a method that Python finds itself": (
        "class Told:\n    def __init__(self):\n        print('made')",
        "import inspect\ntold = Told()\nassert any('print(' in l for l in inspect.getsourcelines(told.__init__)[0])\n"
        "assert inspect.getsource(Told().__init__).count('made') == 1",
    ),
    # --- plain asserts, shared names
    "assert": ("def double(x): return 2 * x", "assert double(2) == 4"),
    "approximately": (
        "def half(x): return x / 2",
        "import math\nassert math.isclose(half(1), 0.5)\nassert abs(half(3) - 1.5) < 1e-9",
    ),
    "a value": ("answer_value = [1, 2, 3]", "assert answer_value == [1, 2, 3] and len(answer_value) == 3"),
    "a name that the test makes": ("def inc(x): return x + 1", "made_here = inc(1)\nassert made_here == 2"),
    "a name of an earlier test": ("", "assert made_here == 2"),
    "a name of a test, reassigned": ("", "made_here = made_here + 1\nassert made_here == 3"),
    "a name that was reassigned": ("", "assert made_here == 3"),
    "a name that the test deletes": (
        "def square(x): return x * x\ndef sum_of_squares(n): return sum(map(square, range(n)))",
        "kept = square\ndel square\ntry:\n    sum_of_squares(2)\nexcept NameError:\n    pass\nelse:\n    raise AssertionError('square is not used')\n"
        "finally:\n    square = kept\nassert sum_of_squares(3) == 5",
    ),
    "a name that the test replaces": (
        "def cube(x): return x ** 3\ndef cubes(n): return [cube(i) for i in range(n)]",
        "kept = cube\ncalls = []\ndef cube(x):\n    calls.append(x)\n    return 0\nassert cubes(3) == [0, 0, 0]\nassert calls == [0, 1, 2]\ncube = kept",
    ),
    "a function that was put back": ("", "assert cubes(3) == [0, 1, 8]"),
    "a global that the solution reads": ("def scaled(x): return factor * x", "factor = 3\nassert scaled(2) == 6"),
    "partial credit": ("def three(): return 3", "score = 0\nif three() == 3:\n    score += 1\nscore"),
    # --- what the lesson gives, and the answer changes in place
    "a list that is changed": ("given_list.append(2)\ngiven_list.sort()", "assert given_list == [1, 2, 3]"),
    "a list that a loop changes": ("for i in range(2):\n    given_list.append(i)", "assert given_list[-2:] == [0, 1]"),
    "a dictionary that is changed": (
        "given_counts['b'] = 2\ndel given_counts['a']",
        "assert given_counts == {'b': 2} and 'a' not in given_counts",
    ),
    "an array that is changed": ("given_array[0] = 9\ngiven_array[1] += 1", "assert given_array.tolist() == [9, 1]"),
    "an attribute that is changed": ("given_person.age += 1", "assert given_person.age == 30"),
    "a column that is added": (
        "given_table['b'] = given_table['a'] * 2\ngiven_table.loc[0, 'b'] = 7",
        "assert given_table['b'].tolist() == [7, 4] and 'a' in given_table",
    ),
    # --- functions of the test's
    "a function": ("def twice(f, x): return f(f(x))", "def add3(x): return x + 3\nassert twice(add3, 1) == 7"),
    "a lambda": (
        "def integrate(f, n): return sum(f(i / n) for i in range(n)) / n",
        "assert abs(integrate(lambda x: x, 100) - 0.495) < 1e-9",
    ),
    "a lambda with a variable": (
        "def call(f): return f()",
        "seen = []\ncall(lambda: seen.append(1))\nassert seen == [1]",
    ),
    "a built-in function": (
        "def apply_all(f, xs): return [f(x) for x in xs]",
        "assert apply_all(len, ['a', 'bc']) == [1, 2]\nassert apply_all(str, [1]) == ['1']",
    ),
    "a function of a module": ("def at(f, x): return f(x)", "import math\nassert at(math.sqrt, 4) == 2"),
    "a ufunc": (
        "def over(f, xs): return f(xs)",
        "import numpy as np\nnp.testing.assert_allclose(over(np.sin, np.zeros(3)), 0)",
    ),
    "a generator": (
        "def total(xs):\n    s = 0\n    for x in xs: s += x\n    return s",
        "assert total(i for i in range(5)) == 10",
    ),
    "an endless generator": (
        "def first(n, xs): return [next(xs) for _ in range(n)]",
        "import itertools\nassert first(3, itertools.count(5)) == [5, 6, 7]",
    ),
    "a callback that raises": (
        "def careful(f):\n    try: return f()\n    except ValueError: return 'caught'",
        "def bad(): raise ValueError('x')\nassert careful(bad) == 'caught'",
    ),
    "a callback's own error": (
        "def careless(f): return f()",
        "class Mine(Exception): pass\ndef bad(): raise Mine('x')\ntry:\n    careless(bad)\nexcept Mine as error:\n    assert str(error) == 'x'\nelse:\n    raise AssertionError",
    ),
    "a callback that asks back": (
        "def compose(f, g): return lambda x: g(f(x))\ndef plus(x): return x + 1",
        "h = compose(lambda x: plus(x) * 2, plus)\nassert h(1) == 5",
    ),
    "a sort key": (
        "def by(xs, key): return sorted(xs, key=key)",
        "assert by(['bb', 'a'], key=lambda s: len(s)) == ['a', 'bb']",
    ),
    "a decorator": (
        "def counted(f):\n    def wrapper(*args):\n        wrapper.calls += 1\n        return f(*args)\n    wrapper.calls = 0\n    return wrapper",
        "@counted\ndef g(x): return x * 2\nassert g(2) == 4 and g(3) == 6 and g.calls == 2",
    ),
    "a generator of random numbers": (
        "def draw(rng): return rng.normal(size=3)",
        "import numpy as np\nnp.testing.assert_allclose(draw(np.random.default_rng(1)), np.random.default_rng(1).normal(size=3))",
    ),
    "an object of the test's": (
        "def area_of(shape): return shape.width * shape.height()",
        "class Shape:\n    width = 3\n    def height(self): return 4\nassert area_of(Shape()) == 12",
    ),
    "objects that are compared": (
        "def largest(xs): return max(xs)",
        "class Card:\n    def __init__(self, n): self.n = n\n    def __gt__(self, other): return self.n > other.n\ncards = [Card(1), Card(3), Card(2)]\nassert largest(cards) is cards[1]",
    ),
    # --- classes of the student's
    "isinstance": (VECTOR, "v = Vector(1, 2)\nassert isinstance(v, Vector) and not isinstance(3.5, Vector)"),
    "==": (
        "",
        "assert Vector(1, 2) == Vector(1, 2)\nassert Vector(1, 2) != Vector(2, 1)\nassert Vector(1, 2) == (1, 2)",
    ),
    "+ and *": (
        "",
        "w = Vector(1, 2) + Vector(3, 4)\nassert (w.x, w.y) == (4, 6)\nassert Vector(1, 2) * 3 == Vector(3, 6)\nassert 3 * Vector(1, 2) == Vector(3, 6)",
    ),
    "< and sorted": ("", "assert Vector(1, 2) < Vector(2, 0)\nassert sorted([Vector(2, 0), Vector(1, 2)])[0].x == 1"),
    "str and repr": (
        "",
        "assert str(Vector(1, 2)) == '(1, 2)' and repr(Vector(1, 2)) == 'Vector(1, 2)' and f'{Vector(0, 1)}' == '(0, 1)'",
    ),
    "len, iteration, index": (
        "",
        "v = Vector(5, 6)\nassert len(v) == 2 and list(v) == [5, 6] and v[1] == 6\nx, y = v\nassert (x, y) == (5, 6)\nv[0] = 9\nassert v.x == 9",
    ),
    "in": ("", "assert 5 in Vector(5, 6) and 7 not in Vector(5, 6)"),
    "bool, abs, float, -": (
        "",
        "assert Vector(1, 0) and not Vector(0, 0)\nassert abs(Vector(3, 4)) == 5 and float(Vector(3, 4)) == 5.0 and (-Vector(1, 2)).x == -1",
    ),
    "a set of objects": ("", "assert len({Vector(1, 2), Vector(1, 2), Vector(2, 1)}) == 2"),
    "an object that is called": ("", "assert Vector(1, 2)(2) == Vector(2, 4)\nassert callable(Vector(1, 2))"),
    "with": ("", "with Vector(1, 2) as v:\n    assert v.x == 1\nassert v.x == 0"),
    "an object given back": (
        "def longest(vs): return max(vs, key=abs)",
        "vs = [Vector(1, 0), Vector(3, 4)]\nassert longest(vs) == vs[1]\nassert longest(vs) is vs[1]",
    ),
    "the class by name": ("", "assert type(Vector(1, 2)).__name__ == 'Vector' and Vector.__name__ == 'Vector'"),
    "attributes of a class": (ACCOUNT, "before = Account.count\nAccount('a')\nassert Account.count == before + 1"),
    "inheritance": (
        "",
        "s = Saving('a', 100)\nassert issubclass(Saving, Account) and isinstance(s, Account)\nassert s.interest == 2 and Saving.bank() == 'B' and Saving.empty().owner == 'nobody'",
    ),
    "hasattr, getattr, vars": (
        "",
        "a = Account('a', 5)\nassert hasattr(a, 'balance') and not hasattr(a, 'debt') and getattr(a, 'owner') == 'a'\nassert a.__dict__ == {'owner': 'a', 'balance': 5}",
    ),
    "the names of an object": (
        "",
        "assert 'pay' in dir(Account) and 'balance' in dir(Account('a')) and 'debt' not in dir(Account('a'))",
    ),
    "setting an attribute": ("", "a = Account('a', 5)\na.balance = 7\na.pay(3)\nassert a.balance == 4"),
    "an object of an earlier test": ("", "assert a.owner == 'a'"),
    "a dataclass": (
        "from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\n    y: int = 0",
        "assert P(1) == P(1, 0) and repr(P(1)) == 'P(x=1, y=0)'",
    ),
    "an enumeration": (
        "from enum import Enum\nclass Colour(Enum):\n    RED = 1\n    BLUE = 2\ndef favourite(): return Colour.BLUE",
        "assert favourite() == Colour.BLUE and favourite() is Colour.BLUE\nassert Colour.RED.value == 1 and Colour.RED.name == 'RED' and len(Colour) == 2",
    ),
    "a named tuple": (
        "from collections import namedtuple\nPair = namedtuple('Pair', 'left right')\ndef pair(): return Pair(1, 2)",
        "assert pair() == (1, 2) and pair().left == 1 and isinstance(pair(), Pair) and pair()._asdict() == {'left': 1, 'right': 2}",
    ),
    "a linked list": (
        "class Node:\n    def __init__(self, value, rest=None): self.value, self.rest = value, rest",
        "n = Node(1, Node(2))\nassert n.rest.value == 2 and n.rest.rest is None\nn.rest = Node(5)\nassert n.rest.value == 5",
    ),
    # --- errors
    "pytest.raises": (
        "def positive(x):\n    if x < 0: raise ValueError('negative: %d' % x)\n    return x",
        "import pytest\nwith pytest.raises(ValueError, match='negative: -1'):\n    positive(-1)",
    ),
    "try and except": (
        "",
        "try:\n    positive(-1)\nexcept ValueError as error:\n    assert str(error) == 'negative: -1'\nelse:\n    raise AssertionError('no error')",
    ),
    "an error of the student's own": (
        "",
        "import pytest\nwith pytest.raises(PoorError) as caught:\n    Account('a', 1).pay(5)\nassert caught.value.missing == 4 and str(caught.value) == '4 missing'\nassert issubclass(PoorError, ValueError)",
    ),
    "except with the student's class": (
        "",
        "try:\n    Account('a', 1).pay(5)\nexcept PoorError as error:\n    assert error.args == ('4 missing',)\nelse:\n    raise AssertionError",
    ),
    "assertRaises": (
        "",
        "import unittest\nunittest.TestCase().assertRaises(ValueError, positive, -1)\nunittest.TestCase().assertAlmostEqual(half(1), 0.5)",
    ),
    # --- values
    "dates": (
        "from datetime import date, datetime, timedelta\ndef later(d, n): return d + timedelta(days=n)",
        "import datetime as dt\nassert later(dt.date(2024, 2, 28), 2) == dt.date(2024, 3, 1)\nassert isinstance(later(dt.datetime(2024, 1, 1, 5), 1), dt.datetime)",
    ),
    "exact numbers": (
        "from decimal import Decimal\nfrom fractions import Fraction\ndef third(): return Fraction(1, 3)\ndef cents(x): return Decimal(x).quantize(Decimal('0.01'))",
        "from decimal import Decimal\nfrom fractions import Fraction\nassert third() == Fraction(1, 3) and third().denominator == 3 and cents('1.005') == Decimal('1.00')",
    ),
    "collections": (
        "from collections import Counter, OrderedDict, defaultdict, deque\ndef count(s): return Counter(s)\ndef queue(): return deque([1, 2], maxlen=3)",
        "assert count('aab').most_common(1) == [('a', 2)]\nq = queue()\nq.append(3)\nassert list(q) == [1, 2, 3] and q.maxlen == 3",
    ),
    "moments of NumPy's": (
        "import numpy as np\ndef days(n): return np.datetime64('2024-01-01') + np.arange(n)",
        "import numpy as np\nassert days(2)[1] == np.datetime64('2024-01-02')\nassert days(2).dtype == np.dtype('datetime64[D]')",
    ),
    "masked arrays": (
        "import numpy as np\ndef hide(x): return np.ma.masked_less(x, 0)",
        "import numpy as np\nh = hide(np.array([1, -1, 2]))\nassert h.sum() == 3 and list(h.mask) == [False, True, False]",
    ),
    "arrays of objects": (
        "import numpy as np\ndef ragged(): return np.array([[1], [2, 3]], dtype=object)",
        "assert ragged().shape == (2,) and ragged()[1] == [2, 3]",
    ),
    "a large array": (
        "import numpy as np\ndef shifted(x): return x + 1",
        "import numpy as np\nbig = np.zeros((6, 1000, 1000))\nassert shifted(big).sum() == 6e6",
    ),
    "a table": (
        FRAME + "def sums(df):\n    return df.assign(total=df['a'] + df['b'])",
        FRAME
        + "df = pd.DataFrame({'a': [1, 2], 'b': [3.0, 4.0]}, index=['x', 'y'])\npd.testing.assert_frame_equal(sums(df), pd.DataFrame({'a': [1, 2], 'b': [3.0, 4.0], 'total': [4.0, 6.0]}, index=['x', 'y']))\nassert 'total' not in df",
    ),
    "a column of a table": (
        "def means(df): return df.groupby('k')['v'].mean()",
        FRAME
        + "df = pd.DataFrame({'k': ['a', 'b', 'a'], 'v': [1, 2, 3]})\nfound = means(df)\nassert found['a'] == 2 and found.index.name == 'k'\npd.testing.assert_series_equal(found, df.groupby('k')['v'].mean())",
    ),
    "a table with dates": (
        "def dated(): return pd.DataFrame({'t': pd.date_range('2024-01-01', periods=2), 'c': pd.Categorical(['a', 'b'])})",
        FRAME
        + "assert dated()['t'].dt.day.tolist() == [1, 2] and dated()['c'].cat.categories.tolist() == ['a', 'b']\nassert dated().t[0] == pd.Timestamp('2024-01-01')",
    ),
    "a table that is changed": (
        "def clean(df):\n    df['b'] = 2 * df.pop('a')",
        FRAME
        + "df = pd.DataFrame({'a': [1.0, 2.0]})\nclean(df)\nassert df['b'].tolist() == [2.0, 4.0] and 'a' not in df",
    ),
    "a graph of a library's": (
        "def degree(g, n): return g.degree(n)",
        "import networkx as nx\nassert degree(nx.path_graph(3), 1) == 2",
    ),
    # --- the text and the signature of code
    "signature": (
        "def area(width, height=2): return width * height",
        "import inspect\nassert list(inspect.signature(area).parameters) == ['width', 'height'] and inspect.signature(area).parameters['height'].default == 2",
    ),
    "the text of a function": (
        "def looped(n):\n    s = 0\n    for i in range(n): s += i\n    return s",
        "import inspect\nassert 'for' in inspect.getsource(looped) and 'while' not in inspect.getsource(looped)\nassert inspect.isfunction(looped) and callable(looped)",
    ),
    "the text of a method": (
        "class Talker:\n    def talk(self):\n        print('hi')\n    def rest(self): return None",
        "import inspect\nassert 'print(' in inspect.getsource(Talker.talk) and 'print(' not in inspect.getsource(Talker().rest)",
    ),
    "docstring and annotations": (
        "def noted(x: int) -> str:\n    'Says x.'\n    return str(x)",
        "assert noted.__doc__ == 'Says x.' and noted.__annotations__['x'] is int and noted.__name__ == 'noted'",
    ),
    "a generator of the student's": (
        "def count_up(n):\n    for i in range(n): yield i",
        "import types\ng = count_up(3)\nassert isinstance(g, types.GeneratorType) and next(g) == 0 and list(g) == [1, 2]",
    ),
    # --- what code reads, prints, draws
    "captured print": (
        "def greet(name): print('Hello,', name)",
        "import io\nfrom contextlib import redirect_stdout\nout = io.StringIO()\nwith redirect_stdout(out):\n    greet('Ann')\nassert out.getvalue() == 'Hello, Ann\\n'",
    ),
    "stdout replaced": (
        "",
        "import sys, io\nkept, sys.stdout = sys.stdout, io.StringIO()\ngreet('Bo')\nsaid, sys.stdout = sys.stdout.getvalue(), kept\nassert said.strip() == 'Hello, Bo'",
    ),
    "patched input": (
        "def ask(): return int(input('n? ')) + 1",
        "from unittest.mock import patch\nwith patch('builtins.input', return_value='3'):\n    assert ask() == 4\nwith patch('builtins.input', side_effect=['1', '2']) as asked:\n    assert ask() + ask() == 5 and asked.call_count == 2",
    ),
    "patched print": (
        "",
        "from unittest.mock import patch\nwith patch('builtins.print') as printed:\n    greet('Cy')\nprinted.assert_called_once_with('Hello,', 'Cy')",
    ),
    "input as a name": (
        "def ask_twice(): return input() + input()",
        "input = lambda *_: 'x'\nassert ask_twice() == 'xx'\ndel input",
    ),
    "a seed": (
        "import random\nimport numpy as np\ndef roll(): return random.randint(1, 6), np.random.randint(100)",
        "import random\nimport numpy as np\nrandom.seed(4)\nnp.random.seed(4)\nfirst = roll()\nrandom.seed(4)\nnp.random.seed(4)\nassert roll() == first == (random.Random(4).randint(1, 6), np.random.RandomState(4).randint(100))",
    ),
    "the current axes": (
        "import matplotlib.pyplot as plt\ndef draw_line():\n    plt.plot([0, 1], [2, 3])\n    plt.title('T')",
        "import matplotlib.pyplot as plt\ndraw_line()\nax = plt.gca()\nassert ax.get_title() == 'T' and len(ax.lines) == 1 and list(ax.lines[0].get_ydata()) == [2, 3]",
    ),
    "a mock": (
        "def notify(sender): sender.send('hi', urgent=True)",
        "from unittest.mock import Mock\nm = Mock()\nnotify(m)\nm.send.assert_called_once_with('hi', urgent=True)",
    ),
    "a file of the test's": (
        "def write_to(f): f.write('abc')",
        "import io\nf = io.StringIO()\nwrite_to(f)\nassert f.getvalue() == 'abc'",
    ),
    "a file by name": (
        "def save(path):\n    with open(path, 'w') as f: f.write('x')\n    return path\ndef load(path): return open(path).read()",
        "assert load(save('/tmp/idiom.txt')) == 'x'",
    ),
    # --- what a class says of itself, and what a test changes around the code
    "a context manager that ends an error": (
        "import random, time, sys, os, warnings\nfrom dataclasses import dataclass, field\nfrom enum import Enum, IntEnum, Flag, auto\nfrom typing import NamedTuple\nclass Swallow:\n    def __init__(self, *kinds): self.kinds = kinds\n    def __enter__(self): return self\n    def __exit__(self, t, v, tb):\n        self.seen = v\n        self.kind = t\n        return t is not None and issubclass(t, self.kinds)\n",
        "with Swallow(ValueError) as s:\n    raise ValueError('x')\nassert str(s.seen) == 'x' and s.kind is ValueError\ntry:\n    with Swallow(ValueError):\n        1/0\nexcept ZeroDivisionError:\n    pass\nelse:\n    raise AssertionError('swallowed')",
    ),
    "a context manager of a generator": (
        "from contextlib import contextmanager\nlog2 = []\n@contextmanager\ndef tag(name):\n    log2.append('<'+name)\n    try:\n        yield name.upper()\n    except ValueError:\n        log2.append('caught')\n    finally:\n        log2.append('>'+name)\n",
        "with tag('a') as t:\n    assert t == 'A'\nassert log2 == ['<a', '>a']\nwith tag('b'):\n    raise ValueError\nassert log2[2:] == ['<b', 'caught', '>b']",
    ),
    "__enter__ and __exit__ called": (
        "class Dx:\n    def __enter__(self): return 5\n    def __exit__(self, t, v, tb): return t is ValueError\n",
        "d = Dx()\nassert d.__enter__() == 5\nassert d.__exit__(ValueError, ValueError('a'), None) is True and not d.__exit__(None, None, None)",
    ),
    "asdict, fields, replace": (
        "from dataclasses import dataclass, field\n@dataclass\nclass Pt:\n    x: int\n    y: int = 0\n    tags: list = field(default_factory=list)\n",
        "from dataclasses import asdict, astuple, fields, is_dataclass, replace\nimport dataclasses\nq = Pt(1, 2)\nassert asdict(q) == {'x': 1, 'y': 2, 'tags': []}\nassert astuple(q) == (1, 2, [])\nassert [f.name for f in fields(Pt)] == ['x', 'y', 'tags'] and [f.name for f in fields(q)] == ['x', 'y', 'tags']\nassert is_dataclass(Pt) and is_dataclass(q) and dataclasses.is_dataclass(q)\nassert replace(q, x=5) == Pt(5, 2)\nassert replace(q, x=5).x == 5",
    ),
    "a frozen dataclass": (
        "@dataclass(frozen=True)\nclass Py:\n    a: int\n",
        "import dataclasses\ntry:\n    Py(1).a = 2\n    raise AssertionError('not frozen')\nexcept dataclasses.FrozenInstanceError:\n    pass\ntry:\n    Py(1).a = 2\n    ok = False\nexcept AttributeError:\n    ok = True\nassert ok",
    ),
    "members by name, in turn": (
        "from enum import Enum, IntEnum, Flag, auto\nclass Col(Enum):\n    RED = 1\n    BLUE = 2\n    def other(self): return Col.BLUE if self is Col.RED else Col.RED\ndef best(): return Col.BLUE\n",
        "assert Col['RED'] == Col.RED and Col['RED'] is Col.RED and Col(2) is Col.BLUE\nassert [c.name for c in Col] == ['RED', 'BLUE'] and list(Col) == [Col.RED, Col.BLUE]\nassert Col.RED in Col and len(Col) == 2 and Col.RED.other() is Col.BLUE\nassert list(Col.__members__) == ['RED', 'BLUE'] and {c: 1 for c in Col}[Col.RED] == 1\nassert Col.RED != Col.BLUE and best() in (Col.BLUE,) and isinstance(Col.RED, Col) and issubclass(Col, Enum)\nassert repr(Col.RED) == '<Col.RED: 1>' and str(Col.RED) == 'Col.RED'",
    ),
    "an enumeration of texts": (
        "class Se(str, Enum):\n    A = 'aa'\n    B = 'bb'\ndef pick(): return Se.A\n",
        "assert Se.A == 'aa' and Se('bb') is Se.B and pick().value == 'aa' and pick() == Se.A and Se.A.upper() == 'AA'",
    ),
    "an enumeration of numbers": (
        "class Pr(IntEnum):\n    LOW = 1\n    HIGH = 2\n",
        "assert Pr.LOW < Pr.HIGH and Pr.LOW == 1 and Pr['HIGH'] == 2 and max(Pr) == Pr.HIGH and Pr.HIGH + 1 == 3 and Pr.LOW.name == 'LOW' and sorted(Pr, reverse=True)[0] is Pr.HIGH",
    ),
    "flags": (
        "class Fl(Flag):\n    R = auto()\n    W = auto()\n",
        "rw = Fl.R | Fl.W\nassert Fl.R in rw and (rw & Fl.R) == Fl.R and rw.value == 3 and bool(rw & Fl.W)",
    ),
    "a NamedTuple with methods": (
        "class Em2(NamedTuple):\n    name: str\n    age: int = 3\n    def older(self): return self._replace(age=self.age + 1)\n    @property\n    def both(self): return f'{self.name}{self.age}'\n    def __str__(self): return self.name\n",
        "assert Em2('a').older().age == 4 and Em2('a').both == 'a3' and str(Em2('x')) == 'x'\nassert Em2('a').older() == Em2('a', 4) and isinstance(Em2('a').older(), Em2)",
    ),
    "copies": (
        "class Inv:\n    def __init__(self, items): self.items = items\n    def add(self, x): self.items.append(x)\n    def __eq__(self, o): return self.items == o.items\n",
        "import copy\na = Inv([1])\nb = copy.deepcopy(a)\nb.add(2)\nassert a.items == [1] and b.items == [1, 2] and isinstance(b, Inv) and b is not a\nc = copy.copy(a)\nassert c == a and c is not a\nd = copy.deepcopy([a, {'k': a}])\nassert d[0] == a and d[0] is d[1]['k']",
    ),
    "type(x) is": (
        "class Kk: pass\ndef mkk(): return Kk()\n",
        "assert type(mkk()) is Kk",
    ),
    "x.__class__": (
        "class Kk3: pass\ndef mkk3(): return Kk3()\n",
        "assert mkk3().__class__ == Kk3 and mkk3().__class__ is Kk3 and mkk3().__class__.__name__ == 'Kk3'",
    ),
    "bases": (
        "class Ka: pass\nclass Kb(Ka): pass\n",
        "assert Ka in Kb.__bases__ and Kb.__base__ is Ka and Kb.mro()[1] is Ka and Kb.__mro__[1] == Ka and Ka in Kb.__mro__",
    ),
    "slots": (
        "class Sl:\n    __slots__ = ('a',)\n    def __init__(self): self.a = 1\n",
        "import pytest\nassert Sl().a == 1 and Sl.__slots__ == ('a',)\nwith pytest.raises(AttributeError):\n    Sl().b = 3\nassert not hasattr(Sl(), '__dict__')",
    ),
    "a property": (
        "class Pp:\n    def __init__(self): self._x = 1\n    @property\n    def x(self): return self._x\n    @x.setter\n    def x(self, v):\n        if v < 0: raise ValueError('neg')\n        self._x = v\n",
        "import pytest\nq = Pp()\nq.x = 5\nassert q.x == 5 and q._x == 5\nwith pytest.raises(ValueError, match='neg'):\n    q.x = -1\nassert isinstance(Pp.x, property)\nassert isinstance(type(q).x, property)",
    ),
    "pytest.warns": (
        "import warnings\ndef old(x):\n    warnings.warn('old is old', DeprecationWarning)\n    return x\n",
        "import pytest\nwith pytest.warns(DeprecationWarning, match='old is'):\n    assert old(2) == 2",
    ),
    "recorded warnings": (
        "def odd(x):\n    if x < 0: warnings.warn('negative')\n    return abs(x)\n",
        "import warnings\nwith warnings.catch_warnings(record=True) as w:\n    warnings.simplefilter('always')\n    odd(-1)\nassert len(w) == 1 and issubclass(w[0].category, UserWarning) and 'negative' in str(w[0].message)\nwith warnings.catch_warnings(record=True) as w:\n    warnings.simplefilter('always')\n    odd(1)\nassert len(w) == 0",
    ),
    "warnings as errors": (
        "def odd2(x):\n    warnings.warn('bad', UserWarning)\n",
        "import warnings, pytest\nwith warnings.catch_warnings():\n    warnings.simplefilter('error')\n    with pytest.raises(UserWarning):\n        odd2(1)",
    ),
    "a warning of the student's own": (
        "class MyWarn(UserWarning): pass\ndef odd3():\n    warnings.warn('mine', MyWarn)\n",
        "import pytest\nwith pytest.warns(MyWarn):\n    odd3()",
    ),
    "captured stderr": (
        "import sys\ndef err(m): print(m, file=sys.stderr)\n",
        "import io\nfrom contextlib import redirect_stderr\nb = io.StringIO()\nwith redirect_stderr(b):\n    err('oops')\nassert b.getvalue() == 'oops\\n'",
    ),
    "stderr replaced": (
        "def err2(m): sys.stderr.write(m)\n",
        "import io, sys\nk, sys.stderr = sys.stderr, io.StringIO()\nerr2('oops')\nv, sys.stderr = sys.stderr.getvalue(), k\nassert v == 'oops'",
    ),
    "a patched clock": (
        "def stamp(): return int(time.time())\n",
        "from unittest.mock import patch\nwith patch('time.time', return_value=1000.5):\n    assert stamp() == 1000",
    ),
    "patched chance": (
        "import random\ndef roll(): return random.randint(1, 6) + random.randint(1, 6)\n",
        "from unittest.mock import patch\nwith patch('random.randint', side_effect=[3, 4]):\n    assert roll() == 7\nwith patch.object(random, 'randint', return_value=1):\n    assert roll() == 2",
    ),
    "chance replaced": (
        "def flip(): return 'H' if random.random() < 0.5 else 'T'\n",
        "import random\nkeep = random.random\nrandom.random = lambda: 0.1\nassert flip() == 'H'\nrandom.random = lambda: 0.9\nassert flip() == 'T'\nrandom.random = keep",
    ),
    "variables of the environment": (
        "import os\ndef home(): return os.environ.get('MY_HOME', 'none')\n",
        "from unittest.mock import patch\nimport os\nwith patch.dict(os.environ, {'MY_HOME': '/x'}):\n    assert home() == '/x'\nassert home() == 'none'\nos.environ['MY_HOME'] = 'k'\nassert home() == 'k'\ndel os.environ['MY_HOME']\nassert home() == 'none'",
    ),
    "arguments of the program": (
        "def args(): return sys.argv[1:]\n",
        "from unittest.mock import patch\nimport sys\nwith patch.object(sys, 'argv', ['p', 'a', 'b']):\n    assert args() == ['a', 'b']\nkeep = sys.argv\nsys.argv = ['p', 'c']\nassert args() == ['c']\nsys.argv = keep",
    ),
    "patched stdin": (
        "def rdl(): return sys.stdin.readline().strip()\n",
        "import io, sys\nfrom unittest.mock import patch\nwith patch('sys.stdin', io.StringIO('hello\\n')):\n    assert rdl() == 'hello'",
    ),
    "a patched function of the notebook": (
        "def helper(): return 3\ndef uses(): return helper() + 1\n",
        "from unittest.mock import patch\nwith patch('__main__.helper', return_value=10):\n    assert uses() == 11\nassert uses() == 4",
    ),
    "a patched method": (
        "class Cli:\n    def get(self): return 1\n    def twice(self): return 2 * self.get()\n",
        "from unittest.mock import patch\nwith patch.object(Cli, 'get', return_value=5) as g:\n    assert Cli().twice() == 10\ng.assert_called_once()\nassert Cli().twice() == 2",
    ),
    "a class that extends list": (
        "class Stack(list):\n    def push(self, x): self.append(x)\n    def peek(self): return self[-1]\ndef fresh(): return Stack([1])\n",
        "s = Stack()\ns.push(1)\ns.push(2)\nassert s.peek() == 2\nassert len(s) == 2\nassert s == [1, 2]\nassert isinstance(s, list)\nassert isinstance(s, Stack)\nassert s[0] == 1 and list(s) == [1, 2] and 2 in s\ns.append(5)\nassert s.pop() == 5 and fresh() == [1] and fresh().peek() == 1 and sorted(s) == [1, 2]",
    ),
    "a class that extends dict": (
        "class Dd2(dict):\n    def __missing__(self, k): return k * 2\n    def total(self): return sum(self.values())\n",
        "d = Dd2(a=1)\nassert d['x'] == 'xx'\nassert d['a'] == 1\nassert d.total() == 1\nassert d == {'a': 1}\nassert isinstance(d, dict)\nassert list(d.items()) == [('a', 1)]\nassert 'a' in d\nassert d.get('q') is None",
    ),
    "a class that extends float": (
        "class Celsius(float):\n    def to_f(self): return self * 9 / 5 + 32\n    def __add__(self, o): return Celsius(float(self) + o)\n",
        "c = Celsius(100)\nassert c.to_f() == 212 and c == 100.0 and c + 1 == 101 and isinstance(c + 1, Celsius) and isinstance(c, float) and round(c, 1) == 100.0\nimport numpy as np\nassert np.isclose(c, 100) and abs(c - 100) < 1e-9",
    ),
    "a class that extends str": (
        "class Name(str):\n    def shout(self): return self.upper() + '!'\n",
        "n = Name('bo')\nassert n.shout() == 'BO!' and n == 'bo' and n.upper() == 'BO' and len(n) == 2 and isinstance(n, str) and n + 'x' == 'box' and f'{n}' == 'bo'",
    ),
    "axes that are given back": (
        "import matplotlib.pyplot as plt\ndef draw():\n    fig, ax = plt.subplots()\n    ax.plot([0, 1], [2, 3], label='L')\n    ax.set_xlabel('X')\n    ax.legend()\n    return ax\n",
        "ax = draw()\nassert ax.get_xlabel() == 'X' and len(ax.lines) == 1 and ax.lines[0].get_ydata().tolist() == [2, 3] and ax.get_legend() is not None and ax.get_legend().get_texts()[0].get_text() == 'L'\nimport matplotlib\nassert isinstance(ax, matplotlib.axes.Axes)\nx, y = ax.lines[0].get_data()\nassert list(x) == [0, 1] and ax.get_lines()[0].get_label() == 'L' and ax.get_xlim()[0] < 0.5",
    ),
    "a list that a call changes": (
        "seen = []\ndef note(x):\n    seen.append(x)",
        "note(3)\nassert seen == [3]\nnote(4)\nassert seen == [3, 4]",
    ),
    "an object of the lesson's that methods change": (
        "given_account.deposit(5)\ngiven_account.deposit(2)",
        "assert given_account.balance == 7",
    ),
    "a name that a visible test binds": (
        "def tripled(x): return 3 * x",
        "kept_value = tripled(2)\nassert kept_value == 6",
    ),
    "a later answer that reads it": ("later_value = kept_value + 1", "assert later_value == 7"),
}

# These take nothing of those above; together they would be more processes than a sandbox has.
IDIOMS_APART: dict[str, tuple[str, str]] = {
    "a text that Python evaluates": (
        "class Told3:\n    def __init__(self, x): self.x = x\n    def __repr__(self): return f'Told3({self.x})'\n"
        "    def __eq__(self, other): return self.x == other.x\nformula, program = '2 * 3 + 1', 'made = 5'",
        "assert eval(repr(Told3(4))) == Told3(4) and eval(formula) == 7 and eval('formula') == formula\n"
        "scope = {'before': 1}\nexec(program, scope)\nassert scope['made'] == 5 and scope['before'] == 1",
    ),
    "the same list": (
        "def sorted_in_place(xs):\n    xs.sort()\n    return xs\nkept_by_all = {'a': []}",
        "xs = [2, 1]\nassert sorted_in_place(xs) is xs and xs == [1, 2]\nkept_by_all['a'].append(3)\n"
        "assert kept_by_all == {'a': [3]} and id(sorted_in_place(xs)) == id(xs)",
    ),
    "a file that the student's code writes": (
        "def saved(path, lines):\n    with open(path, 'w') as file: file.writelines(line + '\\n' for line in lines)\n"
        "saved('made_before.txt', ['x'])",
        "import os\nsaved('lines.txt', ['a', 'b'])\nassert open('lines.txt').read() == 'a\\nb\\n' and os.path.getsize('lines.txt') == 4\n"
        "os.remove('lines.txt')\nassert open('made_before.txt').read() == 'x\\n' and not os.path.exists('lines.txt')",
    ),
    "files that the test writes": (
        "from pathlib import Path\ndef words_in(path): return Path(path).read_text().split()\n"
        "def tree(root):\n    (Path(root) / 'a' / 'b').mkdir(parents=True)\n    (Path(root) / 'a' / 'x.txt').write_text('hi')",
        "import tempfile\nfrom pathlib import Path\nPath('words.txt').write_text('a b')\nassert words_in('words.txt') == ['a', 'b']\n"
        "with tempfile.TemporaryDirectory() as folder:\n    path = Path(folder) / 'x.txt'\n    path.write_text('c d e')\n"
        "    assert len(words_in(path)) == 3 == len(words_in(str(path)))\n    tree(folder)\n"
        "    assert sorted(p.name for p in (Path(folder) / 'a').iterdir()) == ['b', 'x.txt']",
    ),
    "a file that both write": (
        "def log(path, text):\n    with open(path, 'a') as file: file.write(text)",
        "with open('log.txt', 'w') as file:\n    file.write('a')\nlog('log.txt', 'b')\nassert open('log.txt').read() == 'ab'",
    ),
    "names as texts": (
        "def named_here(n): return n + 1\nvalue_here = 3",
        "assert 'named_here' in globals() and 'value_here' in dir() and 'not_named' not in locals()\n"
        "assert globals()['value_here'] == 3 and eval('named_here(1)') == 2\n"
        "import timeit\nassert timeit.timeit('named_here(1)', globals=globals(), number=2) < 60",
    ),
    "a global that the student's code counts": (
        "counted_calls = 0\ndef count_call():\n    global counted_calls\n    counted_calls += 1",
        "counted_calls = 0\ncount_call()\ncount_call()\nassert counted_calls == 2",
    ),
    "unittest.main": (
        "def cubed(x): return x ** 3",
        "import io, unittest\nclass TestCubed(unittest.TestCase):\n    def test_cubed(self): self.assertEqual(cubed(2), 8)\n"
        "ran = unittest.main(argv=[''], exit=False, testRunner=unittest.TextTestRunner(stream=io.StringIO())).result\n"
        "assert ran.wasSuccessful() and ran.testsRun >= 1",
    ),
    "an error that was raised from another": (
        "def looked_up(table, key):\n    try:\n        return table[key]\n    except KeyError as error:\n        raise ValueError(key) from error",
        "try:\n    looked_up({}, 'x')\nexcept ValueError as error:\n    assert isinstance(error.__cause__, KeyError)\nelse:\n    raise AssertionError",
    ),
    "the student's own error, raised by the test": (
        "class MyOwn(ValueError): pass\ndef caught(f):\n    try:\n        f()\n    except MyOwn as error:\n        return str(error)",
        "def raising(): raise MyOwn('x')\nassert caught(raising) == 'x'",
    ),
    "functools.wraps": (
        "import functools\ndef doubled(f):\n    @functools.wraps(f)\n    def inner(*args): return 2 * f(*args)\n    return inner",
        "@doubled\ndef plus_one(x):\n    'Add one.'\n    return x + 1\nassert plus_one(1) == 4 and plus_one.__name__ == 'plus_one'\n"
        "assert plus_one.__doc__ == 'Add one.' and plus_one.__wrapped__(1) == 2",
    ),
    "what a class says of itself": (
        "from abc import ABC, abstractmethod\nclass Form(ABC):\n    @abstractmethod\n    def area(self): ...\n"
        "def typed(x: int, y: str = 'a') -> float: return 1.0",
        "import inspect\nassert inspect.isabstract(Form) and 'area' in Form.__dict__ and 'area' in vars(Form)\n"
        "signature = inspect.signature(typed)\nassert signature.return_annotation == float\n"
        "assert signature.parameters['x'].annotation == int and str(signature) == \"(x: int, y: str = 'a') -> float\"",
    ),
}

# What can't be decided from outside of the student's process, with a word of what to write instead.
REFUSED: dict[str, tuple[str, str, str]] = {
    "identity of a value": ("def same(xs): return xs", "xs = (1, 2)\nassert same(xs) is xs", "=="),
    "compiled code": ("def small(x): return x", "assert small.__code__.co_argcount == 1", "inspect"),
    "the number of an object": ("def again(xs): return xs", "xs = (1, 2)\nassert id(again(xs)) == id(xs)", "=="),
    "a docstring's examples": (
        "def told(x):\n    '''Say so.\n\n    >>> told(1)\n    1\n    '''\n    return x",
        "import doctest\nassert doctest.testmod().failed == 0",
        "docstring",
    ),
    "a subclass in the test": (
        "class Base:\n    def go(self): return self.step()",
        "class Sub(Base):\n    def step(self): return 1\nassert Sub().go() == 1",
        "inside",
    ),
}
