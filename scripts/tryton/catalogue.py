"""Products, price lists, customers and stock of the test database."""
from decimal import Decimal

from trytond.pool import Pool
from trytond.transaction import Transaction

D = Decimal


def create_categories(taxes, accounts):
    pool = Pool()
    Category = pool.get('product.category')

    def category(name, parent=None, taxes=()):
        accounting = parent is None and name.startswith('Accounts')
        made = Category(name=name, parent=parent, accounting=accounting)
        if accounting:
            made.account_revenue = accounts['revenue']
            made.account_expense = accounts['expense']
            made.customer_taxes = list(taxes)
        made.save()
        return made

    hydraulics = category('Hydraulics')
    return {
        'hydraulics': hydraulics,
        'valves': category('Valves', parent=hydraulics),
        'tools': category('Tools'),
        'standard': category('Accounts standard', taxes=[taxes['standard']]),
        'reduced': category('Accounts reduced', taxes=[taxes['reduced']]),
        'none': category('Accounts without tax'),
        'eco': category('Accounts with a fixed tax', taxes=[taxes['standard'], taxes['eco']]),
        }


def create_units():
    pool = Pool()
    Uom = pool.get('product.uom')
    unit, = Uom.search([('name', '=', 'Unit')])
    gram, = Uom.search([('name', '=', 'Gram')])
    kilogram, = Uom.search([('name', '=', 'Kilogram')])
    metre, = Uom.search([('name', '=', 'Meter')])
    dozen = Uom(
        name='Dozen', symbol='dz', category=unit.category,
        factor=12.0, rate=round(1 / 12, 12), digits=0, rounding=1)
    dozen.save()
    return {'unit': unit, 'gram': gram, 'kilogram': kilogram, 'metre': metre, 'dozen': dozen}


def create_products(units, categories):
    """SKU to product. Lists of codes that must not be sold are told by their names."""
    pool = Pool()
    Template = pool.get('product.template')
    Product = pool.get('product.product')
    products = {}

    def product(code, price, key=None, unit='unit', sale=None, account='standard',
            categories_=('tools',), cost=None, active=True, salable=True, type='goods'):
        template = Template(
            name='Product ' + code, type=type, default_uom=units[unit],
            salable=salable, sale_uom=units[sale or unit], list_price=D(price),
            cost_price_method='fixed', account_category=categories[account] if account else None,
            categories=[categories[c] for c in categories_])
        cost = cost if cost is not None else (D(price) / 2).quantize(D('0.0001'))
        template.products = [Product(suffix_code=code, cost_price=cost)]
        template.save()
        products[key or code], = template.products
        if not active:
            template.products[0].active = False
            template.products[0].save()
            template.active = False
            template.save()

    for n in range(1, 31):
        product('VALVE-%03d' % n, D(n * n) / 8 + D('3.07'), categories_=('valves',),
            account='reduced' if n % 10 == 0 else 'standard')
    for n in range(1, 7):
        product('TOOL-%03d' % n, D('12.90') * n, cost=D('5') if n == 6 else None)
    product('FINE-1', '12.3457')
    product('FINE-2', '0.0125')   # 10 % off lands on a half of the last decimal
    product('FINE-3', '0.0375')
    product('FREE-1', '0')
    product('ECO-1', '49.99', account='eco')
    product('NO-TAX-1', '8.50', account='none')
    product('NO-CATEGORY-1', '17.20', account=None, categories_=())
    product('SERVICE-1', '95', type='service')
    product('DOZEN-1', '0.4319', sale='dozen')
    product('POWDER-1', '0.0093', unit='gram', sale='kilogram')
    product('CABLE-1', '2.3456', unit='metre')
    product("L'ÉTÉ 1/2 \"x\" %", '5.25')
    product('OLD-1', '4.00', active=False)
    product('INTERNAL-1', '4.00', salable=False)
    product('TWIN-1', '6.00')
    product('TWIN-2', '7.00')
    product('HALF-TWIN-1', '7.00', key='HALF-TWIN-1 (old)', active=False)
    product('HALF-TWIN-1', '6.00')
    _force_code(products['TWIN-2'], 'TWIN-1')
    return products


def _force_code(product, code):
    # Tryton 6.0 refuses a second active product of one code; loads by SQL and older versions left some.
    table = Pool().get('product.product').__table__()
    Transaction().connection.cursor().execute(*table.update(
            [table.code, table.suffix_code], [code, code], where=table.id == product.id))


def create_price_lists(company, categories, products):
    pool = Pool()
    PriceList = pool.get('product.price_list')
    Line = pool.get('product.price_list.line')
    Date = pool.get('ir.date')
    today = Date.today()

    def price_list(name, lines, **fields):
        made = PriceList(name=name, company=company, **fields)
        made.lines = [
            Line(sequence=n, **{'formula': formula, **match}) for n, (formula, match) in enumerate(lines)]
        made.save()
        return made

    valves, hydraulics = categories['valves'], categories['hydraulics']
    percent = price_list('Trade 10 %', [('unit_price * 0.9', {})])
    breaks = price_list('Quantity breaks', [
            ('7.7777', {'product': products['VALVE-002'], 'quantity': 100}),
            ('unit_price * 0.88', {'product': products['VALVE-002'], 'quantity': 25}),
            ('unit_price * 0.95', {'product': products['VALVE-002'], 'quantity': 5}),
            ('unit_price * 0.7', {'category': valves, 'quantity': 250}),
            ('unit_price * 0.8', {'category': hydraulics, 'quantity': 50}),
            ('unit_price * 0.876543', {'category': hydraulics, 'quantity': 10}),
            ('unit_price * 0.93', {'product': products['DOZEN-1'], 'quantity': 30}),
            ('unit_price * 0.91', {'product': products['POWDER-1'], 'quantity': 2500.5}),
            ('unit_price * 0.985', {'product': products['CABLE-1'], 'quantity': 12.5}),
            ('unit_price / (cost_price - 5)', {'product': products['TOOL-006']}),
            ('unit_price * 0.97', {'quantity': 20}),
            ])
    in_sale_unit = price_list('Breaks in the sale unit', [
            ('unit_price * 0.9', {'product': products['DOZEN-1'], 'quantity': 3}),
            ('unit_price * 0.9', {'product': products['POWDER-1'], 'quantity': 2.25}),
            ('unit_price', {}),
            ], unit='product_sale')
    fixed = price_list('Fixed prices', [
            ('4.4', {'product': products['VALVE-001']}),
            ('1234567.8901', {'product': products['VALVE-003']}),
            ('0', {'product': products['VALVE-004']}),
            ('cost_price * 1.3333', {'category': valves}),
            ('unit_price', {}),
            ])
    gross = price_list('Tax included', [
            ('unit_price * 1.15', {'quantity': 10}), ('unit_price * 1.2', {})], tax_included=True)
    child = price_list('Child', [
            ('parent_unit_price * 0.98', {'quantity': 40}), ('parent_unit_price * 0.99', {})], parent=breaks)
    dated = price_list('Dated', [
            ('unit_price * 0.5', {'end_date': today.replace(year=2020, day=1)}),
            ('unit_price * 0.4', {'start_date': today.replace(year=2090, day=1)}),
            ('unit_price * 0.85', {'end_date': today.replace(year=2099, day=1)}),
            ('unit_price', {}),
            ])
    retail = price_list('Retail', [('unit_price * 0.98', {'quantity': 20}), ('unit_price', {})])
    return {
        'percent': percent, 'breaks': breaks, 'sale unit': in_sale_unit, 'fixed': fixed,
        'gross': gross, 'child': child, 'dated': dated, 'retail': retail}


def create_customers(price_lists, terms, rule):
    pool = Pool()
    Party = pool.get('party.party')
    Address = pool.get('party.address')

    def customer(code, price_list=None, term=None, **fields):
        made = Party(name='Customer ' + code, code=code, addresses=[Address(street='1 Main Street')], **fields)
        made.save()
        made.sale_price_list = price_lists[price_list] if price_list else None
        made.customer_payment_term = terms[term] if term else None
        made.save()
        return made

    return {party.code: party for party in [
            customer('C-DEFAULT'),
            customer('C-PERCENT', 'percent', 'days'),
            customer('C-PERCENT-2', 'percent', 'month'),
            customer('C-BREAKS', 'breaks'),
            customer('C-SALE-UNIT', 'sale unit'),
            customer('C-FIXED', 'fixed'),
            customer('C-GROSS', 'gross'),
            customer('C-GROSS-EXPORT', 'gross', customer_tax_rule=rule),
            customer('C-EXPORT', 'percent', customer_tax_rule=rule),
            customer('C-CHILD', 'child'),
            customer('C-DATED', 'dated'),
            customer('C-CREDIT', 'percent', 'days', credit_limit_amount=D('5000')),
            ]}


def set_defaults(price_list, term):
    # After the customers: a party made later would keep its own copy of the defaults.
    pool = Pool()
    sales = pool.get('sale.configuration')(1)
    sales.sale_price_list = price_list
    sales.save()
    accounting = pool.get('account.configuration')(1)
    accounting.default_customer_payment_term = term
    accounting.save()


def create_stock(company, products, customer):
    pool = Pool()
    Location = pool.get('stock.location')
    Move = pool.get('stock.move')
    main, = Location.search([('type', '=', 'warehouse')])
    second, = Location.copy([main], {'name': 'Second warehouse', 'code': 'W2'})
    lost, = Location.search([('type', '=', 'lost_found')], limit=1)

    def move(code, quantity, source, target, unit=None):
        made = Move(
            product=products[code], uom=unit or products[code].default_uom, quantity=quantity,
            from_location=source, to_location=target, company=company,
            unit_price=D('1'), currency=company.currency)
        made.save()
        return made

    into = []
    for n in range(1, 31):
        into.append(move('VALVE-%03d' % n, n * 3, lost, main.storage_location))
        if n % 3 == 0:
            into.append(move('VALVE-%03d' % n, n, lost, second.storage_location))
    into.append(move('DOZEN-1', 100, lost, main.storage_location))
    into.append(move('POWDER-1', 12345.67, lost, main.storage_location))
    into.append(move('CABLE-1', 0.1, lost, main.storage_location))
    into.append(move('CABLE-1', 0.2, lost, main.storage_location))
    into.append(move('TOOL-001', 10, lost, main.storage_location))
    into.append(move('TOOL-002', 10, lost, main.storage_location))
    into.append(move('TOOL-004', 10, lost, main.storage_location))
    into.append(move('TOOL-003', 2, lost, main.storage_location))
    Move.do(into)
    Move.do([move('VALVE-010', 4, main.storage_location, customer.customer_location)])
    # Ten there, four assigned to a delivery, three more promised by a planned one.
    Move.assign([move('TOOL-001', 4, main.storage_location, customer.customer_location)])
    move('TOOL-001', 3, main.storage_location, customer.customer_location)
    # Four of ten assigned, and more on its way than that.
    Move.assign([move('TOOL-004', 4, main.storage_location, customer.customer_location)])
    move('TOOL-004', 50, lost, main.storage_location)
    move('TOOL-002', 25, lost, main.storage_location)   # on its way, not here yet
    move('TOOL-003', 5, main.storage_location, customer.customer_location)   # promised beyond what is there
    return [main, second]


def use_credit(party, product, quantity, warehouse):
    """A confirmed sale that is not invoiced yet takes from the credit."""
    pool = Pool()
    Sale = pool.get('sale.sale')
    Line = pool.get('sale.line')
    sale = Sale(party=party, warehouse=warehouse)
    sale.on_change_party()
    line = Line(sale=sale, product=product, quantity=quantity)
    line.on_change_product()
    sale.lines = [line]
    sale.save()
    Sale.quote([sale])
    Sale.confirm([sale])
