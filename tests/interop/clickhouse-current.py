#!/usr/bin/env python3
"""Runs the clickhouse-local that is in libchdb.so as a server: clickhouse-current.py LIBRARY ARGUMENTS… It listens by HTTP and TCP until its standard input ends.

What it is to listen to, and its clusters, users and folders, are in the configuration that the arguments name. Only clickhouse.sh starts it.
"""
import ctypes
import sys

LISTEN = "SYSTEM START LISTEN TCP; SYSTEM START LISTEN HTTP; SELECT count() FROM file('-', 'LineAsString') FORMAT Null"

library = ctypes.CDLL(sys.argv[1])
library.chdb_query_cmdline.restype = ctypes.c_void_p
library.chdb_query_cmdline.argtypes = [ctypes.c_int, ctypes.POINTER(ctypes.c_char_p)]
library.chdb_result_error.restype = ctypes.c_char_p
library.chdb_result_error.argtypes = [ctypes.c_void_p]

arguments = ["clickhouse-local", *sys.argv[2:], "--query", LISTEN]
result = library.chdb_query_cmdline(len(arguments), (ctypes.c_char_p * (len(arguments) + 1))(*[argument.encode() for argument in arguments], None))
error = library.chdb_result_error(result)
sys.exit(error.decode(errors="replace") if error else 0)
