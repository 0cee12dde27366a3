"""How much of ccxt is imported: the venue that is used, and everything else only when somebody asks for it."""

import json
import subprocess
import sys

import pytest

from engine.adapters.ccxt_modules import POLLING, STREAMING, speaks

# binanceusdm and bequant stand on the classes of others; a process of its own, since this one knows ccxt already
CHILD = """
import json, sys
from engine.adapters.ccxt_modules import POLLING, STREAMING, venue_class
said = {}
for name in ("bybit", "binanceusdm", "bequant", "kraken"):
    streaming, polling = venue_class(STREAMING, name), venue_class(POLLING, name)
    said[name] = [polling().id, streaming().id, streaming.__module__]
said["others"] = sorted({"ccxt.okx", "ccxt.async_support.okx", "ccxt.pro.okx", "ccxt.bybit"} & set(sys.modules))
import ccxt, ccxt.pro
from ccxt import NetworkError
said["polling"], said["streaming"] = ccxt.async_support.exchanges, ccxt.pro.exchanges
said["later"] = [ccxt.okx().id, ccxt.async_support.okx.__name__]
said["same"] = [ccxt.async_support.bybit is venue_class(POLLING, "bybit"), NetworkError is ccxt.NetworkError]
json.dump(said, sys.stdout)
"""


def test_only_the_venue_that_is_used_is_imported_and_the_rest_is_there_when_it_is_asked_for() -> None:
    child = subprocess.run([sys.executable, "-c", CHILD], capture_output=True, text=True, timeout=60, check=False)
    assert child.returncode == 0, child.stderr
    said = json.loads(child.stdout)
    assert said["bybit"] == ["bybit", "bybit", "ccxt.pro.bybit"]
    assert said["binanceusdm"] == ["binanceusdm", "binanceusdm", "ccxt.pro.binanceusdm"]
    assert said["bequant"] == ["bequant", "bequant", "ccxt.pro.bequant"]
    assert said["kraken"] == ["kraken", "kraken", "ccxt.pro.kraken"]
    assert said["others"] == []
    assert said["later"] == ["okx", "okx"]
    assert said["same"] == [True, True]
    for package, ids in ((POLLING, said["polling"]), (STREAMING, said["streaming"])):
        assert all(speaks(package, name) for name in ids)


@pytest.mark.parametrize("name", ["", "base", "__init__", "../pro/bybit", "bibyt", "Bybit"])
def test_what_is_no_venue_is_not_taken_for_one(name: str) -> None:
    assert not speaks(POLLING, name)
