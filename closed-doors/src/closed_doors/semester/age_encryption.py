"""Files that only a key or a passphrase opens: the age format, by pyrage, which is installed where it is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from closed_doors.core.errors import CourseError

_HEAD = b"age-encryption.org/"


@dataclass(frozen=True, slots=True)
class Lock:
    """Who can open a file: of keys, the public ones lock it and the secret ones open it.

    Attributes:
        keys: age's or ssh's, one a line.
        passphrase: in place of keys.
    """

    keys: Sequence[str] = ()
    passphrase: str | None = None


def is_encrypted(path: Path) -> bool:
    """Whether a file is one of age's.

    Raises:
        OSError: it can't be read.
    """
    with path.open("rb") as stream:
        return stream.read(len(_HEAD)) == _HEAD


def locked(plain: Path, target: Path, lock: Lock) -> Path:
    """Write a file encrypted, and return it.

    Raises:
        CourseError: pyrage is not installed, or a key is none.
    """
    pyrage = _pyrage()
    try:
        if lock.passphrase is not None:
            target.write_bytes(pyrage.passphrase.encrypt(plain.read_bytes(), lock.passphrase))
        else:
            pyrage.encrypt_file(str(plain), str(target), [_recipient(key) for key in lock.keys])
    except (pyrage.EncryptError, pyrage.RecipientError) as error:
        raise CourseError(f"The archive can't be encrypted: {error}. Nothing was written.") from error
    return target


def unlocked(path: Path, target: Path, lock: Lock) -> Path:
    """Write a file decrypted, and return it.

    Raises:
        CourseError: pyrage is not installed, or the key or the passphrase is not the file's.
    """
    pyrage = _pyrage()
    try:
        if lock.passphrase is not None:
            target.write_bytes(pyrage.passphrase.decrypt(path.read_bytes(), lock.passphrase))
        else:
            pyrage.decrypt_file(str(path), str(target), [_identity(key) for key in lock.keys])
    except (pyrage.DecryptError, pyrage.IdentityError) as error:
        raise CourseError(f"{path} can't be decrypted: {error}. Nothing was written.") from error
    return target


def _recipient(key: str) -> object:
    pyrage = _pyrage()
    found: object = (pyrage.ssh if key.startswith("ssh-") else pyrage.x25519).Recipient.from_str(key)
    return found


def _identity(key: str) -> object:
    pyrage = _pyrage()
    is_age = key.startswith("AGE-SECRET-KEY-")
    found: object = pyrage.x25519.Identity.from_str(key) if is_age else pyrage.ssh.Identity.from_buffer(key.encode())
    return found


def _pyrage() -> ModuleType:
    try:
        import pyrage
        import pyrage.passphrase
        import pyrage.ssh
        import pyrage.x25519
    except ImportError as error:
        raise CourseError("Encryption needs pyrage: pip install 'closed-doors[encryption]'.") from error
    found: ModuleType = pyrage
    return found
