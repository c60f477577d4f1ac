/** The queue sent by the API, by one tab or worker at a time. */
import { Gone, send } from "./client";
import { type Desk, deliver, type Outcome } from "./queue";
import { outbox } from "./store";

const LOCK = "faza-outbox";
export const CHANNEL = "faza";
/** Said by whoever changed something that other tabs show. */
export type Said = "queue" | "gone";

const desk: Desk = {
  ...outbox,
  post: async (path, body, key) => {
    const got = await send("POST", path, body, key);
    let told: unknown = null;
    try {
      told = await got.json();
    } catch {
      // Of an answer that is no JSON the status alone counts.
    }
    return { status: got.status, body: told };
  },
};

/** Sends what waits; "later" where nobody is reached. Raises Gone. */
export async function flush(): Promise<Outcome[]> {
  const work = async (): Promise<Outcome[]> => {
    try {
      const told = await deliver(desk);
      if (told.some((one) => one !== "later")) say("queue");
      return told;
    } catch (error) {
      if (error instanceof Gone) throw error;
      return ["later"];
    }
  };
  return "locks" in navigator ? navigator.locks.request(LOCK, work) : work();
}

export function say(what: Said): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(what);
  channel.close();
}
