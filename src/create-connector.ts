import type { Clock } from "./clock.js";
import { bcConcurrency, createBcConnector } from "./erp/business-central/bc-connector.js";
import type { DemoErp } from "./erp/demo/demo-erp.js";
import { createDolibarrConnector, dolibarrConcurrency } from "./erp/dolibarr/dolibarr-connector.js";
import { createErpNextConnector, erpNextConcurrency } from "./erp/erpnext/erpnext-connector.js";
import { createOdooConnector, odooConcurrency } from "./erp/odoo/odoo-connector.js";
import { createPortConnector } from "./erp/port/port-connector.js";
import { b1Concurrency, createB1Connector } from "./erp/sap-business-one/b1-connector.js";
import { createSqlConnector, sqlConcurrency } from "./erp/sql/sql-connector.js";
import { createTrytonConnector, trytonConcurrency } from "./erp/tryton/tryton-connector.js";
import type { Connector } from "./pricing/connector.js";
import type { Turns } from "./pricing/turns.js";
import type { Settings } from "./settings.js";
import type { Logger } from "./telemetry/logger.js";

/** Most calls at once at an ERP that nobody has measured yet. */
const portConcurrency = 8;

/** Opens the ERP that the settings name; the demonstration speaks the port, so it is asked as any other that does. */
export function createConnector(
  settings: Settings,
  demo: DemoErp | null,
  clock: Clock,
  log: Pick<Logger, "info" | "warn">,
  turns?: Turns,
): Connector {
  if (settings.connector === "sql") return createSql(settings, clock);
  if (settings.connector === "business-central") return createBusinessCentral(settings, clock, log, turns);
  const { connector, erpUrl, erpToken, erpMaxConcurrency, erpTimeoutMs: timeoutMs } = settings;
  const url = demo?.url ?? erpUrl;
  if (url === null) throw new Error("ERP_URL is missing, and the settings let it pass");
  switch (connector) {
    case "demo":
    case "port":
      return createPortConnector({
        name: connector,
        url,
        token: erpToken,
        maxConcurrency: erpMaxConcurrency ?? portConcurrency,
        timeoutMs,
        clock,
        turns,
      });
    case "tryton":
      return createTrytonConnector({
        url,
        database: settings.trytonDatabase ?? "",
        user: settings.trytonUser ?? "",
        password: settings.trytonPassword ?? "",
        company: settings.trytonCompany,
        maxConcurrency: erpMaxConcurrency ?? trytonConcurrency,
        timeoutMs,
        ...{ clock, turns },
      });
    case "dolibarr":
      return createDolibarrConnector({
        url,
        apiKey: erpToken ?? "",
        currency: settings.dolibarrCurrency ?? "",
        customerField: settings.dolibarrCustomerField,
        publicLevel: settings.dolibarrPublicLevel,
        maxConcurrency: erpMaxConcurrency ?? dolibarrConcurrency,
        timeoutMs,
        ...{ clock, log, turns },
      });
    case "erpnext":
      return createErpNextConnector({
        url,
        token: erpToken ?? "",
        company: settings.erpnextCompany ?? "",
        usualList: settings.erpnextPriceList,
        customerField: settings.erpnextCustomerField,
        warehouses: settings.erpnextWarehouses,
        taxRate: settings.erpnextTaxRate,
        digits: settings.erpnextPriceDecimals,
        maxConcurrency: erpMaxConcurrency ?? erpNextConcurrency,
        timeoutMs,
        ...{ clock, log, turns },
      });
    case "odoo":
      return createOdooConnector({
        url,
        database: settings.odooDatabase ?? "",
        user: settings.odooUser,
        key: settings.odooApiKey ?? "",
        company: settings.odooCompany,
        publicList: settings.odooPublicPricelist,
        priceAction: settings.odooPriceAction,
        maxConcurrency: erpMaxConcurrency ?? odooConcurrency,
        timeoutMs,
        ...{ clock, log, turns },
      });
    case "sap-business-one":
      return createB1Connector({
        url,
        companyDb: settings.sapB1CompanyDb ?? "",
        user: settings.sapB1User ?? "",
        password: settings.sapB1Password ?? "",
        publicPriceList: settings.sapB1PublicPriceList,
        publicCustomer: settings.sapB1PublicCustomer,
        warehouses: settings.sapB1Warehouses,
        localCurrency: settings.sapB1LocalCurrency,
        discount: settings.sapB1Discount,
        timeZone: settings.sapB1TimeZone,
        maxConcurrency: erpMaxConcurrency ?? b1Concurrency,
        timeoutMs,
        ...{ clock, log, turns },
      });
  }
}

function createSql(settings: Settings, clock: Clock): Connector {
  const { sqlUrl: url, sqlUser: user, sqlQueriesFile: queriesFile, sqlPassword, sqlTls, sqlWarehouses } = settings;
  if (url === null || user === null || queriesFile === null)
    throw new Error("SQL_URL, SQL_USER or SQL_QUERIES_FILE is missing, and the settings let it pass");
  return createSqlConnector({
    ...{ url, user, queriesFile, password: sqlPassword, tls: sqlTls, warehouses: sqlWarehouses },
    company: settings.erpCompany,
    maxConcurrency: settings.erpMaxConcurrency ?? sqlConcurrency,
    timeoutMs: settings.erpTimeoutMs,
    clock,
  });
}

const bcAddress = "https://api.businesscentral.dynamics.com";

function createBusinessCentral(
  settings: Settings,
  clock: Clock,
  log: Pick<Logger, "info">,
  turns: Turns | undefined,
): Connector {
  return createBcConnector({
    url: settings.erpUrl ?? new URL(bcAddress),
    loginUrl: settings.bcLoginUrl,
    tenant: settings.bcTenant ?? "",
    clientId: settings.bcClientId ?? "",
    clientSecret: settings.bcClientSecret ?? "",
    environment: settings.bcEnvironment,
    company: settings.bcCompany,
    publicCustomer: settings.bcPublicCustomer,
    locations: settings.bcLocations,
    taxRate: settings.bcTaxRate,
    timeZone: settings.bcTimeZone,
    maxConcurrency: settings.erpMaxConcurrency ?? bcConcurrency,
    timeoutMs: settings.erpTimeoutMs,
    ...{ clock, log, turns },
  });
}
