-- An ERP's database made small, to try the connector on: PostgreSQL, MySQL or MariaDB. See docs/erp/sql.md.

CREATE TABLE article (
  sku VARCHAR(40) PRIMARY KEY,
  unit VARCHAR(10) NOT NULL,
  tax_rate DECIMAL(5, 2) NOT NULL,
  order_step DECIMAL(12, 3) NOT NULL
);
CREATE TABLE client (
  code VARCHAR(40) PRIMARY KEY,
  name VARCHAR(80) NOT NULL,
  currency CHAR(3) NOT NULL,
  price_list VARCHAR(20),
  payment_terms VARCHAR(40),
  credit_limit DECIMAL(12, 2),
  credit_used DECIMAL(12, 2),
  is_blocked SMALLINT NOT NULL
);
-- A row is one customer's, one price list's, or everybody's.
CREATE TABLE price (
  sku VARCHAR(40) NOT NULL,
  customer VARCHAR(40),
  price_list VARCHAR(20),
  currency CHAR(3) NOT NULL,
  minimum_quantity DECIMAL(12, 3) NOT NULL,
  net DECIMAL(18, 8) NOT NULL
);
CREATE TABLE stock (sku VARCHAR(40) NOT NULL, warehouse VARCHAR(20) NOT NULL, available DECIMAL(12, 3) NOT NULL);
CREATE TABLE change_log (
  id INTEGER PRIMARY KEY,
  kind VARCHAR(10) NOT NULL,
  sku VARCHAR(40),
  customer VARCHAR(40),
  price_scope VARCHAR(20)
);

INSERT INTO article VALUES ('SCREW-1', 'box', 20.00, 1.000), ('SCREW-2', 'box', 20.00, 5.000), ('CABLE-1', 'm', 20.00, 0.500);
INSERT INTO client VALUES
  ('C1', 'Brico Nord', 'EUR', 'TRADE', '30 days', 5000.00, 1200.50, 0),
  ('C2', 'Ateliers Roux', 'EUR', 'TRADE', NULL, NULL, NULL, 0),
  ('C3', 'Menuiserie Ain', 'EUR', 'TRADE', '60 days', NULL, NULL, 1),
  ('C4', 'Hôtel du Lac', 'EUR', NULL, NULL, NULL, NULL, 0);
INSERT INTO price VALUES
  ('SCREW-1', NULL, NULL, 'EUR', 1.000, 12.50000000),
  ('SCREW-1', NULL, NULL, 'EUR', 10.000, 11.90000000),
  ('SCREW-1', NULL, 'TRADE', 'EUR', 1.000, 10.00000000),
  ('SCREW-1', 'C2', NULL, 'EUR', 1.000, 9.12345600),
  ('SCREW-2', NULL, NULL, 'EUR', 5.000, 3.30000000),
  ('CABLE-1', NULL, NULL, 'EUR', 0.500, 0.45000000),
  ('CABLE-1', NULL, 'TRADE', 'EUR', 100.000, 0.40000000);
INSERT INTO stock VALUES ('SCREW-1', 'LYON', 40.000), ('SCREW-1', 'PARIS', 3.000), ('SCREW-2', 'LYON', 0.000), ('CABLE-1', 'PARIS', 120.500);
INSERT INTO change_log VALUES (1, 'price', 'SCREW-1', NULL, NULL), (2, 'stock', 'SCREW-1', NULL, NULL), (3, 'price', NULL, NULL, 'TRADE');
