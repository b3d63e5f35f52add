"""What Tryton itself answers, told by real sales made line by line as its client makes them."""
from contextlib import contextmanager
from decimal import Decimal

from trytond.pool import Pool
from trytond.transaction import Transaction

QUANTITIES = {
    'DOZEN-1': [1, 2, 3, 4, 5],
    'POWDER-1': [0.01, 1, 2.24, 2.25, 2.5, 2.51, 3],
    'CABLE-1': [0.01, 1, 12.49, 12.5, 20],
    'VALVE-002': [1, 4, 5, 9, 10, 24, 25, 26, 49, 50, 99, 100, 101, 250, 1000],
    }
DEFAULT_QUANTITIES = [1, 9, 10, 11, 19, 20, 39, 40, 49, 50, 249, 250]
FEW_QUANTITIES = [1, 10, 50]
POISONED = {('C-BREAKS', 'TOOL-006'), ('C-CHILD', 'TOOL-006')}
UNSOLD = {'OLD-1', 'INTERNAL-1', 'HALF-TWIN-1 (old)'}


def plain(number):
    return format(Decimal(str(number)).normalize(), 'f') if number else '0'


def quantities_of(code):
    if code in QUANTITIES:
        return QUANTITIES[code]
    return DEFAULT_QUANTITIES if code.startswith('VALVE-00') else FEW_QUANTITIES


def sold(products):
    return {
        code: product for code, product in products.items()
        if code not in UNSOLD and not code.startswith('TWIN')}


def new_sale(party, currency):
    Sale = Pool().get('sale.sale')
    sale = Sale(**Sale.default_get(['company', 'currency', 'warehouse'], with_rec_name=False))
    sale.on_change_company()
    if party:
        sale.party = party
        sale.on_change_party()
    if currency:
        sale.currency = currency
    return sale


def price_lines(party, products, currency=None):
    Line = Pool().get('sale.line')
    sale = new_sale(party, currency)
    answers = []
    lines = []
    for code, product in sold(products).items():
        if party and (party.code, code) in POISONED:
            continue
        for quantity in quantities_of(code):
            with as_asked_by_a_client():
                line = Line(sale=sale, product=product)
                line.on_change_product()
                line.quantity = quantity
                line.on_change_quantity()
            lines.append(line)
            answers.append({
                    'customer': party.code if party else None,
                    'sku': code,
                    'quantity': plain(quantity),
                    'currency': sale.currency.code,
                    'unitPrice': plain(line.unit_price),
                    'taxRate': tax_rate(line),
                    'unit': line.unit.name,
                    'priceList': sale.price_list.name if sale.price_list else None,
                    })
    if party:
        sale.lines = lines
        sale.save()   # refused if any line were one that a user could not enter
        for answer, line in zip(answers, Pool().get('sale.sale')(sale.id).lines):
            assert plain(line.unit_price) == answer['unitPrice'], answer
    return answers


@contextmanager
def as_asked_by_a_client():
    # A change in a form runs read only, where a product without an accounting category is no error yet.
    transaction = Transaction()
    transaction.readonly = True
    try:
        yield
    finally:
        transaction.readonly = False


def tax_rate(line):
    Tax = Pool().get('account.tax')
    if not line.product.account_category or any(tax.type != 'percentage' for tax in line.taxes):
        return None
    amounts = Tax.compute(list(line.taxes), Decimal(100), 1)
    return plain(sum((row['amount'] for row in amounts), Decimal(0)))


def stock_lines(products, warehouses):
    """Counted from the moves themselves, in the unit that the product is sold in."""
    pool = Pool()
    Location = pool.get('stock.location')
    Move = pool.get('stock.move')
    Uom = pool.get('product.uom')
    answers = []
    for warehouse in warehouses:
        inside = {place.id for place in Location.search([('parent', 'child_of', [warehouse.id])])}
        for code, product in sold(products).items():
            there, later = 0, 0
            for move in Move.search([('product', '=', product.id), ('state', '!=', 'cancelled')]):
                sign = (move.to_location.id in inside) - (move.from_location.id in inside)
                amount = sign * Uom.compute_qty(move.uom, move.quantity, product.default_uom)
                later += amount
                if move.state == 'done' or (move.state == 'assigned' and sign < 0):
                    there += amount
            least = product.default_uom.round(max(0, min(there, later)))
            in_sale_unit = Uom.compute_qty(product.default_uom, least, product.sale_uom, round=False)
            answers.append({
                    'sku': code,
                    'warehouse': warehouse.code or warehouse.name,
                    'available': plain(product.sale_uom.floor(in_sale_unit)),
                    })
    return answers


def customer_lines(parties):
    answers = []
    for code, party in parties.items():
        sale = new_sale(party, None)
        limit = party.credit_limit_amount
        answers.append({
                'code': code,
                'name': party.name,
                'currency': sale.currency.code,
                'paymentTerms': sale.payment_term.name if sale.payment_term else None,
                'creditLimit': None if limit is None else plain(limit),
                'creditAvailable': None if limit is None else plain(limit - party.credit_amount),
                'list': sale.price_list.name if sale.price_list else None,
                })
    return answers


def answers_of(products, parties, warehouses):
    pool = Pool()
    Currency = pool.get('currency.currency')
    dollar, = Currency.search([('code', '=', 'USD')])
    prices = price_lines(None, products)
    for party in parties.values():
        prices += price_lines(party, products)
    for code in ['C-BREAKS', 'C-FIXED']:
        prices += price_lines(parties[code], products, dollar)
    answers = {
        'prices': prices,
        'stock': stock_lines(products, warehouses),
        'customers': customer_lines(parties),
        'poisoned': [{'customer': customer, 'sku': sku} for customer, sku in sorted(POISONED)],
        'sellable': sorted(product.code for product in sold(products).values()) + ['TWIN-1'],
        }
    Transaction().rollback()   # the sales above were only asked for
    configuration = pool.get('sale.configuration')(1)
    configuration.sale_price_list = None
    configuration.save()
    answers['pricesWithoutDefaultList'] = price_lines(None, products)
    Transaction().rollback()
    return answers
