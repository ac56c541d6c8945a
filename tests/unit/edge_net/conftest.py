"""Runs every asynchronous test of this folder on both event loops: the product uses uvloop where it exists."""

import asyncio

import uvloop


def pytest_asyncio_loop_factories(config, item):
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
