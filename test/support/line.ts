import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface Line {
  /** On the loopback. */
  readonly port: number;
  /** From now on nobody gets through, and who did is cut off. */
  cut(): void;
  /** From now on nothing gets through, and nobody is told: as a network that is gone. */
  freeze(): void;
}

/** A way to one server that each test can cut for itself: starting a server for each would take minutes. */
export async function openLine(to: number): Promise<Line> {
  const sockets = new Set<Socket>();
  let isFrozen = false;
  const server = createServer((near) => {
    if (isFrozen) {
      sockets.add(near);
      return;
    }
    const far = connect(to, "127.0.0.1");
    for (const [socket, other] of [[near, far] as const, [far, near] as const]) {
      sockets.add(socket);
      socket.pipe(other);
      socket.on("error", () => other.destroy());
      socket.on("close", () => sockets.delete(socket));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    cut() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
    freeze() {
      isFrozen = true;
      for (const socket of sockets) socket.unpipe().pause();
    },
  };
}
