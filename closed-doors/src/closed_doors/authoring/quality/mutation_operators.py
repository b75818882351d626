"""Mutation operators of our field, on the interface of mutmut's own: a node in, changed nodes out.

mutmut's change numbers, comparisons, arithmetic, arguments and assignments of any program. These make the mistakes that
code with masks and matrices has: a transposed triangle, a scale or a transposition left out, a mask the wrong way
round, a gradient that is cut, an input changed in place.
"""

import functools
from collections.abc import Callable, Iterable, Iterator

import libcst as cst
import libcst.matchers as m

Operator = Callable[..., Iterable[cst.CSTNode]]  # of one node, of the kind that it is listed with

_PAIRS = (
    ("tril", "triu"),
    ("ones", "zeros"),
    ("ones_like", "zeros_like"),
    ("argmax", "argmin"),
    ("max", "min"),
    ("amax", "amin"),
    ("sum", "mean"),
    ("any", "all"),
    ("log", "log2"),
    ("floor", "ceil"),
)
SWAPPED = {**dict(_PAIRS), **{new: old for old, new in _PAIRS}}
LEFT_OUT = frozenset(
    [
        "transpose",
        "swapaxes",
        "permute",
        "clone",
        "copy",
        "masked_fill",
        "contiguous",
        "flip",
        "expand",
        "unsqueeze",
        "squeeze",
        "softmax",
    ]
)
IN_PLACE = frozenset(["transpose", "masked_fill", "unsqueeze", "squeeze", "sub", "add", "mul", "div", "clamp", "sort"])
FINITE = "1e9"


def swapped_function(node: cst.Attribute) -> Iterator[cst.CSTNode]:
    """Take the other of two functions: np.tril for np.triu, the mean for the sum."""
    if node.attr.value in SWAPPED:
        yield node.with_changes(attr=cst.Name(SWAPPED[node.attr.value]))


def step_left_out(node: cst.Call, modules: frozenset[str]) -> Iterator[cst.CSTNode]:
    """Leave a step out: x.transpose(…) becomes x, and so does np.swapaxes(x, …), np being a module."""
    if m.matches(node.func, m.Attribute()):
        function = cst.ensure_type(node.func, cst.Attribute)
        if function.attr.value not in LEFT_OUT:
            return
        if not _is_module(function.value, modules):
            yield function.value
        elif node.args:
            yield node.args[0].value


def transposed_attribute_left_out(node: cst.Attribute) -> Iterator[cst.CSTNode]:
    """Leave a transposition out: x.T becomes x."""
    if node.attr.value in ("T", "mT"):
        yield node.value


def factor_left_out(node: cst.BinaryOperation) -> Iterator[cst.CSTNode]:
    """Leave a factor or a divisor out: the scale, the normalisation, one of two rules."""
    if isinstance(node.operator, cst.Divide | cst.Multiply | cst.BitAnd | cst.Add | cst.Subtract):
        yield node.left
    if isinstance(node.operator, cst.Multiply | cst.BitAnd | cst.Add):
        yield node.right


def changed_in_place(node: cst.Call, modules: frozenset[str]) -> Iterator[cst.CSTNode]:
    """Change the tensor itself instead of a copy: x.masked_fill(…) becomes x.masked_fill_(…)."""
    if m.matches(node.func, m.Attribute()):
        function = cst.ensure_type(node.func, cst.Attribute)
        if function.attr.value in IN_PLACE and not _is_module(function.value, modules):
            yield node.with_changes(func=function.with_changes(attr=cst.Name(f"{function.attr.value}_")))


def inverted_mask(node: cst.Call) -> Iterator[cst.CSTNode]:
    """Turn a condition round: where(c, a, b) becomes where(c, b, a), masked_fill(c, v) becomes masked_fill(~c, v)."""
    if m.matches(node.func, m.Attribute(attr=m.Name("where"))) and len(node.args) == 3:
        condition, first, second = node.args
        yield node.with_changes(
            args=[condition, first.with_changes(value=second.value), second.with_changes(value=first.value)]
        )
    if m.matches(node.func, m.Attribute(attr=m.Name("masked_fill"))) and len(node.args) == 2:
        condition = node.args[0]
        inverted = cst.UnaryOperation(cst.BitInvert(), _in_brackets(condition.value))
        yield node.with_changes(args=[condition.with_changes(value=inverted), node.args[1]])


def finite_infinity(node: cst.Attribute) -> Iterator[cst.CSTNode]:
    """Mask with a large finite number instead of infinity."""
    if node.attr.value == "inf":
        yield cst.Float(FINITE)


def cut_gradient(node: cst.BinaryOperation) -> Iterator[cst.CSTNode]:
    """Cut the gradient of a matrix product's left side."""
    if isinstance(node.operator, cst.MatrixMultiply):
        yield node.with_changes(left=cst.Call(cst.Attribute(_in_brackets(node.left), cst.Name("detach"))))


def returned_the_wrong_way_round(node: cst.Return) -> Iterator[cst.CSTNode]:
    """Swap the two values that are returned."""
    if isinstance(node.value, cst.Tuple) and len(node.value.elements) == 2:
        first, second = node.value.elements
        elements = [first.with_changes(value=second.value), second.with_changes(value=first.value)]
        yield node.with_changes(value=node.value.with_changes(elements=elements))


def forced_branch(node: cst.If) -> Iterator[cst.CSTNode]:
    """Take one branch whatever the condition."""
    yield node.with_changes(test=cst.Name("True"))
    yield node.with_changes(test=cst.Name("False"))


def other_error(node: cst.Raise) -> Iterator[cst.CSTNode]:
    """Raise an error of another type than the contract names."""
    if isinstance(node.exc, cst.Call) and isinstance(node.exc.func, cst.Name):
        yield node.with_changes(exc=node.exc.with_changes(func=cst.Name("RuntimeError")))


def open_slice(node: cst.Slice) -> Iterator[cst.CSTNode]:
    """Drop a bound of a slice."""
    if node.lower is not None:
        yield node.with_changes(lower=None)
    if node.upper is not None:
        yield node.with_changes(upper=None)


def loop_one_short(node: cst.Call) -> Iterator[cst.CSTNode]:
    """Stop a loop one step early."""
    if m.matches(node.func, m.Name("range")) and node.args:
        last = node.args[min(1, len(node.args) - 1)]
        shorter = cst.BinaryOperation(_in_brackets(last.value), cst.Subtract(), cst.Integer("1"))
        yield node.with_deep_changes(last, value=shorter)


def field_operators(modules: frozenset[str]) -> list[tuple[type[cst.CSTNode], Operator]]:
    """Return the operators, each with the kind of node that it changes.

    Args:
        modules: names that stand for modules where the code runs, such as np.
    """
    return [
        (cst.Attribute, swapped_function),
        (cst.Call, _knowing(modules, step_left_out)),
        (cst.Attribute, transposed_attribute_left_out),
        (cst.BinaryOperation, factor_left_out),
        (cst.Call, _knowing(modules, changed_in_place)),
        (cst.Call, inverted_mask),
        (cst.Attribute, finite_infinity),
        (cst.BinaryOperation, cut_gradient),
        (cst.Return, returned_the_wrong_way_round),
        (cst.If, forced_branch),
        (cst.Raise, other_error),
        (cst.Slice, open_slice),
        (cst.Call, loop_one_short),
    ]


def _knowing(
    modules: frozenset[str], operator: Callable[[cst.Call, frozenset[str]], Iterator[cst.CSTNode]]
) -> Operator:
    @functools.wraps(operator)
    def changed(node: cst.Call) -> Iterator[cst.CSTNode]:
        return operator(node, modules)

    return changed


def _is_module(node: cst.BaseExpression, modules: frozenset[str]) -> bool:
    return isinstance(node, cst.Name) and node.value in modules


def _in_brackets(node: cst.BaseExpression) -> cst.BaseExpression:
    simple = isinstance(node, cst.Name | cst.Attribute | cst.Call | cst.Subscript) or node.lpar
    if simple:
        return node
    bracketed: cst.BaseExpression = node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    return bracketed
