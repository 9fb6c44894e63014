"""Modules that CPython for WASI lacks and libraries import on sight.

They behave as where there is no terminal, no second user and no network.
"""

import enum
import errno
import sys
import types

import limits

TLS = "needs TLS, which the sandbox lacks"


def install() -> None:
    """Make the stand-ins importable."""
    for make in (_termios, _pwd, _grp, _fcntl, _ssl):
        module = make()
        sys.modules.setdefault(module.__name__, module)


def _module(name: str, **members) -> types.ModuleType:
    module = types.ModuleType(name, "A stand-in.")
    module.__dict__.update(members)
    return module


def no_terminal(*_args):
    """Raise what a call that needs a terminal raises where there is none."""
    raise OSError(errno.ENOTTY, "Inappropriate ioctl for device")


def _termios() -> types.ModuleType:
    error = type("error", (Exception,), {"__module__": "termios"})

    def refuse(*_args):
        raise error(errno.ENOTTY, "Inappropriate ioctl for device")

    functions = dict.fromkeys(("tcgetattr", "tcsetattr", "tcsendbreak", "tcdrain", "tcflush", "tcflow"), refuse)
    names = (
        "TCSANOW TCSADRAIN TCSAFLUSH TCIFLUSH TCOFLUSH TCIOFLUSH ECHO ECHOE ECHOK ECHONL ICANON IEXTEN ISIG BRKINT "
        "ICRNL INPCK ISTRIP IXON IXOFF OPOST CS8 CSIZE PARENB VMIN VTIME NOFLSH TOSTOP TIOCGWINSZ TIOCSWINSZ FIONREAD"
    ).split()
    return _module("termios", error=error, **functions, **{name: 1 << (place % 16) for place, name in enumerate(names)})


class _User(tuple):
    __slots__ = ()
    pw_name = property(lambda self: self[0])
    pw_passwd = property(lambda self: self[1])
    pw_uid = property(lambda self: self[2])
    pw_gid = property(lambda self: self[3])
    pw_gecos = property(lambda self: self[4])
    pw_dir = property(lambda self: self[5])
    pw_shell = property(lambda self: self[6])
    gr_name, gr_passwd, gr_gid = pw_name, pw_passwd, pw_uid
    gr_mem = property(lambda _self: [])


def _database(name: str, prefix: str, ids: str) -> types.ModuleType:
    """Return `pwd` or `grp` with root alone."""
    root = _User(("root", "x", 0, 0, "root", "/tmp", "/bin/sh"))

    def by_id(number):
        if number != 0:
            raise KeyError(f"get{prefix}{ids}(): {ids} not found: {number}")
        return root

    def by_name(text):
        if text != "root":
            raise KeyError(f"get{prefix}nam(): name not found: {text!r}")
        return root

    functions = {f"get{prefix}{ids}": by_id, f"get{prefix}nam": by_name, f"get{prefix}all": lambda: [root]}
    return _module(name, **functions, **{f"struct_{'passwd' if name == 'pwd' else 'group'}": _User})


def _pwd() -> types.ModuleType:
    return _database("pwd", "pw", "uid")


def _grp() -> types.ModuleType:
    return _database("grp", "gr", "gid")


def _fcntl() -> types.ModuleType:
    def accept(*_args):
        return 0

    names = "LOCK_SH LOCK_EX LOCK_NB LOCK_UN F_GETFD F_SETFD F_GETFL F_SETFL FD_CLOEXEC F_DUPFD".split()
    constants = {name: 1 << place for place, name in enumerate(names)}
    # one process has every lock
    return _module("fcntl", flock=accept, lockf=accept, fcntl=accept, ioctl=no_terminal, **constants)


class SSLError(OSError):
    """As in `ssl`."""


class SSLContext:
    """Holds settings, and cannot be used for a connection."""

    def __init__(self, protocol=None, *_args, **_kwargs) -> None:
        self.protocol = protocol
        self.verify_mode, self.check_hostname = VerifyMode.CERT_NONE, False
        self.options = self.verify_flags = 0
        self.minimum_version = self.maximum_version = None
        self.keylog_filename, self.post_handshake_auth = None, False

    def wrap_socket(self, *_args, **_kwargs):
        limits.note(TLS)
        raise limits.NoSocket(TLS)

    wrap_bio = wrap_socket

    def set_ciphers(self, *_args, **_kwargs) -> None:
        pass

    set_alpn_protocols = load_verify_locations = load_default_certs = load_cert_chain = set_default_verify_paths = (
        set_ecdh_curve
    ) = set_ciphers

    def cert_store_stats(self) -> dict:
        return {"x509": 0, "crl": 0, "x509_ca": 0}

    def get_ca_certs(self, *_args) -> list:
        return []


class VerifyMode(enum.IntEnum):
    """As in `ssl`."""

    CERT_NONE, CERT_OPTIONAL, CERT_REQUIRED = range(3)


class TLSVersion(enum.IntEnum):
    """As in `ssl`."""

    MINIMUM_SUPPORTED, SSLv3, TLSv1, TLSv1_1, TLSv1_2, TLSv1_3, MAXIMUM_SUPPORTED = -2, 768, 769, 770, 771, 772, -1


class Purpose(enum.Enum):
    """As in `ssl`."""

    SERVER_AUTH, CLIENT_AUTH = "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"


def _create_default_context(*_args, **_kwargs) -> SSLContext:
    context = SSLContext(_PROTOCOLS["PROTOCOL_TLS_CLIENT"])
    context.verify_mode, context.check_hostname = VerifyMode.CERT_REQUIRED, True
    return context


_PROTOCOLS = {
    "PROTOCOL_SSLv23": 2, "PROTOCOL_TLS": 2, "PROTOCOL_TLSv1": 3, "PROTOCOL_TLSv1_1": 4, "PROTOCOL_TLSv1_2": 5,
    "PROTOCOL_TLS_CLIENT": 16, "PROTOCOL_TLS_SERVER": 17,
}  # fmt: skip


def _ssl() -> types.ModuleType:
    names = (
        "SSLZeroReturnError SSLWantReadError SSLWantWriteError SSLSyscallError SSLEOFError SSLCertVerificationError"
    ).split()
    errors = {name: type(name, (SSLError,), {"__module__": "ssl"}) for name in names}
    errors["CertificateError"] = errors["SSLCertVerificationError"]
    flags = "OP_ALL OP_NO_SSLv2 OP_NO_SSLv3 OP_NO_TLSv1 OP_NO_TLSv1_1 OP_NO_TLSv1_2 OP_NO_TLSv1_3 OP_NO_COMPRESSION"
    flags += " OP_NO_TICKET OP_NO_RENEGOTIATION OP_CIPHER_SERVER_PREFERENCE OP_IGNORE_UNEXPECTED_EOF"
    flags += " OP_SINGLE_DH_USE OP_SINGLE_ECDH_USE"
    flags += " VERIFY_X509_STRICT VERIFY_X509_PARTIAL_CHAIN VERIFY_X509_TRUSTED_FIRST"
    known = dict.fromkeys(("HAS_SNI", "HAS_ALPN", "HAS_TLSv1_2", "HAS_TLSv1_3", "HAS_ECDH"), True)
    known |= {"HAS_NEVER_CHECK_COMMON_NAME": True, "HAS_NPN": False, "HAS_SSLv2": False, "HAS_SSLv3": False}
    paths = types.SimpleNamespace(cafile=None, capath=None, openssl_cafile="/tmp/cert.pem", openssl_capath="/tmp/certs")
    return _module(
        "ssl", SSLContext=SSLContext, SSLError=SSLError, VerifyMode=VerifyMode, TLSVersion=TLSVersion, Purpose=Purpose,
        SSLSocket=type("SSLSocket", (), {}), SSLObject=type("SSLObject", (), {}), MemoryBIO=type("MemoryBIO", (), {}),
        SSLSession=type("SSLSession", (), {}), AlertDescription=enum.IntEnum("AlertDescription", {}),
        create_default_context=_create_default_context, _create_unverified_context=SSLContext,
        _create_default_https_context=_create_default_context, get_default_verify_paths=lambda: paths,
        OPENSSL_VERSION="OpenSSL 3.0.0", OPENSSL_VERSION_INFO=(3, 0, 0, 0, 0), OPENSSL_VERSION_NUMBER=0x30000000,
        CERT_NONE=VerifyMode.CERT_NONE, CERT_OPTIONAL=VerifyMode.CERT_OPTIONAL,
        CERT_REQUIRED=VerifyMode.CERT_REQUIRED, VERIFY_DEFAULT=0, CHANNEL_BINDING_TYPES=[],
        **errors, **known, **_PROTOCOLS, **{name: 1 << place for place, name in enumerate(flags.split())},
    )  # fmt: skip
