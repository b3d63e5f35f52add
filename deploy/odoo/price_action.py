# Pricelane asks Odoo by this code for the prices of many products at many quantities in one call, and for the fiscal positions of
# customers. Where it goes, and how to let Pricelane's user run it: docs/erp/odoo.md. It runs with that user's own rights, reads,
# and changes nothing. This is version 2; an older Pricelane, which asks without a version, is answered as by version 1.
#
# Asked in the context, as `pricelane`: {'version': 2, 'pricelist': its id, or False, 'asks': [[quantity, [product ids]], …],
#   'position': the id of a fiscal position, or False, 'partners': [contact ids]}.
# Answers {'pricelane': 2, 'prices': [[product id, index of the ask, price], …], 'errors': [[product id, index, why], …],
#   'taxes': [[product id, [tax ids]], …], where a position is asked, 'positions': [[contact id, position id, or False, why not], …]}.
# With a position, prices and taxes are those that a line of an order with it has.
asked = env.context.get('pricelane') or {}
answer = {'pricelane': 1, 'prices': [], 'errors': []}
if (asked.get('version') or 1) >= 2:
    answer.update({'pricelane': 2, 'taxes': [], 'positions': []})
pricelist = env['product.pricelist'].browse(asked.get('pricelist') or []).exists()
if asked.get('pricelist') and not pricelist:
    raise UserError('There is no price list %s.' % asked.get('pricelist'))
currency = pricelist.currency_id or env.company.currency_id
position = False
if asked.get('position'):
    position = env['account.fiscal.position'].browse(asked.get('position')).exists()
    if not position:
        raise UserError('There is no fiscal position %s.' % asked.get('position'))

# As a new order finds its position: by the contact, and by the delivery address that it proposes.
for partner in env['res.partner'].browse(asked.get('partners') or []).exists():
    try:
        delivery = env['res.partner'].browse(partner.address_get(['delivery'])['delivery'])
        found = env['account.fiscal.position']._get_fiscal_position(partner, delivery)
        answer['positions'].append([partner.id, found.id or False, ''])
    except Exception as error:
        answer['positions'].append([partner.id, False, str(error)[:200] or 'it does not say why'])

index = 0
taxes = {}
for quantity, ids in asked.get('asks') or []:
    products = env['product.product'].browse(ids).exists()
    try:
        prices = pricelist._get_products_price(products, quantity)
    except Exception:
        # One product that cannot be priced must not keep the others from their prices.
        prices = {}
        for product in products:
            try:
                prices.update(pricelist._get_products_price(product, quantity))
            except Exception as error:
                answer['errors'].append([product.id, index, str(error)[:200]])
    for product in products:
        if product.id not in prices:
            continue
        price = prices[product.id]
        try:
            if position:
                if product.id not in taxes:
                    # Those of the company, else of the company above it.
                    company = env.company
                    own = product.taxes_id.filtered_domain([('company_id', '=', company.id)])
                    while product.taxes_id and not own and company.sudo().parent_id:
                        company = company.sudo().parent_id
                        own = product.taxes_id.filtered_domain([('company_id', '=', company.id)])
                    mapped = position.map_tax(own) if own else own
                    taxes[product.id] = own
                    answer['taxes'].append([product.id, mapped.ids])
                # Where all of them are in the price, Odoo takes them out, and puts those in that the price has now.
                price = product._get_tax_included_unit_price(
                    env.company, currency, False, 'sale', product_price_unit=price, product_currency=currency,
                    product_taxes=taxes[product.id], fiscal_position=position,
                )
            answer['prices'].append([product.id, index, price])
        except Exception as error:
            answer['errors'].append([product.id, index, str(error)[:200]])
    index += 1
action = answer
