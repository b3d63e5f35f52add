"""Makes the test database and the answers expected of it: provision.py FOLDER (empty, made by provision.sh)."""
import json
import pathlib
import sys
import time

import database

NAME = 'pricelane'


def main(folder):
    started = time.monotonic()

    def say(text):
        print('tryton: %5.1f s  %s' % (time.monotonic() - started, text), flush=True)

    database.configure(folder)
    pool = database.create(folder, NAME)
    say('%d modules activated, with what they need' % len(database.MODULES))

    import catalogue
    import company as base
    import expected
    from trytond.transaction import Transaction

    with Transaction().start(NAME, 1, context={'_skip_warnings': True}):
        company = base.create_company()
        admin = base.create_users(company)
        admin_id, company_id = admin.id, company.id
    with base.as_company(NAME, admin_id, company_id):
        company = pool.get('company.company')(company_id)
        accounts = base.create_accounts(company)
        taxes, rule = base.create_taxes(company, accounts)
        terms = base.create_payment_terms()
        say('company with accounts, taxes, payment terms and users')
        categories = catalogue.create_categories(taxes, accounts)
        products = catalogue.create_products(catalogue.create_units(), categories)
        lists = catalogue.create_price_lists(company, categories, products)
        parties = catalogue.create_customers(lists, terms, rule)
        catalogue.set_defaults(lists['retail'], terms['cash'])
        say('%d products, %d price lists, %d customers' % (len(products), len(lists), len(parties)))
        warehouses = catalogue.create_stock(company, products, parties['C-DEFAULT'])
        catalogue.use_credit(parties['C-CREDIT'], products['VALVE-020'], 20, warehouses[0])
        ids = (
            {code: product.id for code, product in products.items()},
            {code: party.id for code, party in parties.items()},
            [warehouse.id for warehouse in warehouses])
        say('%d warehouses with stock, a confirmed sale' % len(warehouses))
    with base.as_company(NAME, admin_id, company_id):
        Product, Party, Location = map(pool.get, ['product.product', 'party.party', 'stock.location'])
        answers = expected.answers_of(
            {code: Product(id_) for code, id_ in ids[0].items()},
            {code: Party(id_) for code, id_ in ids[1].items()},
            [Location(id_) for id_ in ids[2]])
    answers['credentials'] = {
        'database': NAME, 'company': 'Pricelane Test Company',
        'user': base.API_USER, 'password': base.API_PASSWORD,
        'admin': 'admin', 'adminPassword': base.ADMIN_PASSWORD}
    (folder / 'expected.json').write_text(json.dumps(answers, indent=1, ensure_ascii=False))
    say('%d prices, %d stocks, %d customers expected' % tuple(
            len(answers[part]) for part in ['prices', 'stock', 'customers']))


main(pathlib.Path(sys.argv[1]).resolve())
