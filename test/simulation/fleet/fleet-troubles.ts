import type { SeededRandom } from "../seeded-random.js";
import type { SimulatedFleet } from "./simulated-fleet.js";
import type { SimulatedReplica } from "./simulated-replica.js";

type Trouble = (fleet: SimulatedFleet, one: SimulatedReplica, random: SeededRandom) => void;

/** Of every second replica, by number: a network that parts. */
function half(fleet: SimulatedFleet, random: SeededRandom): SimulatedReplica[] {
  const odd = random.int(0, 1);
  return fleet.living.filter(({ replica }) => replica % 2 === odd);
}

const stepsMs = [40, 700, 3_000, 20_000];

/** What goes wrong, by kind; each kind has what undoes it besides. */
export const troubles: Readonly<Record<"store" | "routes" | "replicas" | "clocks", Readonly<Record<string, Trouble>>>> =
  {
    store: {
      "store stops": ({ store }) => store.stop(),
      "store goes on": ({ store }) => store.goOn(),
      "store is killed": ({ store }) => store.kill(),
      "store is killed and starts at once": ({ store }) => {
        store.kill();
        store.restart();
      },
      "store starts": ({ store }) => store.restart(),
      "store is slow": ({ store }, _one, random) => {
        store.commandMs = random.pick([3, 20, 150]);
      },
      "store is full": ({ store }) => {
        store.isFull = true;
      },
      "store has room and time": ({ store }) => {
        store.isFull = false;
        store.commandMs = 0;
      },
      "store evicts": ({ store }, _one, random) => store.evict(random.int(2, 5)),
    },
    routes: {
      "one is cut off": (_fleet, { client }) => client.cut(),
      "half are cut off": (fleet, _one, random) => {
        for (const { client } of half(fleet, random)) client.cut();
      },
      "one is not heard": (_fleet, { client }) => {
        client.route.isDeaf = true;
      },
      "one hears nothing": (_fleet, { client }) => {
        client.route.isMute = true;
      },
      "half are held up": (fleet, _one, random) => {
        for (const { client } of half(fleet, random)) Object.assign(client.route, { isDeaf: true, isMute: true });
      },
      "one is far off": (_fleet, { client }, random) => {
        client.route.delayMs = random.pick([
          [1, 80],
          [30, 60],
          [100, 900],
        ] as const);
      },
      "routes are mended": ({ living }) => {
        for (const { client } of living) client.mend();
      },
      "one route is mended": (_fleet, { client }) => client.mend(),
    },
    replicas: {
      "one is killed": (_fleet, one) => one.kill(),
      "one is killed and another starts": (fleet, one) => {
        one.kill();
        fleet.start();
      },
      "one leaves": (fleet, one) => fleet.leave(one),
      "one stops": (_fleet, one) => one.stop(),
      "all go on": ({ living }) => {
        for (const one of living) one.goOn();
      },
      "one starts": (fleet) => fleet.startMissing(1),
      "all that are missing start": (fleet) => fleet.startMissing(),
    },
    clocks: {
      "one's clock is set": (_fleet, { process }, random) =>
        process.setClock(random.pick(stepsMs) * random.pick([1, -1])),
      // Set back by less than a second, ages would be told too young by as much: no machine's clock is slewed that fast.
      "the store's clock is set forward": ({ store }, _one, random) => {
        store.aheadMs += random.pick(stepsMs);
      },
      "the store's clock is set back": ({ store }, _one, random) => {
        if (store.state === "running") store.aheadMs -= random.int(1_100, 20_000);
      },
    },
  };
