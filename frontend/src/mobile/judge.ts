/** What is odd about a typed value, told before it is sent and without a network. */
import type { Dial } from "./types";

export type Doubt = "less" | "same" | "little" | "much";

export interface Judged {
  /** Counted since the last reading; null where there is none, or where it went back. */
  counted: number | null;
  doubts: Doubt[];
}

/** A value against the last one and what is usual; docs/reference/manual-entry.md, «What is asked». */
export function judge(value: number, dial: Pick<Dial, "last" | "usual">): Judged {
  if (dial.last == null) return { counted: null, doubts: [] };
  const counted = Number((value - dial.last).toFixed(6));
  if (counted < 0) return { counted: null, doubts: ["less"] };
  const { usual } = dial;
  if (counted === 0 && usual && usual.low > 0) return { counted, doubts: ["same"] };
  if (usual && counted < usual.low) return { counted, doubts: ["little"] };
  if (usual && counted > usual.high) return { counted, doubts: ["much"] };
  return { counted, doubts: [] };
}

/** Whether the meter's face can show it. */
export function fits(value: string, dial: Pick<Dial, "digits" | "decimals">): boolean {
  const [whole = "", fraction = ""] = value.split(".");
  return whole.replace(/^0+(?=\d)/, "").length <= dial.digits && fraction.length <= dial.decimals;
}
