import { type Mistake, optional, type Setting, secret, setting } from "./setting.js";
import {
  bearerToken,
  currencyCode,
  decimalFromZero,
  fieldName,
  httpAddress,
  oneOf,
  plainText,
  readableFile,
  sqlAddress,
  timeZone,
  wholeNumber,
  words,
} from "./setting-parsers.js";

const connectorNames = [
  "demo",
  "port",
  "tryton",
  "dolibarr",
  "erpnext",
  "odoo",
  "sql",
  "business-central",
  "sap-business-one",
] as const;

/** Which ERP is asked and how, row by row of the table of settings. */
export const connectorSettings = {
  connector: setting(
    "ERP_CONNECTOR",
    "demo",
    oneOf(...connectorNames),
    `Which ERP is asked: ${connectorNames.map((name) => `\`${name}\``).join(", ")}; docs/erp has a page for each. \`demo\` is embedded, \`port\` anything that serves docs/erp/erp-port.openapi.yaml.`,
  ),
  erpUrl: optional(
    "ERP_URL",
    httpAddress,
    "The ERP's address; not needed for `demo`, nor for `business-central` in Microsoft's public cloud. For `sap-business-one`: that of Service Layer, with its port.",
  ),
  erpToken: secret(
    "ERP_TOKEN",
    bearerToken,
    "The bearer token that the ERP port asks for; for `dolibarr`: a user's API key; for `erpnext`: a user's `key:secret`.",
  ),
  erpCompany: optional(
    "ERP_COMPANY",
    plainText,
    "The one company that this process serves; a token's `company`, where present, must equal it.",
  ),
  erpMaxConcurrency: optional(
    "ERP_MAX_CONCURRENCY",
    wholeNumber(1, 1000),
    "Most calls in flight at the ERP; the adaptive limit starts here and never exceeds it. Left out, the connector's own, which its page tells.",
  ),
  erpTimeoutMs: setting("ERP_TIMEOUT_MS", "5000", wholeNumber(1, 120_000), "How long one ERP call may take, in ms."),
  erpAbandonMs: optional(
    "ERP_ABANDON_MS",
    wholeNumber(0, 120_000),
    "How long a call that timed out still counts as under way, in ms, since the ERP may work on it; left out, as long as 95 % of the answers of late took, at most `ERP_TIMEOUT_MS`.",
  ),
  trytonDatabase: optional("TRYTON_DATABASE", plainText, "For `tryton`: the database's name."),
  trytonUser: optional("TRYTON_USER", plainText, "For `tryton`: the login of the user in whose name it is asked."),
  trytonPassword: secret("TRYTON_PASSWORD", plainText, "For `tryton`: that user's password."),
  trytonCompany: optional(
    "TRYTON_COMPANY",
    plainText,
    "For `tryton`: the company's name or id; left out, the user's own.",
  ),
  sqlUrl: optional(
    "SQL_URL",
    sqlAddress,
    "For `sql`: engine, host and database, such as `postgresql://db.example.com:5432/erp`; engines are `postgresql`, `mysql`, `mariadb` and `sqlserver`.",
  ),
  sqlUser: optional("SQL_USER", plainText, "For `sql`: a user who may read, and nothing else."),
  sqlPassword: secret("SQL_PASSWORD", plainText, "For `sql`: that user's password; left out where it needs none."),
  sqlTls: setting(
    "SQL_TLS",
    "verify",
    oneOf("verify", "require", "off"),
    "For `sql`: `verify` encrypts, and believes only a certificate that proves the host's name; `require` encrypts for whoever answers; `off` for a database on this machine or a network that you trust.",
  ),
  sqlQueriesFile: optional("SQL_QUERIES_FILE", readableFile, "For `sql`: the file of queries, see docs/erp/sql.md."),
  sqlWarehouses: optional(
    "SQL_WAREHOUSES",
    words,
    "For `sql`: the warehouses, separated by commas, that a query means by `:warehouses`.",
  ),
  dolibarrCurrency: optional(
    "DOLIBARR_CURRENCY",
    currencyCode,
    "For `dolibarr`: the company's currency, such as `EUR`.",
  ),
  dolibarrCustomerField: setting(
    "DOLIBARR_CUSTOMER_FIELD",
    "code_client",
    oneOf("code_client", "ref_ext"),
    "For `dolibarr`: the field of a third party that a token's `sub` names.",
  ),
  dolibarrPublicLevel: setting(
    "DOLIBARR_PUBLIC_LEVEL",
    "1",
    wholeNumber(1, 100),
    "For `dolibarr`: the price level that is public, where it keeps levels.",
  ),
  erpnextCompany: optional("ERPNEXT_COMPANY", plainText, "For `erpnext`: the company that sells."),
  erpnextPriceList: setting(
    "ERPNEXT_PRICE_LIST",
    "Standard Selling",
    plainText,
    "For `erpnext`: the price list of the public, and of customers who have none.",
  ),
  erpnextCustomerField: setting(
    "ERPNEXT_CUSTOMER_FIELD",
    "name",
    fieldName,
    "For `erpnext`: the field of a customer that a token's `sub` names; `name` is its id.",
  ),
  erpnextWarehouses: optional(
    "ERPNEXT_WAREHOUSES",
    words,
    "For `erpnext`: the warehouses that sell, separated by commas; left out, all of the company's.",
  ),
  erpnextTaxRate: optional(
    "ERPNEXT_TAX_RATE",
    decimalFromZero,
    "For `erpnext`: the one tax rate of all items, in percent; left out, no rate is told.",
  ),
  erpnextPriceDecimals: setting(
    "ERPNEXT_PRICE_DECIMALS",
    "2",
    wholeNumber(0, 6),
    "For `erpnext`: the decimals of a rate, as in its currency precision.",
  ),
  odooDatabase: optional("ODOO_DATABASE", plainText, "For `odoo`: the database's name."),
  odooUser: optional(
    "ODOO_USER",
    plainText,
    "For `odoo`: the login of the user that the key belongs to; from Odoo 19 on not needed.",
  ),
  odooApiKey: secret("ODOO_API_KEY", bearerToken, "For `odoo`: an API key of that user."),
  odooCompany: optional(
    "ODOO_COMPANY",
    plainText,
    "For `odoo`: the company's name or id; left out, the one that the user works in.",
  ),
  odooPublicPricelist: optional(
    "ODOO_PUBLIC_PRICELIST",
    plainText,
    "For `odoo`: name or id of the price list of public prices; left out, the products' own sales prices.",
  ),
  odooPriceAction: optional(
    "ODOO_PRICE_ACTION",
    wholeNumber(1, 2 ** 31 - 1),
    "For `odoo`: the id of the server action that answers many prices in one call (docs/erp/odoo.md); left out, each price of a list is a call.",
  ),
  bcTenant: optional("BC_TENANT", plainText, "For `business-central`: the id or domain of the Entra tenant."),
  bcEnvironment: setting("BC_ENVIRONMENT", "production", plainText, "For `business-central`: the environment's name."),
  bcCompany: optional(
    "BC_COMPANY",
    plainText,
    "For `business-central`: the company's name; left out, the only one that the application may see.",
  ),
  bcClientId: optional("BC_CLIENT_ID", plainText, "For `business-central`: the id of the registered application."),
  bcClientSecret: secret("BC_CLIENT_SECRET", plainText, "For `business-central`: that application's secret."),
  bcPublicCustomer: optional(
    "BC_PUBLIC_CUSTOMER",
    plainText,
    "For `business-central`: the number of the customer whose prices are the public's; left out, the prices on the items' cards.",
  ),
  bcLocations: optional(
    "BC_LOCATIONS",
    words,
    "For `business-central`: codes of the locations that sell, separated by commas; left out, each item's total.",
  ),
  bcTaxRate: optional(
    "BC_TAX_RATE",
    decimalFromZero,
    "For `business-central`: the one tax rate of the prices on the items' cards, in percent; left out, no rate is told.",
  ),
  bcTimeZone: setting(
    "BC_TIME_ZONE",
    "UTC",
    timeZone,
    "For `business-central`: where the days of its price lists begin, such as `Europe/Paris`.",
  ),
  bcLoginUrl: setting(
    "BC_LOGIN_URL",
    "https://login.microsoftonline.com",
    httpAddress,
    "For `business-central`: the login server, another one in a national cloud.",
  ),
  sapB1CompanyDb: optional(
    "SAPB1_COMPANY_DB",
    plainText,
    "For `sap-business-one`: the company's database, as people choose it at the login, such as `SBODEMOFR`.",
  ),
  sapB1User: optional("SAPB1_USER", plainText, "For `sap-business-one`: the user in whose name it is asked."),
  sapB1Password: secret("SAPB1_PASSWORD", plainText, "For `sap-business-one`: that user's password."),
  sapB1PublicPriceList: setting(
    "SAPB1_PUBLIC_PRICE_LIST",
    "1",
    wholeNumber(1, 2 ** 31 - 1),
    "For `sap-business-one`: the number of the price list that is public.",
  ),
  sapB1PublicCustomer: optional(
    "SAPB1_PUBLIC_CUSTOMER",
    plainText,
    "For `sap-business-one`: the code of the customer whose prices are the public's; left out, those of `SAPB1_PUBLIC_PRICE_LIST`.",
  ),
  sapB1Warehouses: optional(
    "SAPB1_WAREHOUSES",
    words,
    "For `sap-business-one`: codes of the warehouses that sell, separated by commas; left out, all of them.",
  ),
  sapB1LocalCurrency: optional(
    "SAPB1_LOCAL_CURRENCY",
    currencyCode,
    "For `sap-business-one`: the company's local currency, such as `EUR`, in which it keeps credit; left out, no credit is told.",
  ),
  sapB1Discount: optional(
    "SAPB1_DISCOUNT",
    oneOf("included", "apart"),
    "For `sap-business-one`: whether the prices it tells have their discount taken off (`included`) or not (`apart`); left out, that is found out by a special price.",
  ),
  sapB1TimeZone: setting(
    "SAPB1_TIME_ZONE",
    "UTC",
    timeZone,
    "For `sap-business-one`: where the days of its prices begin, such as `Europe/Paris`.",
  ),
} as const satisfies Record<string, Setting<unknown>>;

type ConnectorTable = typeof connectorSettings;
type ConnectorSettings = {
  readonly [Name in keyof ConnectorTable]: ConnectorTable[Name] extends Setting<infer T> ? T : never;
};

/** What each connector cannot do without. */
const needed: Readonly<Record<(typeof connectorNames)[number], readonly (keyof ConnectorTable)[]>> = {
  demo: [],
  port: ["erpUrl"],
  tryton: ["erpUrl", "trytonDatabase", "trytonUser", "trytonPassword"],
  sql: ["sqlUrl", "sqlUser", "sqlQueriesFile"],
  dolibarr: ["erpUrl", "erpToken", "dolibarrCurrency"],
  erpnext: ["erpUrl", "erpToken", "erpnextCompany"],
  odoo: ["erpUrl", "odooDatabase", "odooApiKey"],
  "business-central": ["bcTenant", "bcClientId", "bcClientSecret"],
  "sap-business-one": ["erpUrl", "sapB1CompanyDb", "sapB1User", "sapB1Password"],
};

export function missingForConnector(settings: ConnectorSettings): Mistake[] {
  const { connector } = settings;
  return needed[connector]
    .filter((name) => settings[name] === null)
    .map((name) => {
      const { env } = connectorSettings[name];
      return { variables: [env], message: `${env} is missing: ERP_CONNECTOR=${connector} needs it` };
    });
}
