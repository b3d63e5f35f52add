"""The company of the test database: currencies, accounts, taxes, payment terms, users."""
from decimal import Decimal

from trytond.pool import Pool
from trytond.transaction import Transaction

ADMIN_PASSWORD = 'Maydo4thesuit!'
API_USER = 'pricelane'
API_PASSWORD = 'Kept4usonly!'


def data_id(module, name):
    return Pool().get('ir.model.data').get_id(module, name)


def create_company():
    pool = Pool()
    Currency = pool.get('currency.currency')
    Rate = pool.get('currency.currency.rate')
    Party = pool.get('party.party')
    Company = pool.get('company.company')
    Date = pool.get('ir.date')

    def currency(code, symbol, rate, digits=2):
        made = Currency(
            name=code, code=code, symbol=symbol, digits=digits,
            rounding=Decimal(1).scaleb(-digits))
        made.save()
        if rate is not None:
            Rate(currency=made, date=Date.today().replace(month=1, day=1), rate=rate).save()
        return made

    euro = currency('EUR', '€', Decimal('1.0'))
    currency('USD', '$', Decimal('1.0837'))
    currency('GBP', '£', None)
    party = Party(name='Pricelane Test Company', code='OUR-COMPANY')
    party.save()
    company = Company(party=party, currency=euro)
    company.save()
    return company


def create_api_group():
    """What docs/erp/tryton.md tells the reader to grant, and no more: so the tests prove that it is enough."""
    pool = Pool()
    Group = pool.get('res.group')
    Access = pool.get('ir.model.access')
    Model = pool.get('ir.model')
    group = Group(name='Pricelane')
    group.save()
    moves, = Model.search([('model', '=', 'stock.move')])
    Access(
        model=moves, group=group, perm_read=True, perm_write=False,
        perm_create=False, perm_delete=False).save()
    return group


def create_users(company):
    pool = Pool()
    User = pool.get('res.user')
    admin, = User.search([('login', '=', 'admin')])
    admin.password = ADMIN_PASSWORD
    api = User(name='Pricelane', login=API_USER, password=API_PASSWORD)
    api.groups = [create_api_group()]
    for user in [admin, api]:
        user.companies = [company]
        user.company = company
        user.save()
    return admin


def create_accounts(company):
    pool = Pool()
    Account = pool.get('account.account')
    Template = pool.get('account.account.template')
    CreateChart = pool.get('account.create_chart', type='wizard')
    Configuration = pool.get('account.configuration')

    session_id, _, _ = CreateChart.create()
    chart = CreateChart(session_id)
    chart.account.account_template = Template(data_id('account', 'account_template_root_en'))
    chart.account.company = company
    chart.transition_create_account()
    kinds = {}
    kinds['tax'], = Account.search([('name', '=', 'Main Tax'), ('company', '=', company.id)])
    for kind in ['receivable', 'payable', 'revenue', 'expense']:
        kinds[kind], = Account.search([
                ('type.' + kind, '=', True), ('company', '=', company.id)], limit=1)
    chart.properties.company = company
    chart.properties.account_receivable = kinds['receivable']
    chart.properties.account_payable = kinds['payable']
    chart.transition_create_properties()
    configuration = Configuration(1)
    configuration.default_category_account_revenue = kinds['revenue']
    configuration.default_category_account_expense = kinds['expense']
    configuration.save()
    return kinds


def create_taxes(company, accounts):
    pool = Pool()
    Tax = pool.get('account.tax')
    Rule = pool.get('account.tax.rule')
    RuleLine = pool.get('account.tax.rule.line')

    def tax(name, **fields):
        made = Tax(
            name=name, description=name, company=company,
            invoice_account=accounts['tax'], credit_note_account=accounts['tax'], **fields)
        made.save()
        return made

    taxes = {
        'standard': tax('VAT 20 %', type='percentage', rate=Decimal('0.2')),
        'reduced': tax('VAT 5.5 %', type='percentage', rate=Decimal('0.055')),
        'export': tax('VAT 0 %', type='percentage', rate=Decimal('0')),
        'eco': tax('Eco contribution', type='fixed', amount=Decimal('0.15')),
        }
    rule = Rule(name='Export', company=company, kind='sale')
    rule.lines = [RuleLine(origin_tax=taxes['standard'], tax=taxes['export'])]
    rule.save()
    # The account's own tax answers for products without an accounting category.
    revenue = accounts['revenue']
    revenue.taxes = [taxes['standard']]
    revenue.save()
    return taxes, rule


def create_payment_terms():
    pool = Pool()
    Term = pool.get('account.invoice.payment_term')
    Line = pool.get('account.invoice.payment_term.line')
    Delta = pool.get('account.invoice.payment_term.line.delta')

    def term(name, *deltas):
        made = Term(name=name, lines=[
                Line(type='remainder', relativedeltas=[Delta(**delta) for delta in deltas])])
        made.save()
        return made

    return {
        'cash': term('on receipt', {'days': 0}),
        'days': term('30 days', {'days': 30}),
        'month': term('45 days end of month', {'days': 45}, {'day': 31}),
        }


def as_company(name, user, company):
    """Every record is made as the client would make it: by a user of the company."""
    return Transaction().start(name, user, context={
            'company': company, 'companies': [company], '_skip_warnings': True, 'language': 'en'})
