/**
 * Long profiles come packed: moments of one distance as the first one, the distance and how many
 * there are; states as runs. A year of half-hours is a third as long so.
 */
import type { Millis, PackedSeries, ProfilePayload, ProfileSeries, Quality } from "./payloads";

export type PackedProfile = Omit<ProfilePayload, "series"> & { series: PackedSeries[] };

/** The same with every moment and every state. */
export function unpacked(payload: PackedProfile): ProfilePayload {
  return { ...payload, series: payload.series.map(series) };
}

function series({ start, quality, ...rest }: PackedSeries): ProfileSeries {
  return {
    ...rest,
    ...(start && { start: Array.isArray(start) ? start : even(start.from, start.step, start.count) }),
    ...(quality && { quality: Array.isArray(quality) ? quality : spread(quality.runs) }),
  };
}

const even = (from: Millis, step: Millis, count: number): Millis[] =>
  Array.from({ length: count }, (_, place) => from + place * step);

const spread = (runs: [Quality, number][]): Quality[] =>
  runs.flatMap(([state, count]) => new Array<Quality>(count).fill(state));
