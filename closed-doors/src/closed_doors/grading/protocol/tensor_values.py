"""torch's tensors, types and devices as plain data, and back. Never imports torch: who holds a tensor has done so."""

import math
import sys
from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING, TypeAlias

from closed_doors.grading.protocol.wire import LARGEST_MESSAGE_BYTES, CodecError, Ext, fields_of, sizes_of

if TYPE_CHECKING:
    import torch

Tensor: TypeAlias = "torch.Tensor"
Mark: TypeAlias = Callable[[Tensor], int]
Take: TypeAlias = Callable[[Tensor, int], object]

FLOATS = ("float16", "bfloat16", "float32", "float64", "complex64", "complex128")
INTEGERS = ("uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64")
DTYPES = frozenset({*FLOATS, *INTEGERS, "bool"})


def are_known() -> bool:
    """Whether anybody here has imported torch."""
    return "torch" in sys.modules


def owns(value: object) -> bool:
    """Whether a value is torch's; it can't be where nobody has imported it."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor | torch.dtype | torch.device)


def content_of(value: object, mark: Mark | None) -> tuple[Ext, object] | None:
    """Return what crosses in a value's place; None where it has no plain form.

    Args:
        value: a tensor, a dtype or a device.
        mark: called with each tensor; returns the mark that goes with it.
    """
    torch = sys.modules["torch"]
    if isinstance(value, torch.device):
        return Ext.DEVICE, str(value.type)
    if isinstance(value, torch.Tensor):
        name = _name_of(value.dtype)
        return _tensor(value, name, mark) if name in DTYPES else None
    name = _name_of(value)
    return (Ext.DTYPE, name) if name in DTYPES else None


def _name_of(dtype: object) -> str:
    return str(dtype).removeprefix("torch.")


def _tensor(value: Tensor, name: str, mark: Mark | None) -> tuple[Ext, object] | None:
    torch = sys.modules["torch"]
    if value.layout != torch.strided:
        return None
    marked = mark(value) if mark else 0
    if value.is_meta:  # has no content
        return Ext.TENSOR, [name, list(value.shape), None, marked, None]
    data = torch.Tensor.detach(value).as_subclass(torch.Tensor).cpu().resolve_conj().resolve_neg()
    strides, extent = None, data.numel()
    if not data.is_contiguous():
        strides, extent = list(data.stride()), _extent(list(data.shape), list(data.stride()))
    flat = data.as_strided((extent,), (1,), data.storage_offset())  # a contiguous one may have any stride of size 1
    raw = flat.view(torch.uint8).numpy().tobytes() if extent else b""
    return Ext.TENSOR, [name, list(value.shape), strides, marked, raw]


def read_tensor(content: object, take: Take | None) -> object:
    """Return the tensor of an extension type's content.

    Args:
        content: as it came.
        take: called with the tensor and its mark; what it returns takes the tensor's place.

    Raises:
        CodecError: the content is not one, or this process has no torch.
    """
    name, shape, strides, mark, raw = fields_of(content, 5)
    dtype, sizes, torch = read_dtype(name), sizes_of(shape), _torch()
    if type(mark) is not int:
        raise CodecError("a tensor's mark is a number")
    if raw is None:
        value = torch.empty(sizes, dtype=dtype, device="meta")
        return take(value, mark) if take else value
    extent = _extent(sizes, sizes_of(strides)) if strides is not None else math.prod(sizes)
    if type(raw) is not bytes or len(raw) != extent * dtype.itemsize:
        raise CodecError("a tensor's bytes do not fit its shape")
    if math.prod(sizes) * dtype.itemsize > LARGEST_MESSAGE_BYTES:
        raise CodecError("a tensor is too large")
    flat = torch.frombuffer(bytearray(raw), dtype=dtype) if raw else torch.empty(0, dtype=dtype)
    value = flat.reshape(sizes) if strides is None else flat.as_strided(sizes, sizes_of(strides))
    return take(value, mark) if take else value


def read_dtype(content: object) -> "torch.dtype":
    """Return the torch.dtype of an extension type's content.

    Raises:
        CodecError: the content is not one, or this process has no torch.
    """
    if type(content) is not str or content not in DTYPES:
        raise CodecError("a tensor's type is not allowed")
    found: torch.dtype = getattr(_torch(), content)
    return found


def read_device(content: object) -> "torch.device":
    """Return the torch.device of an extension type's content; what is neither is the processor."""
    found: torch.device = _torch().device("cuda" if content == "cuda" else "cpu")
    return found


def _torch() -> ModuleType:
    torch = sys.modules.get("torch")
    if torch is None:
        raise CodecError("a tensor came, and there is no torch here")
    return torch


def _extent(shape: list[int], strides: list[int]) -> int:
    """Return how many elements lie between the first and the last of a strided tensor, both included."""
    if len(shape) != len(strides):
        raise CodecError("as many strides as dimensions were expected")
    if not math.prod(shape):
        return 0
    return 1 + sum((size - 1) * stride for size, stride in zip(shape, strides, strict=True))


def looks_like_tensor(value: object) -> bool:
    """Whether a value calls itself a tensor; asked where student code may have broken what Python asks otherwise."""
    return hasattr(value, "detach") and any(kind.__module__ == "torch" for kind in type(value).__mro__)


def widened(tensor: Tensor) -> Tensor:
    """Return a tensor in a type that NumPy has too."""
    return tensor.float() if str(tensor.dtype) == "torch.bfloat16" else tensor


def make_repeatable() -> None:
    """Let torch compute in one thread and draw the same in every run, where it is loaded."""
    if torch := sys.modules.get("torch"):
        torch.backends.cpu.get_cpu_capability()  # it looks at the processor once, which a sandbox does not show
        torch.set_num_threads(1)
        torch.manual_seed(0)


SEEDING = ("torch", "manual_seed")  # the function that seeds its generator, and where it stands


def draws_state() -> "Tensor | None":
    """Return the state of torch's generator; None where nobody has imported torch."""
    torch = sys.modules.get("torch")
    return None if torch is None else torch.get_rng_state()


def restore_draws(state: object) -> None:
    """Put a state of torch's generator in place, where torch is there."""
    if (torch := sys.modules.get("torch")) is not None and state is not None:
        torch.set_rng_state(state)
