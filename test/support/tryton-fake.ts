import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

export interface FakeCall {
  readonly method: string;
  readonly params: readonly unknown[];
}

/** What the fake says to one call. */
export type FakeAnswer =
  | { readonly result: unknown }
  | { readonly error: unknown }
  | { readonly status: number; readonly text?: string; readonly headers?: Record<string, string> }
  | "hang";

export interface FakeTryton {
  readonly url: URL;
  readonly calls: FakeCall[];
  /** Logins asked for, refused ones included. */
  readonly logins: number;
  password: string;
  /** Answers all but logins; calls without an open session are 401 before it is asked. */
  answer: (call: FakeCall) => FakeAnswer;
  /** Answers logins in place of the check of the password, where set. */
  answerLogin: (() => FakeAnswer) | null;
  /** Sessions opened so far are over. */
  endSessions(): void;
  stop(): Promise<void>;
}

/** Tryton's JSON-RPC as far as sessions and errors go, on the loopback. */
export async function startFakeTryton(): Promise<FakeTryton> {
  let logins = 0;
  let firstOpen = 1;

  function logIn({ params }: FakeCall): FakeAnswer {
    logins += 1;
    if (fake.answerLogin !== null) return fake.answerLogin();
    const { password } = params[1] as { password: string };
    return password === fake.password ? { result: [7, `key-${logins}`] } : { status: 401, text: "<html>no</html>" };
  }

  function answerTo(call: FakeCall, authorization: string | undefined): FakeAnswer {
    fake.calls.push(call);
    if (call.method === "common.db.login") return logIn(call);
    const [, , key] = Buffer.from((authorization ?? "").replace("Session ", ""), "base64")
      .toString()
      .split(":");
    const isOpen = Number(key?.replace("key-", "")) >= firstOpen;
    return isOpen ? fake.answer(call) : { status: 401, text: "" };
  }

  const server = createServer(async (request, response) => {
    const answer = answerTo(await readCall(request), request.headers.authorization);
    if (answer === "hang") return;
    if ("status" in answer) response.writeHead(answer.status, answer.headers).end(answer.text ?? "");
    else response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ id: 1, ...answer }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const fake: FakeTryton = {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`),
    calls: [],
    get logins() {
      return logins;
    },
    password: "right",
    answer: () => ({ result: "answered" }),
    answerLogin: null,
    endSessions() {
      firstOpen = logins + 1;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return fake;
}

async function readCall(request: IncomingMessage): Promise<FakeCall> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString()) as FakeCall;
}
