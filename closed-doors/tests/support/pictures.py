"""Pictures for tests: small files, of any size in pixels."""

import io
import struct
import zlib

from PIL import Image

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))


def blank_png(width: int, height: int, extra: bytes = b"") -> bytes:
    """A black picture of one bit a pixel: of 125 million pixels, some 15 KB."""
    rows = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    data = b"".join(rows.compress(row) for _ in range(height)) + rows.flush()
    header = struct.pack(">LLBBBBB", width, height, 1, 0, 0, 0, 0)
    return SIGNATURE + chunk(b"IHDR", header) + extra + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def photo(width: int, height: int, kind: str = "JPEG", mode: str = "RGB", **options: object) -> bytes:
    """A picture with a gradient, as a library writes it."""
    file = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert(mode).save(file, kind, **options)
    return file.getvalue()
