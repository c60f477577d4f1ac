/** Questions to /api/v1: the browser sends the device's cookie, which no script sees. */
import { answers, type Kept } from "./store";
import type { Problem } from "./types";

const ROOT = "/api/v1/";
export const APP = { "X-Faza-App": "1" };

/** The device works no longer: everything is to be forgotten. */
export class Gone extends Error {}

export type Asked = { state: "fresh" | "same"; kept: Kept } | { state: "offline" } | { state: "problem"; problem: Problem };

/** Sends a question. Raises Gone; a TypeError means that nobody was reached. */
export async function send(method: string, path: string, body?: unknown, key?: string): Promise<Response> {
  const headers: Record<string, string> = { ...APP, "Accept-Language": language() };
  if (key) headers["Idempotency-Key"] = key;
  let content: BodyInit | undefined;
  if (body instanceof FormData) content = body;
  else if (body !== undefined) {
    headers["Content-Type"] = "application/json";
    content = JSON.stringify(body);
  }
  return asked(path, { method, headers, body: content });
}

/** Asks anew and keeps the answer with its moment. Never by the browser's own cache. */
export async function renew(path: string, now: () => number = Date.now): Promise<Asked> {
  const old = await answers.get(path);
  const headers: Record<string, string> = { ...APP, "Accept-Language": language() };
  if (old?.etag) headers["If-None-Match"] = old.etag;
  let got: Response;
  try {
    got = await asked(path, { headers });
  } catch (error) {
    if (error instanceof Gone) throw error;
    return { state: "offline" };
  }
  if (got.status === 304 && old) {
    const kept = { ...old, at: now() };
    await answers.put(kept);
    return { state: "same", kept };
  }
  if (got.ok) {
    const kept = { path, at: now(), etag: got.headers.get("ETag"), data: (await got.json()) as unknown };
    await answers.put(kept);
    return { state: "fresh", kept };
  }
  if (got.status >= 500) return { state: "offline" };
  return { state: "problem", problem: await problemOf(got) };
}

export async function problemOf(got: Response): Promise<Problem> {
  try {
    return (await got.json()) as Problem;
  } catch {
    return { status: got.status, code: "unreadable", title: String(got.status) };
  }
}

async function asked(path: string, told: RequestInit): Promise<Response> {
  const got = await fetch(ROOT + path, { ...told, cache: "no-store", credentials: "same-origin" });
  if (got.status === 401) throw new Gone();
  return got;
}

function language(): string {
  return typeof document === "undefined" ? "ru" : document.documentElement.lang || "ru";
}
