import type { ServerResponse } from "node:http";

/** What an ERP, well or ill, may do with a call. */
export type Answer =
  | { readonly kind: "json"; readonly body: unknown }
  | {
      readonly kind: "raw";
      readonly status: number;
      readonly type: string;
      readonly text: string;
      readonly headers: Readonly<Record<string, string>>;
    }
  /** Takes the call and says nothing for as long as the caller holds on. */
  | { readonly kind: "hang" }
  /** Ends the connection, after the start of an answer where `begun` is given. */
  | { readonly kind: "hang-up"; readonly begun: string | null };

export function json(body: unknown): Answer {
  return { kind: "json", body };
}

/** An RFC 9457 problem, or just a status. Its detail is what must never reach a shop. */
export function problem(status: number, headers: Readonly<Record<string, string>> = {}): Answer {
  const text = JSON.stringify({ title: "Problem", status, detail: secretDetail });
  return { kind: "raw", status, type: "application/problem+json", text, headers };
}

/** Stands in every problem of the fake ERP: whoever finds it in an answer to a shop has found a leak. */
export const secretDetail = "row 17 of table erp_internal_prices";

export function raw(text: string, type = "application/json"): Answer {
  return { kind: "raw", status: 200, type, text, headers: {} };
}

export const html = raw("<html><body>Down for maintenance</body></html>", "text/html");
export const hang: Answer = { kind: "hang" };
export const hangUp: Answer = { kind: "hang-up", begun: null };
export const hangUpMidAnswer: Answer = { kind: "hang-up", begun: '{"lines":[{"ref":"' };

export function sendAnswer(response: ServerResponse, answer: Answer): void {
  switch (answer.kind) {
    case "json":
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer.body));
      return;
    case "raw":
      response.writeHead(answer.status, { "content-type": answer.type, ...answer.headers }).end(answer.text);
      return;
    case "hang":
      return;
    case "hang-up":
      if (answer.begun === null) response.destroy();
      // Destroyed only once the start was written, or nothing of it would be sent.
      else response.writeHead(200, { "content-length": "1000" }).write(answer.begun, () => response.destroy());
      return;
  }
}

/** A gate that holds answers back until it is opened. */
export function createGate(): { readonly opened: Promise<void>; open(): void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
