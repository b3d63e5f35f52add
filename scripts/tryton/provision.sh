#!/usr/bin/env bash
# Makes, once, the Tryton database that the connector's tests run on, and prints its folder on the last line.
#   scripts/tryton/provision.sh [CACHE_FOLDER]     (default: .cache/tryton in the project)
# The folder holds pricelane.sqlite and expected.json. Takes about a minute the first time, then nothing:
# it is made anew when these scripts or the version of Tryton change.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${1:-$here/../../.cache/tryton}
python=/usr/bin/python3 # Debian's own: its packages are for no other
packages="tryton-server tryton-modules-sale-price-list tryton-modules-product-price-list-dates
  tryton-modules-product-price-list-parent tryton-modules-stock tryton-modules-sale-stock-quantity
  tryton-modules-account-invoice tryton-modules-sale-credit-limit tryton-modules-account-credit-limit"

missing() {
  echo "tryton: $1. On Debian 12:" >&2
  echo "  apt-get install --no-install-recommends" $packages >&2
  exit 3
}

[ -x /usr/bin/trytond ] || missing "the server /usr/bin/trytond is not installed"
versions=$("$python" - <<'PY'
from importlib import import_module, util
wanted = [
    'sale_price_list', 'product_price_list_dates', 'product_price_list_parent', 'stock', 'sale_stock_quantity',
    'account_invoice', 'sale_credit_limit', 'account_credit_limit']
try:
    import trytond
    from trytond.modules import get_module_info
    print(trytond.__version__, *(get_module_info(name)['version'] for name in wanted))
except Exception as error:
    raise SystemExit(str(error))
PY
) || missing "some of its modules are not installed"

key=$({ echo "$versions"; cat "$here"/*.py "$here/provision.sh"; } | sha256sum | cut -c1-16)
mkdir -p "$cache"
cache=$(cd "$cache" && pwd)
exec 9>"$cache/lock"
flock 9 # a second run waits here and finds the work done

if [ ! -f "$cache/$key/expected.json" ]; then
  echo "tryton: making the test database for Tryton ${versions%% *}, about a minute" >&2
  rm -rf "$cache"/making.* # left by a run that was broken off
  making=$(mktemp -d "$cache/making.XXXXXX")
  PYTHONDONTWRITEBYTECODE=1 "$python" -W ignore "$here/provision.py" "$making" >&2
  rm -rf "${cache:?}/$key"
  mv "$making" "$cache/$key"
else
  echo "tryton: the test database of these scripts and Tryton ${versions%% *} is there" >&2
fi
echo "$cache/$key"
