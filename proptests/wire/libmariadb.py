"""Prepared statements by libmariadb, the C library that comes with Debian's mariadb-client.

Only what the tests need: text and integer parameters, results as text. The structure follows
mariadb_stmt.h of Connector/C 3.3.
"""

import ctypes

LONGLONG, STRING = 8, 254
_BUFFER_BYTES = 1 << 16


class Bind(ctypes.Structure):
    _fields_ = [
        ("length", ctypes.POINTER(ctypes.c_ulong)), ("is_null", ctypes.POINTER(ctypes.c_char)),
        ("buffer", ctypes.c_void_p), ("error", ctypes.c_void_p), ("row", ctypes.c_void_p),
        ("store", ctypes.c_void_p), ("fetch", ctypes.c_void_p), ("skip", ctypes.c_void_p),
        ("buffer_length", ctypes.c_ulong), ("offset", ctypes.c_ulong),
        ("length_value", ctypes.c_ulong), ("flags", ctypes.c_uint), ("pack_length", ctypes.c_uint),
        ("buffer_type", ctypes.c_int), ("error_value", ctypes.c_char),
        ("is_unsigned", ctypes.c_char), ("long_data_used", ctypes.c_char),
        ("is_null_value", ctypes.c_char), ("extension", ctypes.c_void_p),
    ]


class Failure(Exception):
    """Of the library or the server: number and text."""


def load():
    library = ctypes.CDLL("libmariadb.so.3")
    for name in ("mysql_init", "mysql_real_connect", "mysql_stmt_init"):
        getattr(library, name).restype = ctypes.c_void_p
    for name in ("mysql_error", "mysql_stmt_error"):
        getattr(library, name).restype = ctypes.c_char_p
    text, pointer, ulong, uint = ctypes.c_char_p, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_uint
    library.mysql_real_connect.argtypes = (pointer, text, text, text, text, uint, text, ulong)
    library.mysql_stmt_prepare.argtypes = (pointer, text, ulong)
    library.mysql_stmt_send_long_data.argtypes = (pointer, uint, text, ulong)
    return library


class Connection:
    def __init__(self, port, user, password):
        self.library = load()
        self.handle = ctypes.c_void_p(self.library.mysql_init(None))
        if not self.library.mysql_real_connect(
            self.handle, b"127.0.0.1", user.encode(), password.encode(), b"shop", port, None, 0
        ):
            raise Failure(self.library.mysql_errno(self.handle))

    def close(self):
        self.library.mysql_close(self.handle)


class Statement:
    def __init__(self, connection, sql):
        self.library = connection.library
        self.handle = ctypes.c_void_p(self.library.mysql_stmt_init(connection.handle))
        self.call("mysql_stmt_prepare", sql.encode(), len(sql.encode()))

    def call(self, name, *arguments):
        if getattr(self.library, name)(self.handle, *arguments):
            number = self.library.mysql_stmt_errno(self.handle)
            raise Failure(number, self.library.mysql_stmt_error(self.handle).decode())

    def send_long_data(self, parameter, data):
        self.call("mysql_stmt_send_long_data", parameter, data, len(data))

    def bind(self, values):
        """None, int or bytes; Ellipsis for what is sent as long data."""
        self.kept = []  # what C points to
        binds = (Bind * len(values))()
        for one, value in zip(binds, values):
            if isinstance(value, int):
                number = ctypes.c_longlong(value)
                one.buffer_type = LONGLONG
                one.buffer = ctypes.cast(ctypes.pointer(number), ctypes.c_void_p)
                self.kept.append(number)
                continue
            data = b"" if value is None or value is Ellipsis else value
            null, size = ctypes.c_char(b"\x01" if value is None else b"\0"), len(data)
            length, buffer = ctypes.c_ulong(size), ctypes.create_string_buffer(data, size + 1)
            one.buffer_type = STRING
            one.buffer = ctypes.cast(buffer, ctypes.c_void_p)
            one.length, one.is_null = ctypes.pointer(length), ctypes.pointer(null)
            one.buffer_length = size
            self.kept += [null, length, buffer]
        self.kept.append(binds)
        self.call("mysql_stmt_bind_param", binds)

    def execute(self):
        """All rows, each a tuple of bytes and None."""
        self.call("mysql_stmt_execute")
        count = self.library.mysql_stmt_field_count(self.handle)
        if count == 0:
            return []
        buffers = [ctypes.create_string_buffer(_BUFFER_BYTES) for _ in range(count)]
        lengths = [ctypes.c_ulong() for _ in range(count)]
        nulls = [ctypes.c_char() for _ in range(count)]
        binds = (Bind * count)()
        for one, buffer, length, null in zip(binds, buffers, lengths, nulls):
            one.buffer_type = STRING
            one.buffer = ctypes.cast(buffer, ctypes.c_void_p)
            one.buffer_length = _BUFFER_BYTES
            one.length, one.is_null = ctypes.pointer(length), ctypes.pointer(null)
        self.call("mysql_stmt_bind_result", binds)
        found = []
        while self.library.mysql_stmt_fetch(self.handle) == 0:
            found.append(tuple(
                None if null.value != b"\0" else buffer.raw[: length.value]
                for buffer, length, null in zip(buffers, lengths, nulls)
            ))
        self.library.mysql_stmt_free_result(self.handle)
        return found

    def close(self):
        self.call("mysql_stmt_close")
