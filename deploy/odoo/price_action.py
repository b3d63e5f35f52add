# Pricelane asks Odoo by this code for the prices of many products at many quantities in one call. Where it goes, and how to
# let Pricelane's user run it: docs/erp/odoo.md. It runs with that user's own rights, reads, and changes nothing.
#
# Asked in the context, as `pricelane`: {'pricelist': its id, or False, 'asks': [[quantity, [product ids]], …]}.
# Answers {'pricelane': 1, 'prices': [[product id, index of the ask, price], …], 'errors': [[product id, index, why], …]}.
asked = env.context.get('pricelane') or {}
answer = {'pricelane': 1, 'prices': [], 'errors': []}
pricelist = env['product.pricelist'].browse(asked.get('pricelist') or []).exists()
if asked.get('pricelist') and not pricelist:
    raise UserError('There is no price list %s.' % asked.get('pricelist'))
index = 0
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
    for product_id in prices:
        answer['prices'].append([product_id, index, prices[product_id]])
    index += 1
action = answer
