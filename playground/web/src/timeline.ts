import { byId, duration, element } from "./dom.ts";

const PHASES = { fetch: "Fetch", session: "Session", first: "First call", call: "A call now" };
type Phase = keyof typeof PHASES;

/** The picture of where the time goes: one bar a phase, all on one scale. */
export interface Timeline {
  /** Notes how long a phase took, milliseconds, and what to say of it. */
  set(phase: Phase, milliseconds: number, note?: string): void;
}

export function createTimeline(): Timeline {
  const rows = Object.entries(PHASES).map(([phase, name]) => {
    const fill = element("span", "fill");
    const time = element("span", "share", "–");
    const note = element("span", "note");
    const label = element("span", "label", name, note);
    const row = element("li", phase, label, element("span", "bar", fill), time);
    return { phase, row, fill, time, note };
  });
  byId("timeline").append(...rows.map(({ row }) => row));
  const times = new Map<string, number>();
  return {
    set(phase, milliseconds, note = "") {
      times.set(phase, milliseconds);
      const longest = Math.max(...times.values());
      for (const row of rows) {
        const time = times.get(row.phase);
        if (time === undefined) continue;
        row.fill.style.scale = `${Math.max(time / longest, 0.004)} 1`;
        row.time.textContent = duration(time);
        if (row.phase === phase) row.note.textContent = note;
      }
    },
  };
}
