export type FakeDoc = Record<string, unknown>;
type Docs = Readonly<Record<string, readonly FakeDoc[]>>;

/** `frappe.client.get_list`, with the operators that are asked of it. */
export function answerList(docs: Docs, params: Record<string, unknown>): FakeDoc[] {
  const filters = params["filters"] as [string, string, unknown][];
  const fields = params["fields"] as string[];
  const rows = (docs[params["doctype"] as string] ?? []).filter((row) => filters.every((filter) => holds(row, filter)));
  const [by = "name", direction] = String(params["order_by"] ?? "modified desc").split(" ");
  const sign = direction === "desc" ? -1 : 1;
  const sorted = [...rows].sort((a, b) => sign * (String(a[by]) < String(b[by]) ? -1 : 1));
  const group = params["group_by"] as string | undefined;
  const grouped = group === undefined ? sorted : [...new Map(sorted.map((row) => [row[group], row])).values()];
  const limit = Number(params["limit_page_length"] ?? 20);
  const page = limit === 0 ? grouped : grouped.slice(0, limit);
  const names = fields.length === 0 ? ["name"] : fields;
  return page.map((row) => Object.fromEntries(names.map((name) => [name, row[name] ?? null])));
}

/** As the usual collation compares: case does not count. */
function holds(row: FakeDoc, [field, operator, value]: [string, string, unknown]): boolean {
  const own = String(row[field] ?? "").toLowerCase();
  if (operator === "in") return (value as unknown[]).some((each) => String(each).toLowerCase() === own);
  if (operator === ">") return own > String(value).toLowerCase();
  return own === String(value).toLowerCase();
}

/** `apply_price_list`: null where an item does not exist, which fails the call as a whole. */
export function priceOrder(docs: Docs, order: FakeDoc): FakeDoc | null {
  const lines = order["items"] as FakeDoc[];
  const known = new Set((docs["Item"] ?? []).map(({ name }) => name));
  if (lines.some(({ item_code: sku }) => !known.has(sku))) return null;
  const { items: _, ...terms } = order;
  return {
    parent: { price_list_currency: order["currency"] },
    children: lines.map((line) => priceLine(docs, { ...terms, ...line })),
  };
}

function priceLine(docs: Docs, args: FakeDoc): FakeDoc {
  const price = findItemPrice(docs["Item Price"] ?? [], args);
  const rule = findRule(docs["Pricing Rule"] ?? [], args);
  const child = { doctype: args["doctype"], name: args["name"], has_margin: false, free_item_data: [] };
  return {
    ...child,
    ...(price === null ? {} : { price_list_rate: price }),
    ...(rule === null ? {} : applyRule(rule, args)),
  };
}

function findItemPrice(prices: readonly FakeDoc[], args: FakeDoc): number | null {
  const day = String(args["transaction_date"]);
  const fitting = prices.filter(
    (price) =>
      price["item_code"] === args["item_code"] &&
      price["price_list"] === args["price_list"] &&
      String(price["valid_from"] ?? "2000-01-01") <= day &&
      String(price["valid_upto"] ?? "2500-12-31") >= day,
  );
  const own = fitting.find(({ customer }) => customer != null && customer === args["customer"]);
  const found = own ?? fitting.find(({ customer }) => customer == null);
  return found === undefined ? null : (found["price_list_rate"] as number);
}

function findRule(rules: readonly FakeDoc[], args: FakeDoc): FakeDoc | null {
  const quantity = Number(args["stock_qty"]);
  const amount = Number(args["price_list_rate"] ?? 0) * Number(args["qty"]);
  const day = String(args["transaction_date"]);
  const isFor = (rule: FakeDoc, field: string, of = field) => rule[field] == null || rule[field] === args[of];
  const fitting = rules.filter(
    (rule) =>
      rule["disable"] === 0 &&
      isFor(rule, "item_code") &&
      isFor(rule, "customer") &&
      isFor(rule, "customer_group") &&
      isFor(rule, "for_price_list", "price_list") &&
      quantity >= Number(rule["min_qty"] ?? 0) &&
      (Number(rule["max_qty"] ?? 0) === 0 || quantity <= Number(rule["max_qty"])) &&
      amount >= Number(rule["min_amt"] ?? 0) &&
      String(rule["valid_from"] ?? "2000-01-01") <= day &&
      String(rule["valid_upto"] ?? "2500-12-31") >= day,
  );
  const sorted = fitting.sort((a, b) => Number(b["min_qty"] ?? 0) - Number(a["min_qty"] ?? 0));
  return sorted[0] ?? null;
}

function applyRule(rule: FakeDoc, args: FakeDoc): FakeDoc {
  const told: FakeDoc = { pricing_rules: JSON.stringify([rule["name"]]) };
  if (rule["rate"] !== undefined) told["price_list_rate"] = rule["rate"];
  if (rule["margin_type"] !== undefined) {
    Object.assign(told, {
      margin_type: rule["margin_type"],
      margin_rate_or_amount: rule["margin_rate_or_amount"],
      has_margin: true,
    });
  }
  if (rule["discount_amount"] !== undefined) told["discount_amount"] = rule["discount_amount"];
  const percent = rule["discount_percentage"];
  const rate = args["price_list_rate"];
  // Told a price it works out the amount, and the percentage from that amount: with all that floats lose on the way.
  if (percent !== undefined && rate !== undefined) {
    const discount = Number(rate) * (Number(percent) / 100);
    Object.assign(told, { discount_amount: discount, discount_percentage: (discount / Number(rate)) * 100 });
  } else if (percent !== undefined) told["discount_percentage"] = percent;
  return told;
}
