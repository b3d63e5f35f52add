import type { CpuProfile } from "./cpu-probe.js";

export interface Share {
  readonly name: string;
  /** Of the time in which the process was not idle, 0 to 1. */
  readonly share: number;
}

type ProfileNode = CpuProfile["nodes"][number];

/** Self time by package, the product's own files by folder, native code with whoever called it; highest first. */
export function byPackage(profile: CpuProfile): Share[] {
  return sumShares(profile, (node, owner) => packageOf(node, owner));
}

/** Self time by function, such as `executeFields · graphql`; highest first. */
export function byFunction(profile: CpuProfile): Share[] {
  return sumShares(profile, (node, owner) => {
    return `${node.callFrame.functionName || "(anonymous)"} · ${packageOf(node, owner)}`;
  });
}

/** @param nameOf names a node's time; `owner` is the nearest node, itself included, that has a file */
function sumShares(
  { nodes, samples = [], timeDeltas = [] }: CpuProfile,
  nameOf: (node: ProfileNode, owner: ProfileNode | null) => string,
): Share[] {
  const names = new Map(ownersOf(nodes).map(([node, owner]) => [node.id, nameOf(node, owner)]));
  const idle = new Set(nodes.filter(({ callFrame }) => callFrame.functionName === "(idle)").map(({ id }) => id));
  const times = new Map<string, number>();
  let busy = 0;
  for (const [index, id] of samples.entries()) {
    const name = names.get(id);
    if (name === undefined || idle.has(id)) continue;
    const time = timeDeltas[index] ?? 0;
    times.set(name, (times.get(name) ?? 0) + time);
    busy += time;
  }
  const shares = [...times].map(([name, time]) => ({ name, share: time / busy }));
  return shares.sort((a, b) => b.share - a.share);
}

function ownersOf(nodes: readonly ProfileNode[]): [ProfileNode, ProfileNode | null][] {
  const parents = new Map(nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node])));
  return nodes.map((node) => {
    let owner: ProfileNode | undefined = node;
    while (owner !== undefined && owner.callFrame.url === "") owner = parents.get(owner.id);
    return [node, owner ?? null];
  });
}

function packageOf({ callFrame }: ProfileNode, owner: ProfileNode | null): string {
  if (callFrame.functionName === "(garbage collector)") return "garbage collection";
  if (owner === null) return "V8: microtasks and the rest";
  const { url } = owner.callFrame;
  if (url.startsWith("node:")) return "node";
  const [, inPackage] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url) ?? [];
  if (inPackage !== undefined) return inPackage;
  const [, folder] = /\/dist\/((?:src\/)?[^/]+)\//.exec(url) ?? [];
  return folder ?? "pricelane";
}
