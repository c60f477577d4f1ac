/** What a screen is: the questions it asks, and nodes drawn of their answers. */
import type { Me, Point, Problem } from "./types";

export interface Context {
  me: Me;
  points: Point[];
  point: Point;
  /** The day by the point's clock. */
  today: string;
  /** What follows the screen's name in the address. */
  rest: string[];
}

export interface Answer<T = unknown> {
  data?: T;
  problem?: Problem;
}

export type Answers = Record<string, Answer>;

export interface Screen {
  /** A key of words: the page's title. */
  title: string;
  /** The tab that is current on it. */
  tab: string;
  /** Where Back leads, on screens of one thing. */
  back?: (context: Context) => string;
  needs(context: Context): Record<string, string>;
  /** `again` asks and draws anew, after something was changed. */
  draw(answers: Answers, context: Context, again: () => void): (Node | null)[] | Promise<(Node | null)[]>;
}

/** The data of an answer, if there is any. */
export function of<T>(answers: Answers, name: string): T | undefined {
  return answers[name]?.data as T | undefined;
}

/** The path of a usage point's question. */
export function ofPoint(context: Context, what: string, asked: Record<string, string> = {}): string {
  const query = new URLSearchParams(asked).toString();
  return `usage-points/${encodeURIComponent(context.point.code)}/${what}${query ? `?${query}` : ""}`;
}
