-- Queries for tables.sql on MySQL and MariaDB. Each stands below a line with its name; see docs/erp/sql.md.

-- name: prices
SELECT sku, customer, currency, minimum_quantity, net, tax_rate, unit, order_increment, price_list
FROM (
  SELECT a.sku, p.customer, p.currency, p.minimum_quantity, p.net, a.tax_rate, a.unit,
         a.order_step AS order_increment, p.price_list,
         -- the customer's own price wins over its list's, and that over everybody's
         RANK() OVER (PARTITION BY a.sku ORDER BY p.customer IS NULL, p.price_list IS NULL) AS choice
  FROM article a
  JOIN price p ON p.sku = a.sku
  WHERE a.sku IN (:skus)
    AND (p.customer IS NULL OR p.customer = :customer)
    AND (p.price_list IS NULL OR p.price_list = (SELECT price_list FROM client WHERE code = :customer))
) candidates
WHERE choice = 1

-- name: stock
SELECT a.sku, s.warehouse, s.available
FROM article a
LEFT JOIN stock s ON s.sku = a.sku
WHERE a.sku IN (:skus)

-- name: customers
SELECT code AS customer, name, currency, payment_terms, credit_limit,
       credit_limit - credit_used AS credit_available, is_blocked = 1 AS blocked,
       -- who has prices of its own shares none
       CASE WHEN EXISTS (SELECT 1 FROM price WHERE price.customer = code) THEN NULL ELSE price_list END AS price_scope
FROM client
WHERE code IN (:customers)

-- name: products
SELECT sku FROM article WHERE sku > :after ORDER BY sku LIMIT :limit

-- name: changes
SELECT id AS change_id, kind, sku, customer, price_scope FROM change_log WHERE id > :since ORDER BY id LIMIT :limit

-- name: newest_change
SELECT COALESCE(MAX(id), 0) AS change_id FROM change_log
