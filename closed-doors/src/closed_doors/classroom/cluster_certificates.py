"""Who belongs to a cluster: certificates of an authority that is made for it and forgets its key.

    .cluster/scheduler, .cluster/worker, .cluster/client        ca.pem, cert.pem and key.pem each, their owner's alone

Dask runs whatever it is sent, so whoever can connect can run code as the workers' account. With these, nobody
connects but who holds a folder, and everything is encrypted. As the authority's key is kept nowhere, no further
certificate can ever be made; a new cluster, or one of which a folder got lost, gets new ones.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from closed_doors.core.errors import CourseError
from closed_doors.core.files import replacement

ROLES = ("scheduler", "worker", "client")
FOLDER = ".cluster"
CA, CERTIFICATE, KEY = "ca.pem", "cert.pem", "key.pem"
DAYS = 400
_BEFORE = timedelta(hours=1)  # for clocks that do not agree


@dataclass(frozen=True, slots=True)
class RoleFiles:
    """The files that one role of a cluster needs."""

    ca: Path
    certificate: Path
    key: Path


def make_certificates(folder: Path, days: int = DAYS) -> None:
    """Write a folder of certificates for each role, in place of what is there.

    Raises:
        CourseError: the folder can't be written to.
    """
    authority, name = ec.generate_private_key(ec.SECP256R1()), _name("closed-doors cluster")
    ends = datetime.now(UTC) + timedelta(days=days)
    root = _certificate(name, name, authority.public_key(), ends, role=False).sign(authority, hashes.SHA256())
    try:
        with replacement(folder) as fresh:
            fresh.chmod(0o700)
            for role in ROLES:
                key = ec.generate_private_key(ec.SECP256R1())
                made = _certificate(_name(role), name, key.public_key(), ends, role=True)
                _write(fresh / role, root, made.sign(authority, hashes.SHA256()), key)
    except OSError as error:
        raise CourseError(f"{folder} can't be written: {error.strerror} ({error.filename}).") from error


def role_files(folder: Path, role: str) -> RoleFiles:
    """Return the files of a role.

    Raises:
        CourseError: one is missing, has run out, or a key is not its owner's alone.
    """
    found = RoleFiles(*(folder / role / name for name in (CA, CERTIFICATE, KEY)))
    for path in (found.ca, found.certificate, found.key):
        if not path.is_file():
            raise CourseError(f"{path} is missing: `course cluster init` makes it, and each machine needs a copy.")
    if found.key.stat().st_mode & 0o077:
        raise CourseError(f"{found.key} can be read by others: chmod 600 {found.key}")
    ends = x509.load_pem_x509_certificate(found.certificate.read_bytes()).not_valid_after_utc
    if ends < datetime.now(UTC):
        raise CourseError(f"{found.certificate} has run out on {ends:%Y-%m-%d}: `course cluster init` makes new ones.")
    return found


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, ends: datetime, role: bool
) -> x509.CertificateBuilder:
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=not role,
        crl_sign=not role,
        encipher_only=False,
        decipher_only=False,
    )
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - _BEFORE)
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=not role, path_length=None if role else 0), critical=True)
        .add_extension(usage, critical=True)
    )
    both = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    return made.add_extension(both, critical=False) if role else made


def _write(folder: Path, root: x509.Certificate, own: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
    folder.mkdir(mode=0o700)
    pem = serialization.Encoding.PEM
    (folder / CA).write_bytes(root.public_bytes(pem))
    (folder / CERTIFICATE).write_bytes(own.public_bytes(pem))
    (folder / KEY).touch(mode=0o600)
    (folder / KEY).write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
