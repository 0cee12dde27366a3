"""The book of the lab's measurements: 25 assets in six baskets, all with hourly prices from January 2021 on."""

_BASKETS = {
    "layer-1": "ETH SOL AVAX NEAR",
    "defi": "UNI AAVE SUSHI COMP",
    "payments": "XRP XLM LTC TRX",
    "scaling": "MATIC LINK DOT ATOM",
    "oldguard": "ADA EOS ETC NEO",
    "majors": "BTC BNB DOGE FIL ALGO",
}
ASSETS = tuple(asset for names in _BASKETS.values() for asset in names.split())


def _table(name: str, names: str) -> str:
    assets = ", ".join(f'{{asset = "{asset}"}}' for asset in names.split())
    return f'[[basket]]\nname = "{name}"\nnotional = 8000\nallow_large = true\nassets = [{assets}]\n'


BOOK = "[account]\nequity = 50000\n" + "".join(_table(*each) for each in _BASKETS.items())
