"""Calls across the bridge in torch's graph: the one part of the bridge that knows torch, loaded where torch is."""

from collections.abc import Callable, Sequence
from typing import Any

import torch

LEAF, DERIVED = 1, 2
Ask = Callable[[Sequence[torch.Tensor | None]], list[torch.Tensor | None]]


class UnreadableGradientsError(Exception):
    """What came back are no gradients of the call's inputs."""


def grad_enabled() -> bool:
    """Whether this process records gradients now."""
    return torch.is_grad_enabled()


# ------------------------------------------------------------------------------ the examiner's side


def marker(inputs: list[torch.Tensor]) -> Callable[[torch.Tensor], int]:
    """Return what marks an argument's tensors, and notes those that ask for gradients."""

    def mark(tensor: torch.Tensor) -> int:
        if not tensor.requires_grad:
            return 0
        inputs.append(tensor)
        return LEAF if tensor.is_leaf else DERIVED

    return mark


def parameter(tensor: torch.Tensor, mark: int) -> torch.Tensor:
    """Return a received tensor that asks for gradients where its original does."""
    return tensor.requires_grad_() if mark and (tensor.is_floating_point() or tensor.is_complex()) else tensor


def parameter_with_gradient(tensor: torch.Tensor, mark: int, gradient: object) -> torch.Tensor:
    """Return a received parameter with its gradient."""
    tensor = parameter(tensor, mark)
    if mark:
        tensor.grad = fitting(gradient, tensor)
    return tensor


def linked(outputs: list[torch.Tensor], inputs: Sequence[torch.Tensor], ask: Ask) -> Sequence[torch.Tensor]:
    """Return a call's outputs hung into this process's graph, between the call's inputs and what comes later."""
    found: Sequence[torch.Tensor] = _Answer.apply(  # type: ignore[no-untyped-call]
        ask, outputs, torch.ones((), requires_grad=True), *inputs
    )
    return found


def fitting(gradient: object, tensor: torch.Tensor) -> torch.Tensor | None:
    """Return a gradient that came, if it is one of this tensor.

    Raises:
        UnreadableGradientsError: it is not.
    """
    if gradient is None:
        return None
    if not isinstance(gradient, torch.Tensor) or gradient.shape != tensor.shape:
        raise UnreadableGradientsError
    return gradient.detach().to(tensor.dtype)


class _Answer(torch.autograd.Function):
    """A call across the bridge as one node of the graph; its backward asks the student's process for the gradients."""

    @staticmethod
    def forward(
        ctx: Any, ask: Ask, outputs: list[torch.Tensor], _: torch.Tensor, *inputs: torch.Tensor
    ) -> tuple[torch.Tensor, ...]:
        ctx.ask, ctx.count = ask, len(inputs)
        return tuple(outputs)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *grads: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        return (None, None, None, *ctx.ask(grads))


# ------------------------------------------------------------------------------- the worker's side


class CallTensors:
    """The tensors of one call that take part in the graph.

    Attributes:
        leaves: copies of the arguments that ask for gradients.
        outputs: what of the result asks for them.
    """

    def __init__(self) -> None:
        self.leaves: list[torch.Tensor] = []
        self.outputs: list[torch.Tensor] = []

    def take(self, tensor: torch.Tensor, mark: int) -> torch.Tensor:
        """Take an argument's tensor in."""
        if not mark:
            return tensor
        self.leaves.append(tensor.requires_grad_())
        return tensor if mark == LEAF else tensor.clone()  # a leaf could not be changed in place

    def give(self, tensor: torch.Tensor) -> int:
        """Note a result's tensor."""
        if not tensor.requires_grad:
            return 0
        self.outputs.append(tensor)
        return len(self.outputs)

    def backward(self, grads: Sequence[torch.Tensor | None]) -> list[torch.Tensor | None]:
        """Return the gradients of the leaves, given those of the outputs."""
        given = [
            torch.zeros_like(output) if grad is None else grad for output, grad in zip(self.outputs, grads, strict=True)
        ]
        for leaf in self.leaves:
            leaf.grad = None
        torch.autograd.backward(self.outputs, given, retain_graph=True)
        return [leaf.grad for leaf in self.leaves]


def leaf_gradient(tensor: torch.Tensor) -> torch.Tensor | None:
    """Return the gradient that a layer's parameter holds."""
    return tensor.grad if tensor.is_leaf else None


def grad_mode(enabled: bool) -> torch.set_grad_enabled:
    """Record gradients in a block, or don't."""
    return torch.set_grad_enabled(enabled)
