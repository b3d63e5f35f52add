"""Runs deploy/odoo/price_action.py as Odoo would, on records that are made up, and prints what it answers as JSON.

Odoo runs it with a few names and almost none of Python's builtins, and refuses imports, names with two underscores, and the
setting of attributes.
"""

import ast
import json
import sys

source = open(sys.argv[1]).read()
asked = json.loads(sys.argv[2])

for node in ast.walk(ast.parse(source)):
    forbidden = (ast.Import, ast.ImportFrom, ast.With, ast.ClassDef, ast.FunctionDef, ast.Lambda, ast.Global)
    assert not isinstance(node, forbidden), ast.dump(node)
    name = getattr(node, "id", None) or getattr(node, "attr", None) or ""
    assert "__" not in name, name
    assert not (isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load)), ast.dump(node)


class UserError(Exception):
    pass


class Records:
    """Records of one model: an iterable of themselves, of which `known` exist."""

    def __init__(self, ids, known=(), **fields):
        self.ids, self.known, self.fields = ids, known, fields
        self.id = ids[0] if ids else False

    def __getattr__(self, name):
        return self.fields[name]

    def __iter__(self):
        return iter([type(self)([id], self.known, **self.fields) for id in self.ids])

    def __bool__(self):
        return bool(self.ids)

    def browse(self, ids):
        return type(self)(ids if isinstance(ids, list) else [ids], self.known, **self.fields)

    def exists(self):
        return self.browse([id for id in self.ids if id in self.known])

    def sudo(self):
        return self


class Lists(Records):
    @property
    def currency_id(self):
        return Records(self.ids)

    def _get_products_price(self, products, quantity):
        prices = {}
        for product in products:
            if product.id == 13:
                raise ZeroDivisionError("float division by zero")
            prices[product.id] = product.id * (0.3 if self.ids else 1.0) + quantity
        return prices


class Taxes(Records):
    """Of company 2 those from 20 on; of company 1, which is above it, the others."""

    def filtered_domain(self, domain):
        [(field, operator, company)] = domain
        assert (field, operator) == ("company_id", "=")
        return Taxes([id for id in self.ids if (id >= 20) == (company == 2)])


class Products(Records):
    @property
    def taxes_id(self):
        return Taxes({1: [3, 21], 2: [3, 4], 14: [99]}.get(self.id, []))

    def _get_tax_included_unit_price(
        self, company, currency, document_date, document_type, product_price_unit=None, product_currency=None,
        product_taxes=None, fiscal_position=None,
    ):
        assert document_type == "sale" and company.id == 2 and currency is product_currency
        if product_taxes.ids == [99]:
            raise ValueError("no price without a tax")
        return product_price_unit + 100 * fiscal_position.id if product_taxes else product_price_unit


class Positions(Records):
    def map_tax(self, taxes):
        return Taxes([id + 100 * self.id for id in taxes.ids])

    def _get_fiscal_position(self, partner, delivery):
        if partner.id == 30:
            raise ValueError("Expected singleton")
        return Positions([5] if (partner.id, delivery.id) == (31, 310) else [])


class Partners(Records):
    def address_get(self, kinds):
        assert kinds == ["delivery"]
        return {"delivery": self.id * 10, "contact": self.id}


class Environment(dict):
    context = {"pricelane": asked, "lang": "fr_FR"}
    company = Records([2], parent_id=Records([1], parent_id=Records([])), currency_id=Records([7]))


env = Environment(
    {
        "product.pricelist": Lists([], {1}),
        "product.product": Products([], {1, 2, 13, 14}),
        "account.fiscal.position": Positions([], {5}),
        "res.partner": Partners([], {30, 31, 32}),
    }
)
builtins = {"Exception": Exception, "str": str, "len": len}
scope = {"env": env, "UserError": UserError, "__builtins__": builtins}
try:
    exec(compile(source, "price_action", "exec"), scope)
except UserError as error:
    print(json.dumps({"refused": str(error)}))
else:
    print(json.dumps(scope["action"]))
