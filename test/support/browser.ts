import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { parts } from "./parts.js";

export interface TestBrowser {
  /** A page that sees nothing of the others' storage is had by another browser. */
  openPage(): Promise<WatchedPage>;
  close(): Promise<void>;
}

/** A page, and what happened in it since it was opened. */
export interface WatchedPage {
  readonly page: Page;
  /** Errors and warnings of the console, uncaught errors, refusals by the content security policy. */
  readonly complaints: readonly string[];
  /** The address of every request, answered or not; `data:` is none. */
  readonly requested: readonly string[];
}

const quiet = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-proxy-server",
];

export interface BrowserOptions {
  readonly colorScheme?: "light" | "dark";
  readonly viewport?: { readonly width: number; readonly height: number };
}

/** Starts Chromium without a window, with a profile of its own that `close` removes. */
export async function launchBrowser(options: BrowserOptions = {}): Promise<TestBrowser> {
  const profile = await mkdtemp(join(tmpdir(), "pricelane-browser-"));
  const { colorScheme = "light", viewport = { width: 1280, height: 800 } } = options;
  if (parts.chromium === null) throw new Error("Chromium is not installed: use describeWith");
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: parts.chromium,
    headless: true,
    args: quiet,
    colorScheme,
    viewport,
  });
  return {
    openPage: () => openWatched(context),
    async close() {
      await context.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

async function openWatched(context: BrowserContext): Promise<WatchedPage> {
  const page = await context.newPage();
  const complaints: string[] = [];
  const requested: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`uncaught: ${error.message}`));
  page.on("request", (request) => {
    if (!request.url().startsWith("data:")) requested.push(request.url());
  });
  return { page, complaints, requested };
}
