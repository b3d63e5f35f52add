import { afterAll, beforeAll, expect, test } from "vitest";
import { canonical, compareDecimals } from "../../../src/pricing/decimal.js";
import { createRandom } from "../../scenario/random.js";
import { GatewayProcess } from "../../support/gateway-process.js";
import { authSecrets, GraphQLClient, mintToken } from "../../support/graphql-client.js";
import { describeWith } from "../../support/parts.js";
import { type RunningTryton, startTryton, startTrytonTimeoutMs } from "../../support/tryton.js";

const query = `query ($input: ValidateCartInput!) { validateCart(input: $input) {
  verdict netTotal { amount } grossTotal { amount } lines { sku quantity price net { amount } lineNet { amount } } } }`;

interface Charged {
  readonly netTotal: { readonly amount: string } | null;
  readonly grossTotal: { readonly amount: string } | null;
  readonly lines: readonly {
    readonly sku: string;
    readonly quantity: string;
    readonly price: string;
    readonly net: { readonly amount: string };
    readonly lineNet: { readonly amount: string };
  }[];
}
interface TrytonDecimal {
  readonly decimal: string;
}
type Row = Readonly<Record<string, unknown>>;

/** Products that are sold by the piece, the dozen, the kilogram and the metre, at random quantities that Tryton can hold. */
function drawCart(seed: number): (readonly [sku: string, quantity: string])[] {
  const random = createRandom(seed);
  const whole = (most: number) => 1 + Math.floor(random() * most);
  const valves = Array.from(
    { length: 10 },
    () => [`VALVE-${String(whole(30)).padStart(3, "0")}`, `${whole(60)}`] as const,
  );
  const others = ["FINE-1", "FINE-2", "FINE-3", "NO-TAX-1", "DOZEN-1", "TOOL-002"].map(
    (sku) => [sku, `${whole(40)}`] as const,
  );
  const parts = ["CABLE-1", "POWDER-1"].map((sku) => [sku, (whole(3000) / 100).toFixed(2)] as const);
  return [...valves, ...others, ...parts];
}

interface Amounts {
  readonly untaxed: string;
  readonly total: string;
  readonly lines: readonly string[];
}

/** Tryton answers the lines in an order of its own, and writes as many zeros as it likes. */
function byValue({ untaxed, total, lines }: Amounts): Amounts {
  const [plainUntaxed = "", plainTotal = "", ...plainLines] = [untaxed, total, ...lines].map(canonical);
  return { untaxed: plainUntaxed, total: plainTotal, lines: plainLines.sort(compareDecimals) };
}

function found(row: Row | undefined): Row {
  if (row === undefined) throw new Error("Tryton has no such row");
  return row;
}

describeWith("tryton", "a validated cart that is entered as a sale in Tryton", () => {
  let tryton: RunningTryton;
  let gateway: GatewayProcess;

  beforeAll(async () => {
    tryton = await startTryton();
    await addTaxes();
    gateway = await GatewayProcess.start({
      ...{ ERP_CONNECTOR: "tryton", ERP_URL: tryton.url.href, TRYTON_DATABASE: tryton.database },
      ...{ TRYTON_USER: tryton.user, TRYTON_PASSWORD: tryton.password, AUTH_SECRETS: authSecrets },
      ...{ DEADLINE_CHECKOUT_MS: "25000", ERP_TIMEOUT_MS: "20000" },
    });
  }, startTrytonTimeoutMs);

  afterAll(async () => {
    await gateway?.stop();
    await tryton?.stop();
  });

  const search = async (model: string, domain: unknown[], fields: string[]) =>
    (await tryton.asAdmin(`model.${model}.search_read`, domain, 0, 1000, null, fields)) as Row[];

  /** Two taxes on one line, and two of one rate on different lines: Tryton rounds each of them for itself. */
  async function addTaxes(): Promise<void> {
    const [model] = await search(
      "account.tax",
      [["name", "=", "VAT 20 %"]],
      ["invoice_account", "credit_note_account"],
    );
    for (const [name, rate, category] of [
      ["Levy 2.1 %", "0.021", "Accounts reduced"],
      ["Other VAT 20 %", "0.2", "Accounts without tax"],
    ] as const) {
      const [id] = (await tryton.asAdmin("model.account.tax.create", [
        {
          ...{ name, description: name, company: 1, type: "percentage", rate: { __class__: "Decimal", decimal: rate } },
          ...{ invoice_account: model?.["invoice_account"], credit_note_account: model?.["credit_note_account"] },
        },
      ])) as number[];
      const [category_] = await search("product.category", [["name", "=", category]], ["id"]);
      await tryton.asAdmin("model.product.category.write", [category_?.["id"]], { customer_taxes: [["add", [id]]] });
    }
  }

  async function validate(
    customer: string,
    lines: readonly (readonly [sku: string, quantity: string])[],
  ): Promise<Charged> {
    const client = new GraphQLClient(gateway.url);
    const token = mintToken({ scope: "checkout", sub: customer });
    const input = { lines: lines.map(([sku, quantity], n) => ({ key: `${n}`, sku, quantity })) };
    const answer = await client.ask(query, { token, variables: { input } });
    expect(answer.errors).toEqual([]);
    return answer.at("validateCart") as Charged;
  }

  /** Enters the lines as Tryton's client does: the product is chosen, the form fills in unit and taxes, the price is the cart's. */
  async function enterAsSale(customer: string, { lines }: Charged) {
    const [party] = await search("party.party", [["code", "=", customer]], ["sale_price_list", "addresses"]);
    const entered = [];
    for (const { sku, quantity, net } of lines) {
      const [product] = await search(
        "product.product",
        [
          ["code", "=", sku],
          ["active", "=", true],
        ],
        ["id"],
      );
      const asked = {
        // Tryton keeps quantities as floats: it is the one number here that is no decimal.
        ...{ type: "line", product: product?.["id"], quantity: Number(quantity), taxes: [], company: 1 },
        ...{ "_parent_sale.party": party?.["id"], "_parent_sale.company": 1, "_parent_sale.currency": 1 },
        ...{ "_parent_sale.price_list": party?.["sale_price_list"] },
      };
      const [filled] = (await tryton.asAdmin("model.sale.line.on_change", asked, ["product"])) as [Row];
      const added = (filled["taxes"] as { add?: [number, { id: number }][] } | undefined)?.add ?? [];
      const unit_price = { __class__: "Decimal", decimal: net.amount };
      const taxes = [["add", added.map(([, { id }]) => id)]];
      entered.push({
        type: "line",
        product: product?.["id"],
        quantity: Number(quantity),
        unit: filled["unit"],
        unit_price,
        taxes,
      });
    }
    const address = (found(party)["addresses"] as number[])[0];
    const [warehouse] = await search("stock.location", [["type", "=", "warehouse"]], ["id"]);
    const sale = {
      party: party?.["id"],
      invoice_address: address,
      shipment_address: address,
      warehouse: warehouse?.["id"],
      lines: [["create", entered]],
    };
    const ids = (await tryton.asAdmin("model.sale.sale.create", [sale])) as number[];
    const [row] = await search("sale.sale", [["id", "in", ids]], ["untaxed_amount", "total_amount"]);
    const amounts = await search("sale.line", [["sale", "in", ids]], ["amount"]);
    return {
      untaxed: (found(row)["untaxed_amount"] as TrytonDecimal).decimal,
      total: (found(row)["total_amount"] as TrytonDecimal).decimal,
      lines: amounts.map((each) => (each["amount"] as TrytonDecimal).decimal),
    };
  }

  // Prices of four decimals and quantities of two, so that most lines end in a fraction of a cent, and some in its half.
  const carts: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
    [
      "C-BREAKS",
      [
        ["VALVE-002", "25"],
        ["VALVE-002", "4"],
        ["CABLE-1", "12.57"],
        ["POWDER-1", "2.51"],
        ["VALVE-010", "3"],
      ],
    ],
    [
      "C-PERCENT",
      [
        ["FINE-1", "3"],
        ["FINE-2", "10"],
        ["FINE-2", "30"],
        ["FINE-3", "1"],
        ["VALVE-020", "7"],
        ["VALVE-030", "1"],
      ],
    ],
    [
      "C-PERCENT",
      [
        ["NO-TAX-1", "1"],
        ["FINE-1", "7"],
        ["VALVE-001", "1"],
        ["NO-TAX-1", "3"],
        ["VALVE-010", "11"],
      ],
    ],
    [
      "C-EXPORT",
      [
        ["FINE-1", "9"],
        ["CABLE-1", "0.37"],
        ["VALVE-010", "5"],
      ],
    ],
    [
      "C-FIXED",
      [
        ["VALVE-003", "3"],
        ["VALVE-005", "13"],
        ["DOZEN-1", "5"],
        ["FREE-1", "2"],
      ],
    ],
    [
      "C-GROSS",
      [
        ["FINE-1", "1"],
        ["TOOL-001", "3"],
        ["VALVE-030", "9"],
        ["SERVICE-1", "2"],
      ],
    ],
    [
      "C-PERCENT",
      Array.from({ length: 25 }, (_, n) => [`VALVE-${String(n + 1).padStart(3, "0")}`, String((n % 7) + 1)] as const),
    ],
    ...[1, 2, 3, 4].map((seed) => ["C-BREAKS", drawCart(seed)] as const),
    ...[5, 6].map((seed) => ["C-CHILD", drawCart(seed)] as const),
  ];

  test.each(carts)(
    "is charged exactly what was validated: %s, cart %#",
    { timeout: 90_000 },
    async (customer, lines) => {
      const validated = await validate(customer, lines);
      expect(validated.lines.map(({ price }) => price)).toEqual(lines.map(() => "UNCHANGED"));
      const { netTotal, grossTotal, lines: judged } = validated;
      const amounts = judged.map(({ lineNet }) => lineNet.amount);
      const told = { untaxed: netTotal?.amount ?? "none", total: grossTotal?.amount ?? "none", lines: amounts };
      expect(byValue(told)).toEqual(byValue(await enterAsSale(customer, validated)));
    },
  );
});
